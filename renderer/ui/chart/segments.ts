import type { ChartBucket } from '../../../shared/chart.ts'

/** A silence longer than so many usual intervals is no jitter: the line breaks there. */
export const SILENCE_INTERVALS = 3

/** Indices of the first and the last bucket that one unbroken line joins. */
export interface Segment {
  first: number
  last: number
}

/** The longest time between two messages that a line may bridge, ms. */
export function longestBridgeMs(expectedIntervalMs: number): number {
  return expectedIntervalMs > 0 ? expectedIntervalMs * SILENCE_INTERVALS : Number.POSITIVE_INFINITY
}

/**
 * Where a line may be drawn: it breaks where the publisher's chain has a gap and where nothing was heard for
 * longer than usual, so that nothing is drawn that was not measured. `buckets` ascend.
 */
export function findSegments(buckets: readonly ChartBucket[], expectedIntervalMs: number): Segment[] {
  const bridge = longestBridgeMs(expectedIntervalMs)
  const segments: Segment[] = []
  let current: Segment | null = null
  let previous: ChartBucket | undefined
  let index = -1
  for (const bucket of buckets) {
    index += 1
    const isBroken = previous === undefined || bucket.gapBefore || bucket.from - previous.to > bridge
    if (current === null || isBroken) {
      current = { first: index, last: index }
      segments.push(current)
    } else {
      current.last = index
    }
    previous = bucket
  }
  return segments
}

/** Stretches between segments, in which nothing is known; ms since the epoch. */
export function findBreaks(
  buckets: readonly ChartBucket[],
  segments: readonly Segment[],
): { from: number; to: number }[] {
  const breaks: { from: number; to: number }[] = []
  for (let index = 1; index < segments.length; index += 1) {
    const before = buckets[segments[index - 1]?.last ?? 0]
    const after = buckets[segments[index]?.first ?? 0]
    if (before !== undefined && after !== undefined) breaks.push({ from: before.to, to: after.from })
  }
  return breaks
}

/** Index of the last bucket that begins at or before `at`; -1 when all begin later. */
export function bucketIndexAt(buckets: readonly { from: number }[], at: number): number {
  let low = 0
  let high = buckets.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((buckets[middle]?.from ?? Number.POSITIVE_INFINITY) <= at) low = middle + 1
    else high = middle
  }
  return low - 1
}

/** Of the buckets beside `at` the nearer one; undefined when there are none. */
export function nearestBucket<B extends { from: number; to: number }>(
  buckets: readonly B[],
  at: number,
): B | undefined {
  const index = bucketIndexAt(buckets, at)
  const before = buckets[index]
  const after = buckets[index + 1]
  if (before === undefined || after === undefined) return before ?? after
  return at - Math.min(before.to, at) <= after.from - at ? before : after
}

/** What a message takes from its publisher through the node to the screen, ms: live, so much silence is none. */
const LIVE_LAG_MS = 2_500

/**
 * The bucket whose value stands at `at`: the last one before it, unless silence has lasted too long since.
 * @param isLive `at` is the present, at which the newest message may still be on its way.
 */
export function standingBucket(
  buckets: readonly ChartBucket[],
  at: number,
  expectedIntervalMs: number,
  isLive = false,
): ChartBucket | undefined {
  const bucket = buckets[bucketIndexAt(buckets, at)]
  if (bucket === undefined) return undefined
  const lag = isLive ? LIVE_LAG_MS : 0
  return at - bucket.to <= longestBridgeMs(expectedIntervalMs) + lag ? bucket : undefined
}

/** The bucket nearest to `at`, unless the silence around it is too long for it to say anything there. */
export function bucketBeside(
  buckets: readonly ChartBucket[],
  at: number,
  expectedIntervalMs: number,
): ChartBucket | undefined {
  const bucket = nearestBucket(buckets, at)
  if (bucket === undefined) return undefined
  const distance = at < bucket.from ? bucket.from - at : at - bucket.to
  return distance <= longestBridgeMs(expectedIntervalMs) ? bucket : undefined
}
