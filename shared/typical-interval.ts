import type { ChartBucket } from './chart.ts'

/**
 * Typical time between two messages of a series, ms: the median of the times within and between its buckets,
 * weighted by how many messages each stands for. 0 when there are not two messages.
 * @param maxLooks Buckets that are looked at, evenly spread; all by default.
 */
export function typicalIntervalMs(
  buckets: readonly ChartBucket[],
  maxLooks = Number.POSITIVE_INFINITY,
): number {
  const stride = Math.max(1, Math.ceil(buckets.length / maxLooks))
  const intervals: { ms: number; weight: number }[] = []
  let total = 0
  for (let at = 0; at < buckets.length; at += stride) {
    const bucket = buckets[at]
    if (bucket === undefined) break
    if (bucket.count > 1) {
      intervals.push({ ms: (bucket.to - bucket.from) / (bucket.count - 1), weight: bucket.count - 1 })
      total += bucket.count - 1
    }
    const before = buckets[at - 1]
    if (before !== undefined) {
      intervals.push({ ms: bucket.from - before.to, weight: 1 })
      total += 1
    }
  }
  intervals.sort((a, b) => a.ms - b.ms)
  let seen = 0
  for (const { ms, weight } of intervals) {
    seen += weight
    if (seen * 2 >= total) return ms
  }
  return 0
}
