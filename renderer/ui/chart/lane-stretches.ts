import type { TimelineBucket } from '../../../shared/chart.ts'
import { VERDICTS, type Verdict } from '../../../shared/verdict.ts'

/** A stretch of the lane that looks the same throughout; ms since the epoch. */
export interface LaneStretch {
  from: number
  to: number
  kind: Verdict | 'equivocation' | 'gap' | 'dropped'
  /** A message in it claims a time out of bounds of when it was first seen. */
  clockOff?: boolean
  /** A message in it is not what the schema of its stream allows. */
  notBySchema?: boolean
}

/** What the lane says of one bucket: the worst there is in it. */
export function laneKind(bucket: TimelineBucket): LaneStretch['kind'] {
  if (bucket.verdicts.forged > 0) return 'forged'
  if (bucket.equivocations > 0) return 'equivocation'
  const worst = VERDICTS.findLast((verdict) => bucket.verdicts[verdict] > 0)
  return worst ?? (bucket.dropped > 0 ? 'dropped' : 'verified')
}

/**
 * Buckets as stretches: equal neighbours run together, a gap reaches from the last message before it to the one
 * that names it, and stretches without a message stay empty.
 * @param bridgeMs Silence up to this is the usual distance between two messages and no hole in the lane.
 */
export function laneStretches(buckets: readonly TimelineBucket[], bridgeMs: number): LaneStretch[] {
  const stretches: LaneStretch[] = []
  for (const bucket of buckets) {
    const last = stretches[stretches.length - 1]
    if (bucket.gaps > 0) {
      const from = last === undefined ? bucket.from : last.to
      // A gap inside of one bucket takes its first half, so that it can be seen at all.
      const to = from < bucket.from ? bucket.from : bucket.from + (bucket.to - bucket.from) / 2
      stretches.push({ from, to, kind: 'gap' })
    }
    const kind = laneKind(bucket)
    const before = stretches[stretches.length - 1]
    const from = before?.kind === 'gap' ? before.to : bucket.from
    const marks = marksOf(bucket)
    const isAlike =
      before?.kind === kind && before.clockOff === marks.clockOff && before.notBySchema === marks.notBySchema
    if (before !== undefined && isAlike && from - before.to <= bridgeMs) before.to = bucket.to
    else stretches.push({ from, to: bucket.to, kind, ...marks })
  }
  return stretches
}

/** What is said of a bucket beside its verdict. */
function marksOf({ clockOff, notBySchema }: TimelineBucket): Pick<LaneStretch, 'clockOff' | 'notBySchema'> {
  return {
    ...(clockOff ? { clockOff: true } : {}),
    ...((notBySchema ?? 0) > 0 ? { notBySchema: true } : {}),
  }
}

/** The gaps alone, each from the last message before it to the one that names it. */
export function gapStretches(buckets: readonly TimelineBucket[]): { from: number; to: number }[] {
  return laneStretches(buckets, 0).filter(({ kind }) => kind === 'gap')
}

/** Where nothing is known between what is: before the first message and after the last one nothing is missing. */
export function unknownStretches(
  known: readonly { from: number; to: number }[],
): { from: number; to: number }[] {
  return known.slice(1).map(({ from }, index) => ({ from: known[index]?.to ?? from, to: from }))
}
