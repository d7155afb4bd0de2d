import { bucketOf, LEVELS, levelMs } from '../pyramid/levels.ts'

/** Which level of the pyramid to read, and how many of its buckets make one of the answer. */
export interface Resolution {
  level: number
  /** Buckets of the level in one bucket of the answer. */
  merged: number
  /** Bucket length of the answer, ms. */
  bucketMs: number
  /** Buckets of the level to read: `first <= bucket <= last`. */
  first: number
  last: number
}

/**
 * Chooses the finest level whose buckets in a window can be read within a budget, and merges them so that at most
 * `maxBuckets` come out. Merged buckets begin at multiples of their length since the epoch, so that they stay what
 * they are while the window moves.
 * @param rowBudget most rows to read; one level that fits `maxBuckets` is always read
 */
export function chooseResolution(
  from: number,
  to: number,
  maxBuckets: number,
  rowBudget: number,
): Resolution {
  const span = Math.max(to - from, 0)
  for (let level = 0; ; level++) {
    const ms = levelMs(level)
    const rows = span / ms + 1
    if (rows > Math.max(rowBudget, maxBuckets) && level < LEVELS - 1) continue
    // A window cuts one bucket more than it has lengths.
    const merged = Math.max(1, Math.ceil(span / (ms * Math.max(maxBuckets - 1, 1))))
    const bucketMs = ms * merged
    return {
      level,
      merged,
      bucketMs,
      first: Math.floor(from / bucketMs) * merged,
      last: (Math.floor(to / bucketMs) + 1) * merged - 1,
    }
  }
}

/** Buckets of a level that overlap a window, both ends inclusive. */
export function bucketsWithin(level: number, from: number, to: number): { first: number; last: number } {
  return { first: bucketOf(from, level), last: bucketOf(to, level) }
}
