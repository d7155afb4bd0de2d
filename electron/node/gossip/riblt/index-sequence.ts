/**
 * In which cells of the infinite sketch an item lies: Yang, Gilad, Alizadeh, "Practical Rateless Set
 * Reconciliation" (SIGCOMM 2024), section 4.2. Every item lies in cell 0, and in cell i with probability
 * 1 / (1 + i / 2).
 *
 * The state is the paper's 64-bit multiplicative generator, seeded with the item itself, in two 32-bit halves: a
 * BigInt for each step of a million items would cost seconds.
 */

const TWO_32 = 4_294_967_296
const MULTIPLIER_HIGH = 0xda94_2042
const MULTIPLIER_LOW = 0xe4dd_58b5

/** Where a walk along an item's cells stands. Reused for many items, so that no step allocates. */
export interface IndexWalk {
  stateLow: number
  stateHigh: number
  /** The cell the item lies in now; `Infinity` once it is beyond any sketch that could be sent. */
  index: number
}

export function startWalk(walk: IndexWalk, seedLow: number, seedHigh: number): void {
  walk.stateLow = seedLow
  walk.stateHigh = seedHigh
  walk.index = 0
}

/** Steps to the item's next cell: s <- s * 0xda942042e4dd58b5, i <- i + ceil((i + 1.5)(2^32 / sqrt(s + 1) - 1)). */
export function advanceWalk(walk: IndexWalk): void {
  const low = walk.stateLow
  // The low half times the multiplier's low half is wider than a double is exact, so it is made of two products.
  const first = (low & 0xffff) * MULTIPLIER_LOW
  const second = (low >>> 16) * MULTIPLIER_LOW + Math.floor(first / 65_536)
  const carried = Math.floor(second / 65_536)
  const high = (carried + Math.imul(low, MULTIPLIER_HIGH) + Math.imul(walk.stateHigh, MULTIPLIER_LOW)) >>> 0
  walk.stateLow = Math.imul(low, MULTIPLIER_LOW) >>> 0
  walk.stateHigh = high
  const state = high * TWO_32 + walk.stateLow
  const { index } = walk
  const step = Math.ceil((index + 1.5) * (TWO_32 / Math.sqrt(state + 1) - 1))
  // For the largest states the formula rounds to a step of 0, which would never end.
  walk.index = index + Math.max(step, 1)
}
