import { PostgresError } from '../../postgres/postgres-error.ts'
import type { SyncWire } from './sync-wire.ts'
import { TableCopy } from './table-copy.ts'
import { onConflict, type Replacement } from './translate.ts'
import type { WireValue } from './wire-protocol.ts'

/** Rows and bytes one statement carries: the protocol takes 65,535 parameters, and a server must read it whole. */
const MAX_ROWS = 1_024
const MAX_PARAMETERS = 16_384

/** SQLSTATE of a key that is there already. */
const KEY_TAKEN = '23505'
/** SQLSTATE that says: the same again will do. */
const AGAIN = '40001'

interface PendingTable {
  replacement: Replacement
  keyAt: readonly number[]
  rows: Map<string, PendingRow>
  copy: TableCopy
}

interface PendingRow {
  values: WireValue[]
  isNew: boolean
}

/**
 * Rows of the pyramid and the chains that one transaction writes, until they are needed: of those with one key the
 * last alone is sent, and all of a table go in a few statements. Those whose keys are known to be free go by COPY,
 * which costs the server a third of what it costs to look for each key.
 */
export class DeferredRows {
  readonly #wire: SyncWire
  readonly #tables = new Map<string, PendingTable>()
  /** Until a transaction is through after a key was not as free as it was said to be. */
  #isWary = false

  constructor(wire: SyncWire) {
    this.#wire = wire
  }

  put(replacement: Replacement, values: WireValue[]): void {
    let pending = this.#tables.get(replacement.table)
    if (pending === undefined) {
      const { table, columns, key } = replacement
      const keyAt = key.map((column) => columns.indexOf(column))
      const copy = new TableCopy(this.#wire, table, columns)
      pending = { replacement, keyAt, rows: new Map(), copy }
      this.#tables.set(table, pending)
    }
    // Bytes of the pyramid's encoder are overwritten by its next row.
    const kept = values.map((value) => (value instanceof Uint8Array ? Buffer.from(value) : value))
    const key = pending.keyAt.map((at) => values[at]).join('\n')
    // What replaces a row that still waits is as new as that.
    const isNew = pending.rows.get(key)?.isNew ?? replacement.isNew
    pending.rows.set(key, { values: kept, isNew })
  }

  /** Whether a row waits to be written under a key. */
  has(table: string, key: readonly WireValue[]): boolean {
    return this.#tables.get(table)?.rows.has(key.join('\n')) ?? false
  }

  flush(table: string): void {
    const pending = this.#tables.get(table)
    if (pending === undefined || pending.rows.size === 0) return
    const { copy, replacement } = pending
    const rows: WireValue[][] = []
    for (const { values, isNew } of pending.rows.values()) {
      if (!isNew || this.#isWary) {
        rows.push(values)
        continue
      }
      const row = copy.beginRow()
      for (const value of values) row.value(value)
      copy.sendFull()
    }
    pending.rows.clear()
    this.#endCopy(copy)
    const atOnce = Math.min(MAX_ROWS, Math.floor(MAX_PARAMETERS / replacement.columns.length))
    for (let from = 0; from < rows.length; from += atOnce) {
      this.#write(replacement, rows.slice(from, from + atOnce))
    }
  }

  flushAll(): void {
    for (const table of this.#tables.keys()) this.flush(table)
  }

  clear(): void {
    for (const { rows, copy } of this.#tables.values()) {
      rows.clear()
      copy.abort()
    }
  }

  /** Told of every commit. */
  committed(): void {
    this.#isWary = false
  }

  /** A key that is not free is no reason to store nothing: the transaction is made again, with a look at each key. */
  #endCopy(copy: TableCopy): void {
    try {
      copy.end()
    } catch (error) {
      if (!(error instanceof PostgresError) || error.code !== KEY_TAKEN) throw error
      this.#isWary = true
      const { message, constraint, isLost } = error
      throw new PostgresError({ code: AGAIN, message, constraint, isLost })
    }
  }

  #write(replacement: Replacement, rows: readonly WireValue[][]): void {
    const { table, columns } = replacement
    let number = 0
    const tuples = rows.map((row) => `(${row.map(() => `$${++number}`).join(', ')})`).join(', ')
    const text = `INSERT INTO ${table} (${columns.join(', ')}) VALUES ${tuples} ${onConflict(replacement)}`
    this.#wire.request({ kind: 'query', text, values: rows.flat() })
  }
}
