import { PYRAMID_LEVELS_MS } from '../../../../shared/chart.ts'
import { MAX_TIMESTAMP_MS } from '../../message/limits.ts'
import { MAX_BUCKETS, TARGET_BUCKETS } from '../limits.ts'

/** Buckets of equal width side by side, from `start` on. All times are ms since the epoch. */
export interface BucketGrid {
  readonly start: number
  readonly widthMs: number
  readonly buckets: number
  /** The coarsest pyramid level whose buckets these are made of. */
  readonly levelMs: number
}

const FINEST_MS = PYRAMID_LEVELS_MS[0]
const COARSEST_MS = PYRAMID_LEVELS_MS.at(-1) ?? FINEST_MS

/**
 * Most pyramid buckets one grid may be made of: a width that no coarse level divides would make a node read a year
 * second by second. Grids of `gridFor` stay below half of it. Days are not counted; there are few.
 */
const MAX_GRID_ROWS = 32_768

/**
 * The grid that covers `from <= timestamp < to` with at most `target` buckets, and with at least two thirds of that
 * where the range is long enough. Buckets are multiples of a pyramid level, so their fingerprints are sums of the pyramid's; they
 * begin at multiples of their width, so that two nodes asked about overlapping ranges use the same ones.
 */
export function gridFor(from: number, to: number, target = TARGET_BUCKETS): BucketGrid {
  const atLeastMs = Math.max(FINEST_MS, Math.ceil((to - from) / (target - 1)))
  // Half the width at most, so that rounding up to a multiple of the level cannot double it.
  const stepMs = coarsestLevel((level) => level * 2 <= atLeastMs)
  const widthMs = Math.ceil(atLeastMs / stepMs) * stepMs
  const start = Math.floor(from / widthMs) * widthMs
  return readGrid(start, widthMs, Math.max(1, Math.ceil((to - start) / widthMs)))
}

/**
 * The grid a peer asks with.
 * @throws RangeError when it is not made of pyramid buckets or is out of bounds.
 */
export function readGrid(start: number, widthMs: number, buckets: number): BucketGrid {
  const isWhole = widthMs >= FINEST_MS && widthMs % FINEST_MS === 0 && start % widthMs === 0
  const end = start + widthMs * buckets
  const levelMs = coarsestLevel((level) => widthMs % level === 0)
  const rows = levelMs === COARSEST_MS ? 0 : (widthMs / levelMs) * buckets
  const isBounded = buckets >= 1 && buckets <= MAX_BUCKETS && rows <= MAX_GRID_ROWS
  if (!isWhole || !isBounded || end > MAX_TIMESTAMP_MS + widthMs) {
    throw new RangeError(`There is no grid of ${buckets} buckets of ${widthMs} ms from ${start} on.`)
  }
  return { start, widthMs, buckets, levelMs }
}

/** End of the last bucket. */
export function gridEnd(grid: BucketGrid): number {
  return grid.start + grid.widthMs * grid.buckets
}

/** Index of the bucket that holds `timestamp`; outside the grid, a number outside of its buckets. */
export function bucketIndex(grid: BucketGrid, timestamp: number): number {
  return Math.floor((timestamp - grid.start) / grid.widthMs)
}

export function bucketStart(grid: BucketGrid, bucket: number): number {
  return grid.start + bucket * grid.widthMs
}

function coarsestLevel(fits: (levelMs: number) => boolean): number {
  return PYRAMID_LEVELS_MS.findLast(fits) ?? FINEST_MS
}
