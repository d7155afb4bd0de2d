import { MAX_FIELDS_PER_PART } from '../../../../shared/chart.ts'
import { MAX_UNINDEXED_FIELDS } from '../limits.ts'
import type { SqlConnection } from '../sql-connection.ts'

/** Slot of a field that is listed but not indexed, or not even listed. */
export const NOT_INDEXED = -1

interface Field {
  slot: number
  kind: number
}

/**
 * The fields of one stream part and the slot each has in the statistics of the pyramid. A field gets the next
 * free slot when it is first seen; past `MAX_FIELDS_PER_PART` it is listed without one.
 */
export class FieldSlots {
  readonly #db: SqlConnection
  readonly #part: number
  readonly #fields = new Map<string, Field>()
  readonly #changed = new Map<string, Field>()
  #slots = 0

  constructor(db: SqlConnection, part: number) {
    this.#db = db
    this.#part = part
    const rows = db
      .prepare<[number], [string, number | null, number]>(
        'SELECT path, slot, kind FROM fields WHERE part = ?',
      )
      .raw()
      .all(part)
    for (const [path, slot, kind] of rows) {
      this.#fields.set(path, { slot: slot ?? NOT_INDEXED, kind })
      if (slot !== null) this.#slots = Math.max(this.#slots, slot + 1)
    }
  }

  /** Number of slots given away. */
  get slots(): number {
    return this.#slots
  }

  /** The slot of a field, given to it now if it is new; `kind` is the kind of the value it was seen with. */
  slotOf(path: string, kind: number): number {
    let field = this.#fields.get(path)
    if (field === undefined) {
      if (this.#fields.size >= MAX_FIELDS_PER_PART + MAX_UNINDEXED_FIELDS) return NOT_INDEXED
      field = { slot: this.#slots < MAX_FIELDS_PER_PART ? this.#slots++ : NOT_INDEXED, kind }
      this.#fields.set(path, field)
      this.#changed.set(path, field)
    } else if (field.kind !== kind) {
      field.kind = kind
      this.#changed.set(path, field)
    }
    return field.slot
  }

  flush(): void {
    if (this.#changed.size === 0) return
    const replace = this.#db.prepare(
      'INSERT OR REPLACE INTO fields (part, path, slot, kind) VALUES (?, ?, ?, ?)',
    )
    for (const [path, { slot, kind }] of this.#changed) {
      replace.run(this.#part, path, slot === NOT_INDEXED ? null : slot, kind)
    }
    this.#changed.clear()
  }
}
