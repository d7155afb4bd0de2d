import { LIST_BITS, MAX_FIRST_CELLS, MAX_LISTED_IDS, MIN_FIRST_CELLS } from '../limits.ts'
import { cellsSizeBytes } from '../riblt/cells.ts'
import { cellsNeeded } from '../riblt/difference-estimate.ts'

/** Bytes of one id in a coded list. */
const LISTED_ID_BYTES = (LIST_BITS + 1.5) / 8

/** How far above the mean a sketch is planned: 98 of 100 need no more. */
export const MARGIN_DEVIATIONS = 2

/** Above this many differences the first sketch is only a part of what is planned, and tells how much is missing. */
const LARGE_DIFFERENCE = 1_000
const LARGE_SHARE = 0.7

/** Below this share of equal buckets their number says little of how many messages differ. */
const TELLING_EQUAL_SHARE = 0.05

/** Median absolute deviation to standard deviation, for a normal distribution. */
const MAD_TO_DEVIATION = 1.4826

/** A bucket of which both sides hold something. */
export interface SharedBucket {
  readonly askerCount: number
  readonly answererCount: number
  readonly differs: boolean
}

export type FirstSketch = { readonly kind: 'cells'; readonly cells: number } | { readonly kind: 'list' }

/**
 * What the answerer sends first for the buckets that differ: so many cells that they decode most differences at
 * once, or the list of its ids where that is cheaper.
 */
export function planFirstSketch(buckets: readonly SharedBucket[]): FirstSketch {
  const differing = buckets.filter((bucket) => bucket.differs)
  const ids = differing.reduce((sum, bucket) => sum + bucket.answererCount, 0)
  const difference = estimateFromCounts(buckets)
  const planned = cellsNeeded(difference, 0, MARGIN_DEVIATIONS)
  if (isListCheaper(0, planned, ids)) return { kind: 'list' }
  const cells = difference > LARGE_DIFFERENCE ? planned * LARGE_SHARE : planned
  return { kind: 'cells', cells: Math.round(Math.min(Math.max(cells, MIN_FIRST_CELLS), MAX_FIRST_CELLS)) }
}

/** Whether the list of `ids` ids may be sent and costs less than extending a sketch from `cells` to `total` cells. */
export function isListCheaper(cells: number, total: number, ids: number): boolean {
  return ids <= MAX_LISTED_IDS && ids * LISTED_ID_BYTES < cellsSizeBytes(cells, total)
}

/**
 * Guesses how many messages differ from the buckets' counts alone: never less than the counts say; as many as leave
 * that share of the buckets equal when they fall anywhere; and where hardly any bucket is equal, as many as make the
 * counts scatter so far.
 */
function estimateFromCounts(buckets: readonly SharedBucket[]): number {
  const surpluses = buckets.map((bucket) => bucket.answererCount - bucket.askerCount)
  const atLeast = surpluses.reduce((sum, surplus) => sum + Math.abs(surplus), 0)
  const equal = buckets.filter((bucket) => !bucket.differs).length
  const scattered = buckets.length * Math.log(buckets.length / Math.max(equal, 0.5))
  const isTelling = equal >= TELLING_EQUAL_SHARE * buckets.length
  return Math.max(atLeast, scattered, isTelling ? 0 : buckets.length * robustVariance(surpluses))
}

/** Variance by the median of deviations from the median, so that a few emptied buckets do not count. */
function robustVariance(values: readonly number[]): number {
  const middle = median(values)
  return (MAD_TO_DEVIATION * median(values.map((value) => Math.abs(value - middle)))) ** 2
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[sorted.length >> 1] ?? 0
}
