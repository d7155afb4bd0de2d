import { CellEncoder } from './cell-encoder.ts'
import { type Cells, COUNTED_CELLS, idCheck } from './cells.ts'
import { IdTable } from './id-table.ts'
import { advanceWalk, type IndexWalk, startWalk } from './index-sequence.ts'
import type { ShortIds } from './short-ids.ts'
import { SketchInvalid } from './sketch-invalid.ts'

/** Counts of two cells differ by this much, modulo 256, where one item is left that only one of the sets has. */
const REMOTE_ONLY = 1
const LOCAL_ONLY = 255

const FIRST_CELLS = 64

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
  /** `REMOTE_ONLY` or `LOCAL_ONLY`. */
  readonly side: number
  readonly walk: IndexWalk
}

/**
 * Finds the difference between a local set and the set whose cells are added, by peeling (SIGCOMM 2024, section 3).
 *
 * Against hostile cells: an item is recovered at most once and at most as many items as there are cells, so the
 * work is bounded by cells x log(cells); where a cell is counted, the count has to agree with whether the item is
 * one of ours.
 */
export class DifferenceDecoder {
  readonly #encoder: CellEncoder
  readonly #localRows: IdTable
  readonly #recovered: RecoveredItem[] = []
  readonly #seen = new IdTable(0)
  readonly #surplusRows: number[] = []
  readonly #countDifferences = new Int8Array(COUNTED_CELLS)
  readonly #count = new Uint8Array(COUNTED_CELLS)
  #idLow = new Uint32Array(FIRST_CELLS)
  #idHigh = new Uint32Array(FIRST_CELLS)
  #check = new Uint32Array(FIRST_CELLS)
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

  /** Count of each counted remote cell less that of the local one as received, modulo 256, from -128 to 127. */
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
    const end = from + remote.idLow.length
    const local = this.#encoder.extendTo(end)
    this.#reserve(end)
    for (let at = 0; at < end - from; at++) {
      this.#idLow[from + at] = (remote.idLow[at] ?? 0) ^ (local.idLow[at] ?? 0)
      this.#idHigh[from + at] = (remote.idHigh[at] ?? 0) ^ (local.idHigh[at] ?? 0)
      this.#check[from + at] = (remote.check[at] ?? 0) ^ (local.check[at] ?? 0)
    }
    for (let at = 0; at < local.count.length; at++) {
      this.#count[from + at] = (remote.count[at] ?? 0) - (local.count[at] ?? 0)
      this.#countDifferences[from + at] = this.#count[from + at] ?? 0
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
      const low = this.#idLow[cell] ?? 0
      const high = this.#idHigh[cell] ?? 0
      const check = this.#check[cell] ?? 0
      if ((low | high | check) === 0 || idCheck(low, high) !== check) continue
      const row = this.#localRows.rowOf(low, high)
      const side = row < 0 ? REMOTE_ONLY : LOCAL_ONLY
      if (cell < COUNTED_CELLS && this.#count[cell] !== side) {
        if (this.#count[cell] === LOCAL_ONLY) throw new SketchInvalid('item-not-held')
        if (this.#count[cell] === REMOTE_ONLY) throw new SketchInvalid('item-held')
        continue
      }
      this.#recover(low, high, row)
      const item = { low, high, check, side, walk: { stateLow: 0, stateHigh: 0, index: 0 } }
      startWalk(item.walk, low, high)
      this.#recovered.push(item)
      this.#takeAway(item, candidates)
    }
  }

  #recover(low: number, high: number, row: number): void {
    if (!this.#seen.add(low, high, this.#recovered.length)) throw new SketchInvalid('item-twice')
    if (this.#recovered.length >= this.#length) throw new SketchInvalid('items-beyond-cells')
    if (row >= 0) this.#surplusRows.push(row)
  }

  /** Takes an item out of the cells it has not been taken out of yet; those that changed become candidates. */
  #takeAway(item: RecoveredItem, candidates: number[]): void {
    const { walk } = item
    while (walk.index < this.#length) {
      const cell = walk.index
      this.#idLow[cell] = (this.#idLow[cell] ?? 0) ^ item.low
      this.#idHigh[cell] = (this.#idHigh[cell] ?? 0) ^ item.high
      this.#check[cell] = (this.#check[cell] ?? 0) ^ item.check
      if (cell < COUNTED_CELLS) this.#count[cell] = (this.#count[cell] ?? 0) - item.side
      candidates.push(cell)
      advanceWalk(walk)
    }
  }

  #reserve(length: number): void {
    if (length <= this.#idLow.length) return
    const room = Math.max(length, this.#idLow.length * 2)
    const widened = (column: Uint32Array): Uint32Array<ArrayBuffer> => {
      const wider = new Uint32Array(room)
      wider.set(column)
      return wider
    }
    this.#idLow = widened(this.#idLow)
    this.#idHigh = widened(this.#idHigh)
    this.#check = widened(this.#check)
  }

  #isEmpty(): boolean {
    if (this.#length === 0) return false
    for (let cell = 0; cell < this.#length; cell++) {
      const count = cell < COUNTED_CELLS ? (this.#count[cell] ?? 0) : 0
      if ((this.#idLow[cell] ?? 0) | (this.#idHigh[cell] ?? 0) | (this.#check[cell] ?? 0) | count)
        return false
    }
    return true
  }

  #result(): SetDifference {
    const remote = this.#recovered.filter((item) => item.side === REMOTE_ONLY)
    return {
      lacking: {
        low: Uint32Array.from(remote, (item) => item.low),
        high: Uint32Array.from(remote, (item) => item.high),
      },
      surplusRows: Uint32Array.from(this.#surplusRows),
    }
  }
}
