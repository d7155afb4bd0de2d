import type { TRPCClient } from '@trpc/client'
import type { AppRouter } from '../../electron/api/router.ts'
import type { TimelineBucket } from '../../shared/chart.ts'

export type Flaw = 'gap' | 'forged'
export type Direction = 'forward' | 'back'

/** Buckets of one look: a year in days, a day in minutes. */
const BUCKETS = 600
/** A flaw is found to the second. */
const FINE_MS = 1_000
/** Looks that one search takes at most; a coarse bucket whose flaw lies on the wrong side costs one. */
const MAX_LOOKS = 24

const HAS: Record<Flaw, (bucket: TimelineBucket) => boolean> = {
  gap: ({ gaps }) => gaps > 0,
  forged: ({ verdicts }) => verdicts.forged > 0,
}

export interface FlawSearch {
  part: string
  flaw: Flaw
  direction: Direction
  /** Where to begin, ms since the epoch; what is there itself is not found. */
  at: number
  /** First stored message, and the present. */
  first: number
  now: number
}

/**
 * The time of the next flaw after a time, or of the last one before it; null when there is none. Looks at counts,
 * coarse first, so that a history of any length takes a few questions.
 */
export async function findFlaw(
  client: TRPCClient<AppRouter>,
  { part, flaw, direction, at, first, now }: FlawSearch,
  signal: AbortSignal,
): Promise<number | null> {
  let looks = 0
  async function search(from: number, to: number): Promise<number | null> {
    if (to <= from || looks >= MAX_LOOKS) return null
    looks += 1
    const window = await client.chart.timeline.query({ part, from, to, maxBuckets: BUCKETS }, { signal })
    const found = window.buckets.filter(HAS[flaw])
    for (const bucket of direction === 'forward' ? found : found.reverse()) {
      const inside = { from: Math.max(bucket.from, from), to: Math.min(bucket.to - 1, to) }
      if (bucket.to - bucket.from <= FINE_MS) {
        // A second that the search began in is behind it.
        if (bucket.from <= at && at < bucket.to) continue
        return bucket.from
      }
      const finer = await search(inside.from, inside.to)
      if (finer !== null) return finer
    }
    return null
  }
  const [from, to] =
    direction === 'forward' ? [Math.floor(at), Math.ceil(now)] : [Math.floor(first), Math.floor(at)]
  return search(Math.max(0, from), to)
}
