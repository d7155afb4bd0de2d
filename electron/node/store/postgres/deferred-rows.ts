import { PostgresError } from '../../postgres/postgres-error.ts'
import type { SyncWire } from './sync-wire.ts'
import { TableCopy } from './table-copy.ts'
import { type KeyedTable, onConflict, type Replacement } from './translate.ts'
import type { WireValue } from './wire-protocol.ts'

/** Rows and bytes one statement carries: the protocol takes 65,535 parameters, and a server must read it whole. */
const MAX_ROWS = 1_024
const MAX_PARAMETERS = 16_384

/** SQLSTATE of a key that is there already. */
const KEY_TAKEN = '23505'
/** SQLSTATE that says: the same again will do. */
const AGAIN = '40001'

interface PendingTable {
  table: string
  key: readonly string[]
  /** Rows to be written, by their key. */
  rows: Map<string, PendingRow>
  /** Keys of rows to be taken away. */
  gone: Map<string, WireValue[]>
  /** How its rows are written; null until one is. */
  write: { replacement: Replacement; keyAt: readonly number[]; copy: TableCopy } | null
}

interface PendingRow {
  values: WireValue[]
  /** The server has no row with this key. */
  isNew: boolean
}

/**
 * Rows of the pyramid and the chains that one transaction writes or takes away, until they are needed: of those with
 * one key the last alone is sent, and all that are written of a table go in a few statements. Those whose keys are known
 * to be free go by COPY, which costs the server a third of what it costs to look for each key.
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
    const pending = this.#pending(replacement)
    const { table, columns } = replacement
    pending.write ??= {
      replacement,
      keyAt: replacement.key.map((column) => columns.indexOf(column)),
      copy: new TableCopy(this.#wire, table, columns),
    }
    const isNew = replacement.isNew && !this.#isWary
    // A row that is nothing but its key is likely to go again in the same transaction: it waits.
    if (isNew && columns.length > replacement.key.length && pending.gone.size === 0) {
      addTo(pending.write.copy, values)
      return
    }
    // Bytes of the pyramid's encoder are overwritten by its next row.
    const kept = values.map((value) => (value instanceof Uint8Array ? Buffer.from(value) : value))
    const key = pending.write.keyAt.map((at) => values[at]).join('\n')
    const wasThere = pending.gone.delete(key)
    pending.rows.set(key, { values: kept, isNew: isNew && !wasThere })
  }

  /** Takes a row away, whether it waits or is stored. */
  remove(from: KeyedTable, key: WireValue[]): void {
    const { rows, gone } = this.#pending(from)
    const name = key.join('\n')
    const waits = rows.get(name)
    rows.delete(name)
    if (!waits?.isNew) gone.set(name, key)
  }

  /** Whether something waits to be done under a key, or may. */
  has(table: string, key: readonly WireValue[]): boolean {
    const pending = this.#tables.get(table)
    if (pending === undefined) return false
    const { rows, gone, write } = pending
    const name = key.join('\n')
    return rows.has(name) || gone.has(name) || (write?.copy.rows ?? 0) > 0
  }

  flush(table: string): void {
    const pending = this.#tables.get(table)
    if (pending === undefined) return
    const { rows, gone, write } = pending
    const replaced: WireValue[][] = []
    if (write !== null) {
      for (const { values, isNew } of rows.values()) {
        if (isNew) addTo(write.copy, values)
        else replaced.push(values)
      }
      rows.clear()
      this.#endCopy(write.copy)
    }
    // Behind the COPY, which may have brought them.
    for (const key of gone.values()) this.#delete(pending, key)
    gone.clear()
    if (write === null) return
    const atOnce = Math.min(MAX_ROWS, Math.floor(MAX_PARAMETERS / write.replacement.columns.length))
    for (let from = 0; from < replaced.length; from += atOnce) {
      this.#write(write.replacement, replaced.slice(from, from + atOnce))
    }
  }

  flushAll(): void {
    for (const table of this.#tables.keys()) this.flush(table)
  }

  clear(): void {
    for (const { rows, gone, write } of this.#tables.values()) {
      rows.clear()
      gone.clear()
      write?.copy.abort()
    }
  }

  /** Told of every commit. */
  committed(): void {
    this.#isWary = false
  }

  #pending({ table, key }: KeyedTable): PendingTable {
    let pending = this.#tables.get(table)
    if (pending === undefined) {
      pending = { table, key, rows: new Map(), gone: new Map(), write: null }
      this.#tables.set(table, pending)
    }
    return pending
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

  #delete({ table, key }: PendingTable, values: readonly WireValue[]): void {
    const isIt = key.map((column, at) => `${column} = $${at + 1}`).join(' AND ')
    const text = `DELETE FROM ${table} WHERE ${isIt}`
    this.#wire.request({ kind: 'query', text, name: `tidemark_delete_${table}`, values })
  }

  #write(replacement: Replacement, rows: readonly WireValue[][]): void {
    const { table, columns } = replacement
    let number = 0
    const tuples = rows.map((row) => `(${row.map(() => `$${++number}`).join(', ')})`).join(', ')
    const text = `INSERT INTO ${table} (${columns.join(', ')}) VALUES ${tuples} ${onConflict(replacement)}`
    this.#wire.request({ kind: 'query', text, values: rows.flat() })
  }
}

function addTo(copy: TableCopy, values: readonly WireValue[]): void {
  const row = copy.beginRow()
  for (const value of values) row.value(value)
}
