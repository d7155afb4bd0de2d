import type { ChartBucket } from '../../../shared/chart.ts'
import type { ChartFrame, ChartLine } from '../../ui/chart/frame.ts'
import { bucketIndexAt, standingBucket } from '../../ui/chart/segments.ts'

/** A line over the window, in numbers. */
export interface LineFigures {
  last: number | null
  /** Time of the last value, ms since the epoch. */
  lastAt: number | null
  min: number
  max: number
  mean: number
  count: number
}

/** Buckets of a line that begin within the window, up to the playhead of a replay. */
export function bucketsWithin(line: ChartLine, frame: ChartFrame): readonly ChartBucket[] {
  const to = frame.playhead ?? frame.to
  const first = bucketIndexAt(line.buckets, frame.from - 1e-6) + 1
  return line.buckets.slice(first, bucketIndexAt(line.buckets, to) + 1)
}

/** Least, greatest and mean are exact: of merged messages they are kept as such. Null where nothing is known. */
export function figuresOf(line: ChartLine, frame: ChartFrame): LineFigures | null {
  let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  let [sum, count] = [0, 0]
  for (const bucket of bucketsWithin(line, frame)) {
    min = Math.min(min, bucket.min)
    max = Math.max(max, bucket.max)
    sum += bucket.sum
    count += bucket.count
  }
  if (count === 0) return null
  const standing = standingBucket(
    line.buckets,
    frame.playhead ?? frame.to,
    line.intervalMs,
    frame.playhead === null,
  )
  return { last: standing?.last ?? null, lastAt: standing?.to ?? null, min, max, mean: sum / count, count }
}
