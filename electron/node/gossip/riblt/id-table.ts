import { randomBytes } from 'node:crypto'

const EMPTY = -1
const FEWEST_SLOTS = 16

/**
 * A hash table from short ids to their row, open addressing over typed arrays: 1 M ids take 16 MB where a `Map` of
 * BigInts takes 150. Slots are mixed with a secret of this table, because a hostile peer can choose the ids that
 * are recovered from its cells and must not be able to make them all collide.
 */
export class IdTable {
  #rows: Int32Array
  #mask: number
  #size = 0
  #low: Uint32Array
  #high: Uint32Array
  readonly #secret: number

  /** @param expected rows that will be added; the table grows when there are more. */
  constructor(expected: number) {
    let slots = FEWEST_SLOTS
    while (slots < expected * 2) slots *= 2
    this.#mask = slots - 1
    this.#rows = new Int32Array(slots).fill(EMPTY)
    this.#low = new Uint32Array(slots)
    this.#high = new Uint32Array(slots)
    this.#secret = randomBytes(4).readInt32LE()
  }

  get size(): number {
    return this.#size
  }

  /** Keeps `row` for the id unless the id is there already; says whether it was new. */
  add(low: number, high: number, row: number): boolean {
    if ((this.#size + 1) * 2 > this.#rows.length) this.#grow()
    const slot = this.#slotOf(low, high)
    if (this.#rows[slot] !== EMPTY) return false
    this.#rows[slot] = row
    this.#low[slot] = low
    this.#high[slot] = high
    this.#size += 1
    return true
  }

  /** The row of an id, or -1. */
  rowOf(low: number, high: number): number {
    return this.#rows[this.#slotOf(low, high)] ?? EMPTY
  }

  #slotOf(low: number, high: number): number {
    let hash = Math.imul(low ^ this.#secret ^ (low >>> 15), 0x2c1b_3c6d)
    hash = Math.imul(hash ^ high ^ (hash >>> 12), 0x297a_2d39)
    let slot = (hash ^ (hash >>> 15)) & this.#mask
    while (this.#rows[slot] !== EMPTY && (this.#low[slot] !== low >>> 0 || this.#high[slot] !== high >>> 0)) {
      slot = (slot + 1) & this.#mask
    }
    return slot
  }

  #grow(): void {
    const rows = this.#rows
    const low = this.#low
    const high = this.#high
    const slots = rows.length * 2
    this.#mask = slots - 1
    this.#rows = new Int32Array(slots).fill(EMPTY)
    this.#low = new Uint32Array(slots)
    this.#high = new Uint32Array(slots)
    for (let slot = 0; slot < rows.length; slot++) {
      const row = rows[slot] ?? EMPTY
      if (row === EMPTY) continue
      const into = this.#slotOf(low[slot] ?? 0, high[slot] ?? 0)
      this.#rows[into] = row
      this.#low[into] = low[slot] ?? 0
      this.#high[into] = high[slot] ?? 0
    }
  }
}
