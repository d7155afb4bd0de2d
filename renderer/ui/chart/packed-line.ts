import type { ChartBucket } from '../../../shared/chart.ts'
import { verdictCode, verdictOf } from '../../../shared/verdict.ts'
import type { DrawnLine } from './frame.ts'

/** Numbers a bucket is packed into. */
const STRIDE = 9
/** Stands above the codes of the verdicts. */
const GAP = 16

/** A line that changes threads without being walked bucket by bucket: its numbers are one block of memory. */
export interface PackedLine extends Omit<DrawnLine, 'buckets'> {
  figures: Float64Array<ArrayBuffer>
}

/** Panels that draw the same buckets share what they are packed into, for as long as somebody holds them. */
const packed = new WeakMap<readonly ChartBucket[], Float64Array<ArrayBuffer>>()

/** @returns with numbers that others may hold as well: to be copied to another thread, not given away */
export function packLine({ colour, buckets, intervalMs, levelMs, origin, shiftMs }: DrawnLine): PackedLine {
  const figures = packed.get(buckets) ?? packBuckets(buckets)
  packed.set(buckets, figures)
  return { colour, figures, intervalMs, levelMs, origin, shiftMs }
}

function packBuckets(buckets: readonly ChartBucket[]): Float64Array<ArrayBuffer> {
  const figures = new Float64Array(buckets.length * STRIDE)
  let at = 0
  for (const bucket of buckets) {
    figures[at] = bucket.from
    figures[at + 1] = bucket.to
    figures[at + 2] = bucket.count
    figures[at + 3] = bucket.first
    figures[at + 4] = bucket.min
    figures[at + 5] = bucket.max
    figures[at + 6] = bucket.last
    figures[at + 7] = bucket.sum
    figures[at + 8] = verdictCode(bucket.worst) + (bucket.gapBefore ? GAP : 0)
    at += STRIDE
  }
  return figures
}

export function unpackLine({ colour, figures, intervalMs, levelMs, origin, shiftMs }: PackedLine): DrawnLine {
  const number = (at: number) => figures[at] ?? 0
  const buckets: ChartBucket[] = []
  for (let at = 0; at < figures.length; at += STRIDE) {
    const marks = number(at + 8)
    buckets.push({
      from: number(at),
      to: number(at + 1),
      count: number(at + 2),
      first: number(at + 3),
      min: number(at + 4),
      max: number(at + 5),
      last: number(at + 6),
      sum: number(at + 7),
      worst: verdictOf(marks % GAP),
      gapBefore: marks >= GAP,
    })
  }
  return { colour, buckets, intervalMs, levelMs, origin, shiftMs }
}
