import { CellEncoder } from './cell-encoder.ts'
import { type Cells, emptyCells, idCheck, widenedCells } from './cells.ts'
import { IdTable } from './id-table.ts'
import { advanceWalk, type IndexWalk, startWalk } from './index-sequence.ts'
import type { ShortIds } from './short-ids.ts'
import { SketchInvalid } from './sketch-invalid.ts'

/** Counts of two cells differ by this much, modulo 256, where only the remote or only the local set has an item. */
const REMOTE_ONLY = 1
const LOCAL_ONLY = 255

/** What two sets do not share. */
export interface SetDifference {
  /** Ids that only the remote set has. */
  readonly lacking: ShortIds
  /** Rows of the local ids that the remote set has not. */
  readonly surplusRows: Uint32Array
}

interface RecoveredItem {
  readonly low: number
  readonly high: number
  readonly check: number
  /** -1 when it has to be taken out of a remote count, +1 out of a local one. */
  readonly countStep: number
  readonly walk: IndexWalk
}

/**
 * Finds the difference between a local set and the set whose cells are added, by peeling (SIGCOMM 2024, section 3).
 *
 * Against hostile cells: an item is recovered at most once and at most as many items as there are cells, so the
 * work is bounded by cells x log(cells); an item that only we have must be one of ours, and one that only the
 * remote has must not be.
 */
export class DifferenceDecoder {
  readonly #encoder: CellEncoder
  readonly #localRows: IdTable
  readonly #recovered: RecoveredItem[] = []
  readonly #seen = new IdTable(0)
  readonly #surplusRows: number[] = []
  #difference: Cells = emptyCells(0)
  #countDifferences = new Int8Array(0)
  #length = 0

  /** @param ids of the local set, without repetition. */
  constructor(ids: ShortIds) {
    this.#encoder = new CellEncoder(ids)
    this.#localRows = new IdTable(ids.low.length)
    for (let row = 0; row < ids.low.length; row++) {
      this.#localRows.add(ids.low[row] ?? 0, ids.high[row] ?? 0, row)
    }
  }

  /** Cells received so far. */
  get length(): number {
    return this.#length
  }

  /** Items of the difference found so far. */
  get recovered(): number {
    return this.#recovered.length
  }

  /** Count of each remote cell less that of the local one as received, modulo 256, from -128 to 127. */
  get countDifferences(): Int8Array {
    return this.#countDifferences.subarray(0, this.#length)
  }

  /**
   * Takes the remote set's next cells and peels as far as they allow.
   * @returns the difference once it is whole, before that `undefined`.
   * @throws {SketchInvalid} when the cells are not those of any set.
   * @throws RangeError beyond `MAX_SKETCH_CELLS`.
   */
  add(remote: Cells): SetDifference | undefined {
    const from = this.#length
    const end = from + remote.count.length
    const local = this.#encoder.extendTo(end)
    this.#reserve(end)
    const { idLow, idHigh, check, count } = this.#difference
    for (let cell = from; cell < end; cell++) {
      const at = cell - from
      idLow[cell] = (remote.idLow[at] ?? 0) ^ (local.idLow[at] ?? 0)
      idHigh[cell] = (remote.idHigh[at] ?? 0) ^ (local.idHigh[at] ?? 0)
      check[cell] = (remote.check[at] ?? 0) ^ (local.check[at] ?? 0)
      count[cell] = (remote.count[at] ?? 0) - (local.count[at] ?? 0)
      this.#countDifferences[cell] = count[cell] ?? 0
    }
    this.#length = end
    const candidates: number[] = []
    for (const item of this.#recovered) this.#takeAway(item, candidates)
    candidates.length = 0
    for (let cell = end - 1; cell >= from; cell--) candidates.push(cell)
    this.#peel(candidates)
    return this.#isEmpty() ? this.#result() : undefined
  }

  #peel(candidates: number[]): void {
    for (let cell = candidates.pop(); cell !== undefined; cell = candidates.pop()) {
      const { idLow, idHigh, check, count } = this.#difference
      const side = count[cell]
      if (side !== REMOTE_ONLY && side !== LOCAL_ONLY) continue
      const low = idLow[cell] ?? 0
      const high = idHigh[cell] ?? 0
      const itemCheck = idCheck(low, high)
      if (itemCheck !== check[cell]) continue
      this.#recover(low, high, side)
      const item: RecoveredItem = {
        low,
        high,
        check: itemCheck,
        countStep: side === REMOTE_ONLY ? -1 : 1,
        walk: { stateLow: 0, stateHigh: 0, index: 0 },
      }
      startWalk(item.walk, low, high)
      this.#recovered.push(item)
      this.#takeAway(item, candidates)
    }
  }

  #recover(low: number, high: number, side: number): void {
    const row = this.#localRows.rowOf(low, high)
    if (side === LOCAL_ONLY && row < 0) throw new SketchInvalid('item-not-held')
    if (side === REMOTE_ONLY && row >= 0) throw new SketchInvalid('item-held')
    if (!this.#seen.add(low, high, this.#recovered.length)) throw new SketchInvalid('item-twice')
    if (this.#recovered.length >= this.#length) throw new SketchInvalid('items-beyond-cells')
    if (side === LOCAL_ONLY) this.#surplusRows.push(row)
  }

  /** Takes an item out of the cells it has not been taken out of yet; those that changed become candidates. */
  #takeAway(item: RecoveredItem, candidates: number[]): void {
    const { idLow, idHigh, check, count } = this.#difference
    const { walk } = item
    while (walk.index < this.#length) {
      const cell = walk.index
      idLow[cell] = (idLow[cell] ?? 0) ^ item.low
      idHigh[cell] = (idHigh[cell] ?? 0) ^ item.high
      check[cell] = (check[cell] ?? 0) ^ item.check
      count[cell] = (count[cell] ?? 0) + item.countStep
      candidates.push(cell)
      advanceWalk(walk)
    }
  }

  #reserve(length: number): void {
    if (length <= this.#difference.count.length) return
    const room = Math.max(length, this.#difference.count.length * 2)
    this.#difference = widenedCells(this.#difference, room)
    const counts = new Int8Array(room)
    counts.set(this.#countDifferences)
    this.#countDifferences = counts
  }

  #isEmpty(): boolean {
    if (this.#length === 0) return false
    const { idLow, idHigh, check, count } = this.#difference
    for (let cell = 0; cell < this.#length; cell++) {
      if ((idLow[cell] ?? 0) | (idHigh[cell] ?? 0) | (check[cell] ?? 0) | (count[cell] ?? 0)) return false
    }
    return true
  }

  #result(): SetDifference {
    const remote = this.#recovered.filter((item) => item.countStep === -1)
    return {
      lacking: {
        low: Uint32Array.from(remote, (item) => item.low),
        high: Uint32Array.from(remote, (item) => item.high),
      },
      surplusRows: Uint32Array.from(this.#surplusRows),
    }
  }
}
