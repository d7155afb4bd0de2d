import { PostgresError } from '../../postgres/postgres-error.ts'
import type { SqlConnection, SqlStatement } from '../sql-connection.ts'
import { DeferredRows } from './deferred-rows.ts'
import { POSTGRES_DIALECT } from './postgres-dialect.ts'
import { PostgresStatement } from './postgres-statement.ts'
import type { SyncWire } from './sync-wire.ts'
import { type Translated, translate } from './translate.ts'
import type { WireRows, WireValue } from './wire-protocol.ts'

/** Rows that wait beside the deferred ones: `message-copy.ts`. */
export interface BufferedTable {
  readonly table: string
  flush(): void
  /** Brings to its end what is half sent: a connection does one thing at a time. */
  settle(): void
  clear(): void
}

/**
 * A connection to a PostgreSQL-wire server in the shape the store's writer and readers work with. Statements are
 * translated and prepared once; rows that nobody asks about wait until they are needed.
 */
export class PostgresConnection implements SqlConnection {
  readonly dialect = POSTGRES_DIALECT
  readonly wire: SyncWire
  readonly #deferred: DeferredRows
  readonly #buffered: BufferedTable[] = []
  /** Names of prepared statements by their text. */
  readonly #names = new Map<string, string>()
  #inTransaction = false
  /** Until a server says that it has no COPY of bytes to here. */
  #hasCopyOut = true
  /** Reads what is left of an open cursor into memory: a connection does one thing at a time. */
  #drain: (() => void) | null = null

  constructor(wire: SyncWire) {
    this.wire = wire
    this.#deferred = new DeferredRows(wire)
  }

  get inTransaction(): boolean {
    return this.#inTransaction
  }

  /** Has a table's own buffer written before the table is read. */
  buffer(table: BufferedTable): void {
    this.#buffered.push(table)
  }

  prepare<Parameters extends unknown[] = unknown[], Row = unknown>(
    sql: string,
  ): SqlStatement<Parameters, Row> {
    return new PostgresStatement<Parameters, Row>(this, translate(sql), 'object')
  }

  /** Runs a translated statement; what it touches is written first. */
  run(statement: Translated, values: readonly WireValue[]): WireRows {
    const control = /^\s*(BEGIN|COMMIT|ROLLBACK)/.exec(statement.text)?.[1]
    if (control === 'ROLLBACK') this.#clear()
    else if (control === 'COMMIT') this.#flush(null)
    else this.#flush(statement, values)
    const rows = this.request(statement.text, values, control === undefined)
    if (control === 'COMMIT') this.#deferred.committed()
    if (control !== undefined) {
      this.#inTransaction = control === 'BEGIN'
      this.#clear()
    }
    return rows
  }

  defer(statement: Translated, values: WireValue[]): boolean {
    if (!this.#inTransaction) return false
    if (statement.replacement !== null) this.#deferred.put(statement.replacement, values)
    else if (statement.removal !== null) this.#deferred.remove(statement.removal, values)
    else return false
    return true
  }

  copyBytes(sql: string, values: readonly number[]): Uint8Array | null {
    if (!this.#hasCopyOut) return null
    const statement = translate(sql)
    this.#flush(statement)
    this.#settle()
    this.#drain?.()
    try {
      const text = `COPY (${withNumbers(statement.text, values)}) TO STDOUT (FORMAT binary)`
      return this.guarded(() => this.wire.request({ kind: 'copy-out', text })).rows[0]?.[0] as Uint8Array
    } catch (error) {
      if (!(error instanceof PostgresError) || !NOT_SUPPORTED.includes(error.code)) throw error
      this.#hasCopyOut = false
      return null
    }
  }

  /** Sends one statement as it is. */
  request(text: string, values: readonly WireValue[] = [], isPrepared = false): WireRows {
    this.#settle()
    this.#drain?.()
    return this.guarded(() =>
      this.wire.request({ kind: 'query', text, values, ...(isPrepared ? { name: this.#nameOf(text) } : {}) }),
    )
  }

  /** Sends a statement that may take longer than others, ms. */
  requestLong(text: string, timeoutMs: number): WireRows {
    return this.guarded(() => this.wire.request({ kind: 'query', text, values: [] }, timeoutMs))
  }

  /** Rows of a statement page by page. */
  *stream(statement: Translated, values: readonly WireValue[]): Generator<WireValue[]> {
    this.#flush(statement, values)
    this.#settle()
    this.#drain?.()
    let page = this.guarded(() =>
      this.wire.request({ kind: 'open', text: statement.text, values, rows: FIRST_ROWS }),
    )
    let rows = page.rows
    const drain = (): void => {
      this.#drain = null
      while (page.more) {
        page = this.guarded(() => this.wire.request({ kind: 'fetch', rows: LATER_ROWS }))
        rows.push(...page.rows)
      }
    }
    if (page.more) this.#drain = drain
    try {
      for (;;) {
        // By number: the list grows when another statement comes in between.
        for (let at = 0; at < rows.length; at++) yield rows[at] as WireValue[]
        if (!page.more) return
        page = this.guarded(() => this.wire.request({ kind: 'fetch', rows: LATER_ROWS }))
        rows = page.rows
        if (!page.more) this.#drain = null
      }
    } finally {
      if (this.#drain === drain) {
        this.#drain = null
        if (page.more) this.guarded(() => this.wire.request({ kind: 'release' }))
      }
    }
  }

  close(): void {
    this.#clear()
    this.wire.close()
  }

  /** What is lost with a connection is forgotten with it. */
  guarded<T>(work: () => T): T {
    try {
      return work()
    } catch (error) {
      if (error instanceof PostgresError && error.isLost) {
        this.#inTransaction = false
        this.#drain = null
        this.#clear()
      }
      throw error
    }
  }

  #flush(statement: Translated | null, values: readonly WireValue[] = []): void {
    for (const buffered of this.#buffered) {
      if (statement === null || statement.touches.includes(buffered.table)) buffered.flush()
    }
    if (statement === null) {
      this.guarded(() => this.#deferred.flushAll())
      return
    }
    if (statement.pointOf !== null && !this.#deferred.has(statement.pointOf, values)) return
    this.#settle()
    for (const table of statement.touches) this.guarded(() => this.#deferred.flush(table))
  }

  #settle(): void {
    for (const buffered of this.#buffered) buffered.settle()
  }

  #clear(): void {
    this.#deferred.clear()
    for (const buffered of this.#buffered) buffered.clear()
  }

  #nameOf(text: string): string {
    let name = this.#names.get(text)
    if (name === undefined) {
      name = `tidemark_${this.#names.size}`
      this.#names.set(text, name)
    }
    return name
  }
}

/** SQLSTATEs of a server that does not have, or does not know, what was asked for. */
const NOT_SUPPORTED = ['0A000', '42601']

/** A COPY takes no parameters: whole numbers, and nothing else, stand in its text. */
function withNumbers(text: string, values: readonly number[]): string {
  return text.replace(/\$(\d+)/g, (_, number: string) => {
    const value = values[Number(number) - 1]
    if (!Number.isSafeInteger(value)) throw new TypeError('Only whole numbers can be sent with a COPY')
    return String(value)
  })
}

/** Rows of a stream that come with its opening, and with each later fetch. */
const FIRST_ROWS = 2_304
const LATER_ROWS = 4_096
