import { CopyBuffer } from './copy-buffer.ts'
import type { SyncWire } from './sync-wire.ts'

/** Rows for one table that go to the server by COPY: chunk by chunk while there are more, or all at the end. */
export class TableCopy {
  readonly #wire: SyncWire
  readonly #text: string
  readonly #columns: number
  readonly #buffer = new CopyBuffer()
  #isUnderWay = false

  constructor(wire: SyncWire, table: string, columns: readonly string[]) {
    this.#wire = wire
    this.#text = `COPY ${table} (${columns.join(', ')}) FROM STDIN (FORMAT binary)`
    this.#columns = columns.length
  }

  /** Whether the server waits for more rows: until `end` it can be asked nothing else. */
  get isUnderWay(): boolean {
    return this.#isUnderWay
  }

  /** Rows since it began, those that were sent as well. */
  get rows(): number {
    return this.#buffer.rows
  }

  /** Begins a row; its values are put into the buffer that is returned, in the order of the columns. */
  beginRow(): CopyBuffer {
    this.#buffer.beginRow(this.#columns)
    return this.#buffer
  }

  /** Sends whole chunks on their way, where there are any. */
  sendFull(): void {
    const chunks = this.#buffer.takeFull()
    if (chunks.length > 0) this.#send(chunks)
  }

  /** Sends what is left and waits until the server has taken all of it. @throws {PostgresError} what it said */
  end(): void {
    if (this.#buffer.rows === 0) return
    this.#send(this.#buffer.take())
    this.#isUnderWay = false
    this.#wire.request({ kind: 'copy-end', isAborted: false })
  }

  /** Forgets all rows, those that were sent as well. */
  abort(): void {
    this.#buffer.clear()
    if (this.#isUnderWay) this.#wire.abortCopy()
    this.#isUnderWay = false
  }

  #send(chunks: readonly Uint8Array[]): void {
    if (!this.#isUnderWay) this.#wire.post({ kind: 'copy-begin', text: this.#text })
    this.#isUnderWay = true
    for (const chunk of chunks) this.#wire.post({ kind: 'copy-data', chunk })
  }
}
