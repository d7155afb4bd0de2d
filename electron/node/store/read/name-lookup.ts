import { MAX_CACHED_NAMES } from '../limits.ts'
import type { SqlConnection } from '../sql-connection.ts'

/** Numbers back to names, and names to numbers, for a connection that only reads. Names never change. */
export class NameLookup {
  readonly #names = new Map<number, string>()
  readonly #selectName
  readonly #selectId

  constructor(db: SqlConnection, table: 'publishers' | 'chains' | 'sources' | 'parts') {
    this.#selectName = db.prepare<[number], string>(`SELECT name FROM ${table} WHERE id = ?`).pluck()
    this.#selectId = db.prepare<[string], number>(`SELECT id FROM ${table} WHERE name = ?`).pluck()
  }

  /** The name of a number; text is a name already. */
  nameOf(id: number | string): string {
    if (typeof id === 'string') return id
    let name = this.#names.get(id)
    if (name === undefined) {
      name = this.#selectName.get(id)
      if (name === undefined) throw new RangeError(`No name has the number ${id}`)
      if (this.#names.size >= MAX_CACHED_NAMES) this.#names.clear()
      this.#names.set(id, name)
    }
    return name
  }

  idOf(name: string): number | undefined {
    return this.#selectId.get(name)
  }
}

/** All names of one store file. */
export interface Names {
  parts: NameLookup
  publishers: NameLookup
  chains: NameLookup
  sources: NameLookup
}

export function lookUpNames(db: SqlConnection): Names {
  return {
    parts: new NameLookup(db, 'parts'),
    publishers: new NameLookup(db, 'publishers'),
    chains: new NameLookup(db, 'chains'),
    sources: new NameLookup(db, 'sources'),
  }
}
