import type { Client } from 'pg'
import { type CopyStreamQuery, from as copyFrom } from 'pg-copy-streams'

/** One COPY into a table: rows are sent as they come, and whether the server took them is known at its end. */
export class CopyInput {
  readonly #sink: CopyStreamQuery
  readonly #ended: Promise<void>
  #hasFailed = false

  constructor(client: Client, text: string) {
    const sink = client.query(copyFrom(text))
    this.#sink = sink
    this.#ended = new Promise<void>((resolve, reject) => {
      sink.on('finish', resolve)
      sink.on('error', (error) => {
        this.#hasFailed = true
        reject(error)
      })
    })
    // Told to whoever ends it.
    this.#ended.catch(() => undefined)
  }

  /** What comes after the server has refused it goes nowhere. */
  write(chunk: Uint8Array): void {
    if (!this.#hasFailed) this.#sink.write(chunk)
  }

  /** @returns the number of rows @throws what the server said, whenever that was */
  async end(): Promise<number> {
    if (!this.#hasFailed) this.#sink.end()
    await this.#ended
    return this.#sink.rowCount
  }

  /** Resolves when the server has forgotten its rows. */
  async abort(): Promise<void> {
    if (!this.#hasFailed) this.#sink.destroy(new Error('The transaction was given up'))
    await this.#ended.catch(() => undefined)
  }
}
