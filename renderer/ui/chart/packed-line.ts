import type { ChartBucket } from '../../../shared/chart.ts'
import { verdictCode, verdictOf } from '../../../shared/verdict.ts'
import type { DrawnLine } from './frame.ts'

/** Numbers a bucket is packed into. */
const STRIDE = 9
/** Stands above the codes of the verdicts. */
const GAP = 16

/** Buckets that change threads once: whoever has them already is told their number alone. */
export interface PackedPiece {
  id: number
  /** Null where the other thread has it. */
  figures: Float64Array<ArrayBuffer> | null
}

/** A line that changes threads without being walked bucket by bucket, and without what is known there already. */
export interface PackedLine extends Omit<DrawnLine, 'buckets' | 'pieces'> {
  pieces: readonly PackedPiece[]
}

/** Pieces are replaced and never changed: each has one number for as long as somebody holds it. */
const ids = new WeakMap<readonly ChartBucket[], number>()
let counted = 0

function idOf(piece: readonly ChartBucket[]): number {
  const known = ids.get(piece)
  if (known !== undefined) return known
  counted += 1
  ids.set(piece, counted)
  return counted
}

/** @param isKnown Asked once for each piece, in order: whether the other thread has it or will have it by then. */
export function packLine(line: DrawnLine, isKnown: (id: number) => boolean): PackedLine {
  const { colour, buckets, intervalMs, levelMs, origin, shiftMs, pieces = [buckets] } = line
  const packed = pieces.map((piece): PackedPiece => {
    const id = idOf(piece)
    return { id, figures: isKnown(id) ? null : packBuckets(piece) }
  })
  return { colour, pieces: packed, intervalMs, levelMs, origin, shiftMs }
}

export function packBuckets(buckets: readonly ChartBucket[]): Float64Array<ArrayBuffer> {
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

export function unpackBuckets(figures: Float64Array<ArrayBuffer>): ChartBucket[] {
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
  return buckets
}
