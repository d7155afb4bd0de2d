import { MAX_CACHED_NAMES } from '../limits.ts'
import type { SqlConnection, SqlStatement } from '../sql-connection.ts'

/** Names that repeat in many rows (publishers, chains, sources), each kept once and meant by a number. */
export class NameTable {
  readonly #ids = new Map<string, number>()
  readonly #select: SqlStatement<[string], number>
  readonly #insert: SqlStatement<[string], unknown>

  constructor(db: SqlConnection, table: 'publishers' | 'chains' | 'sources') {
    this.#select = db.prepare<[string], number>(`SELECT id FROM ${table} WHERE name = ?`).pluck()
    this.#insert = db.prepare<[string]>(`INSERT INTO ${table} (name) VALUES (?)`)
  }

  /** The number of a name, which it gets if it has none. */
  intern(name: string): number {
    const cached = this.#ids.get(name)
    if (cached !== undefined) return cached
    const id = this.#select.get(name) ?? Number(this.#insert.run(name).lastInsertRowid)
    if (this.#ids.size >= MAX_CACHED_NAMES) this.#ids.clear()
    this.#ids.set(name, id)
    return id
  }

  /** The number of a name that was interned before. */
  find(name: string): number | undefined {
    return this.#ids.get(name) ?? this.#select.get(name)
  }

  /** Forgets what is cached: numbers given in a transaction that was rolled back are void. */
  clearCache(): void {
    this.#ids.clear()
  }
}
