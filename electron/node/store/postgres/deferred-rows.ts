import type { SyncWire } from './sync-wire.ts'
import { onConflict, type Replacement } from './translate.ts'
import type { WireValue } from './wire-protocol.ts'

/** Rows and bytes one statement carries: the protocol takes 65,535 parameters, and a server must read it whole. */
const MAX_ROWS = 1_024
const MAX_PARAMETERS = 16_384

interface PendingTable {
  replacement: Replacement
  keyAt: readonly number[]
  rows: Map<string, WireValue[]>
}

/**
 * Rows of the pyramid and the chains that one transaction writes, until they are needed: of those with one key the
 * last alone is sent, and all of a table go in a few statements.
 */
export class DeferredRows {
  readonly #wire: SyncWire
  readonly #tables = new Map<string, PendingTable>()

  constructor(wire: SyncWire) {
    this.#wire = wire
  }

  put(replacement: Replacement, values: WireValue[]): void {
    let pending = this.#tables.get(replacement.table)
    if (pending === undefined) {
      const keyAt = replacement.key.map((column) => replacement.columns.indexOf(column))
      pending = { replacement, keyAt, rows: new Map() }
      this.#tables.set(replacement.table, pending)
    }
    // Bytes of the pyramid's encoder are overwritten by its next row.
    const kept = values.map((value) => (value instanceof Uint8Array ? Buffer.from(value) : value))
    pending.rows.set(pending.keyAt.map((at) => values[at]).join('\n'), kept)
  }

  /** Whether a row waits to be written under a key. */
  has(table: string, key: readonly WireValue[]): boolean {
    return this.#tables.get(table)?.rows.has(key.join('\n')) ?? false
  }

  flush(table: string): void {
    const pending = this.#tables.get(table)
    if (pending === undefined || pending.rows.size === 0) return
    const rows = [...pending.rows.values()]
    pending.rows.clear()
    const { columns } = pending.replacement
    const atOnce = Math.min(MAX_ROWS, Math.floor(MAX_PARAMETERS / columns.length))
    for (let from = 0; from < rows.length; from += atOnce) {
      this.#write(pending.replacement, rows.slice(from, from + atOnce))
    }
  }

  flushAll(): void {
    for (const table of this.#tables.keys()) this.flush(table)
  }

  clear(): void {
    for (const { rows } of this.#tables.values()) rows.clear()
  }

  #write(replacement: Replacement, rows: readonly WireValue[][]): void {
    const { table, columns } = replacement
    let number = 0
    const tuples = rows.map((row) => `(${row.map(() => `$${++number}`).join(', ')})`).join(', ')
    const text = `INSERT INTO ${table} (${columns.join(', ')}) VALUES ${tuples} ${onConflict(replacement)}`
    this.#wire.request({ kind: 'query', text, values: rows.flat() })
  }
}
