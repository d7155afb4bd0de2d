import type { ChartBucket } from '../../../../shared/chart.ts'
import type { TrendName } from './expression-tree.ts'
import { createTrackBuilder, isBreak, isMerged, type Track, valueBucket, worseVerdict } from './track.ts'

/** Works out a function of a series in time. What happened in a gap is not made up: after one it begins anew. */
export function trendOf(name: TrendName, track: Track, seconds: number): Track {
  const { intervalMs } = track
  const isEstimated = track.isEstimated || isMerged(track)
  const buckets = name === 'movavg' ? movingAverage(track, seconds * 1_000) : steps(name, track)
  return { buckets, intervalMs, isEstimated }
}

function steps(name: Exclude<TrendName, 'movavg'>, { buckets, intervalMs }: Track): ChartBucket[] {
  const track = createTrackBuilder()
  let before: ChartBucket | undefined
  for (const bucket of buckets) {
    if (before === undefined || isBreak(before, bucket, intervalMs)) track.add(null)
    else
      track.add(
        valueBucket(
          { ...bucket, worst: worseVerdict(bucket.worst, before.worst) },
          stepValue(name, before, bucket),
          false,
        ),
      )
    before = bucket
  }
  return track.buckets
}

function stepValue(name: Exclude<TrendName, 'movavg'>, before: ChartBucket, bucket: ChartBucket): number {
  const change = bucket.last - before.last
  if (name === 'difference') return change
  const seconds = (bucket.to - before.to) / 1_000
  // A counter that falls was set back to zero: what it shows is what it has counted since.
  const increase = name === 'rate' && change < 0 ? bucket.last : change
  return increase / seconds
}

/** Mean over the time before each value; where less than that is known, nothing is said. */
function movingAverage({ buckets, intervalMs }: Track, spanMs: number): ChartBucket[] {
  const track = createTrackBuilder()
  let [sum, count, oldest] = [0, 0, 0]
  let knownSince = Number.NaN
  let before: ChartBucket | undefined
  for (const bucket of buckets) {
    if (isBreak(before, bucket, intervalMs)) {
      // Averages do not reach over a gap.
      ;[sum, count] = [0, 0]
      oldest = buckets.indexOf(bucket, oldest)
      knownSince = bucket.from
    }
    sum += bucket.sum
    count += bucket.count
    for (let first = buckets[oldest]; first !== undefined && first !== bucket; first = buckets[oldest]) {
      if (first.to > bucket.to - spanMs) break
      sum -= first.sum
      count -= first.count
      oldest += 1
    }
    const isWarm = bucket.to - knownSince >= spanMs - Math.max(intervalMs, 1) * 1.5
    track.add(isWarm ? valueBucket(bucket, sum / count, bucket.gapBefore) : null)
    before = bucket
  }
  return track.buckets
}
