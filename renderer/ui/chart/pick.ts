import type { ChartBucket } from '../../../shared/chart.ts'
import type { ChartFrame, ChartLine } from './frame.ts'
import { bucketBeside, bucketIndexAt } from './segments.ts'

/** A point of a line that stands for one or more messages. */
export interface ChartPoint {
  line: ChartLine
  bucket: ChartBucket
  /** Where it is drawn. */
  at: number
  value: number
}

function pointOf(line: ChartLine, bucket: ChartBucket): ChartPoint {
  return { line, bucket, at: bucket.to, value: bucket.last }
}

/**
 * The point that is meant at a time and a height: of each line the one nearest in time, of these the one nearest in
 * height. Without a height it is the one nearest in time. In a silence nothing is meant.
 */
export function pickPoint(
  frame: ChartFrame,
  at: number,
  y: number | null,
  yOf: (value: number) => number,
): ChartPoint | null {
  let best: { point: ChartPoint; distance: number } | null = null
  for (const line of frame.lines) {
    const bucket = bucketBeside(line.buckets, at, line.intervalMs)
    if (bucket === undefined || bucket.to < frame.from || bucket.from > frame.to) continue
    const point = pointOf(line, bucket)
    const distance = y === null ? Math.abs(point.at - at) : Math.abs(yOf(point.value) - y)
    if (best === null || distance < best.distance) best = { point, distance }
  }
  return best?.point ?? null
}

/**
 * The point that a key means at a time: the nearest one, in a silence the last one before it, else the first one
 * after it. Null where nothing is in sight.
 */
export function meantPoint(frame: ChartFrame, at: number): ChartPoint | null {
  const candidates = [
    pickPoint(frame, at, null, () => 0),
    neighbourPoint(frame, at, -1),
    neighbourPoint(frame, at, 1),
  ]
  const isInSight = ({ bucket }: ChartPoint) => bucket.to >= frame.from && bucket.from <= frame.to
  return candidates.find((point) => point !== null && isInSight(point)) ?? null
}

/** Whether the window of a frame has values, or a line or a gap that passes through it. */
export function hasValues({ lines, from, to }: ChartFrame): boolean {
  return lines.some(({ buckets }) => {
    const index = bucketIndexAt(buckets, to)
    const last = buckets[index]
    return last !== undefined && (last.to >= from || index + 1 < buckets.length)
  })
}

/** The next point of any line after a time, or the last one before it. */
export function neighbourPoint(frame: ChartFrame, at: number, direction: 1 | -1): ChartPoint | null {
  let best: ChartPoint | null = null
  for (const line of frame.lines) {
    let index = bucketIndexAt(line.buckets, at)
    if (direction === 1) {
      while ((line.buckets[index]?.to ?? Number.NEGATIVE_INFINITY) <= at && index < line.buckets.length)
        index += 1
    } else {
      while ((line.buckets[index]?.to ?? Number.NEGATIVE_INFINITY) >= at && index >= 0) index -= 1
    }
    const bucket = line.buckets[index]
    if (bucket === undefined) continue
    const isNearer = best === null || (bucket.to - best.at) * direction < 0
    if (isNearer) best = pointOf(line, bucket)
  }
  return best
}
