import { PYRAMID_LEVELS_MS } from '../../../../shared/chart.ts'

/** Number of levels; level 0 is the finest. Each level's buckets divide those of the next without rest. */
export const LEVELS = PYRAMID_LEVELS_MS.length

/** Bucket length of the finest level, ms. */
export const FINEST_MS = PYRAMID_LEVELS_MS[0]

export function levelMs(level: number): number {
  const ms = PYRAMID_LEVELS_MS[level]
  if (ms === undefined) throw new RangeError(`The pyramid has no level ${level}`)
  return ms
}

/** Number of the bucket that holds `timestamp` (ms): buckets are counted from the epoch. */
export function bucketOf(timestamp: number, level: number): number {
  return Math.floor(timestamp / levelMs(level))
}

/** Buckets of `level - 1` that make one bucket of `level`. */
export function childrenOf(level: number): number {
  return levelMs(level) / levelMs(level - 1)
}
