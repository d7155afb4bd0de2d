import { type Cells, emptyCells, idCheck } from './cells.ts'
import { advanceWalk, type IndexWalk } from './index-sequence.ts'
import type { ShortIds } from './short-ids.ts'

/** Most cells one sketch may have, 1.6 MB on the wire: a bound on what a peer can make us encode or keep. */
export const MAX_SKETCH_CELLS = 131_072

/**
 * Makes the cells of a set's sketch, in order, as many as are asked for. Where each item's walk stands is kept, so
 * extending a sketch costs only the new cells: 12 bytes an item beside the ids.
 */
export class CellEncoder {
  readonly #ids: ShortIds
  readonly #stateLow: Uint32Array
  readonly #stateHigh: Uint32Array
  readonly #nextIndex: Uint32Array
  #encoded = 0

  /** @param ids of the set, without repetition. */
  constructor(ids: ShortIds) {
    this.#ids = ids
    this.#stateLow = ids.low.slice()
    this.#stateHigh = ids.high.slice()
    this.#nextIndex = new Uint32Array(ids.low.length)
  }

  /** Cells made so far. */
  get length(): number {
    return this.#encoded
  }

  /**
   * The cells from where the last call ended up to `total`.
   * @throws RangeError beyond `MAX_SKETCH_CELLS` or when `total` lies before what has been made.
   */
  extendTo(total: number): Cells {
    const from = this.#encoded
    if (!Number.isInteger(total) || total < from || total > MAX_SKETCH_CELLS) {
      throw new RangeError(`A sketch of ${from} cells cannot be extended to ${total}.`)
    }
    const cells = emptyCells(from, total)
    const { idLow, idHigh, check, count } = cells
    const walk: IndexWalk = { stateLow: 0, stateHigh: 0, index: 0 }
    for (let item = 0; item < this.#nextIndex.length; item++) {
      walk.index = this.#nextIndex[item] ?? 0
      if (walk.index >= total) continue
      walk.stateLow = this.#stateLow[item] ?? 0
      walk.stateHigh = this.#stateHigh[item] ?? 0
      const low = this.#ids.low[item] ?? 0
      const high = this.#ids.high[item] ?? 0
      const itemCheck = idCheck(low, high)
      while (walk.index < total) {
        const at = walk.index - from
        idLow[at] = (idLow[at] ?? 0) ^ low
        idHigh[at] = (idHigh[at] ?? 0) ^ high
        check[at] = (check[at] ?? 0) ^ itemCheck
        if (at < count.length) count[at] = (count[at] ?? 0) + 1
        advanceWalk(walk)
      }
      this.#nextIndex[item] = Math.min(walk.index, MAX_SKETCH_CELLS)
      this.#stateLow[item] = walk.stateLow
      this.#stateHigh[item] = walk.stateHigh
    }
    this.#encoded = total
    return cells
  }
}
