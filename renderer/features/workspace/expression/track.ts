import type { ChartBucket } from '../../../../shared/chart.ts'
import { type Verdict, verdictCode } from '../../../../shared/verdict.ts'
import { bucketIndexAt, longestBridgeMs } from '../../../ui/chart/segments.ts'

/** A series while an expression is worked out. */
export interface Track {
  /** Ascending. */
  buckets: readonly ChartBucket[]
  intervalMs: number
  /** Some value stands for messages that were not looked at one by one. */
  isEstimated: boolean
}

export function worseVerdict(a: Verdict, b: Verdict): Verdict {
  return verdictCode(a) >= verdictCode(b) ? a : b
}

/** One value that an expression arrived at, where `of` stands; null where it has none, which breaks the line. */
export function valueBucket(of: ChartBucket, value: number, gapBefore: boolean): ChartBucket | null {
  if (!Number.isFinite(value)) return null
  const { from, to, count, worst } = of
  return {
    from,
    to,
    count,
    first: value,
    min: value,
    max: value,
    last: value,
    sum: value * count,
    worst,
    gapBefore,
  }
}

/** Collects values; where one is missing, the next begins anew. */
export function createTrackBuilder() {
  const buckets: ChartBucket[] = []
  let isBroken = false
  return {
    buckets,
    add(bucket: ChartBucket | null): void {
      if (bucket === null) {
        isBroken = true
        return
      }
      buckets.push(isBroken ? { ...bucket, gapBefore: true } : bucket)
      isBroken = false
    },
  }
}

/** Whether nothing is known between a bucket and the one before it. */
export function isBreak(before: ChartBucket | undefined, bucket: ChartBucket, intervalMs: number): boolean {
  return before === undefined || bucket.gapBefore || bucket.from - before.to > longestBridgeMs(intervalMs)
}

/** The bucket of a track whose value stands at a time, unless silence has lasted too long since. */
export function standing(track: Track, at: number): ChartBucket | undefined {
  const bucket = track.buckets[bucketIndexAt(track.buckets, at)]
  if (bucket === undefined) return undefined
  // A merged bucket that has not ended yet is the best there is of its time.
  return at - bucket.to <= longestBridgeMs(track.intervalMs) ? bucket : undefined
}

export function isMerged(track: Track): boolean {
  return track.buckets.some(({ count }) => count > 1)
}
