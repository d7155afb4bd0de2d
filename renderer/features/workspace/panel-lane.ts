import type { TimelineBucket } from '../../../shared/chart.ts'
import { VERDICTS } from '../../../shared/verdict.ts'
import { laneStretches } from '../../ui/chart/lane-stretches.ts'
import { longestBridgeMs } from '../../ui/chart/segments.ts'

/** Timelines of several stream parts as one: what is bad in any of them is bad in the lane. */
export function joinTimelines(timelines: readonly (readonly TimelineBucket[])[]): readonly TimelineBucket[] {
  const [first] = timelines
  if (first === undefined || timelines.length === 1) return first ?? []
  const joined = new Map<string, TimelineBucket>()
  for (const bucket of timelines.flat()) {
    const key = `${bucket.from} ${bucket.to}`
    const known = joined.get(key)
    if (known === undefined) {
      joined.set(key, { ...bucket, verdicts: { ...bucket.verdicts } })
      continue
    }
    known.count += bucket.count
    known.bytes += bucket.bytes
    if (bucket.clockOff) known.clockOff = true
    if (bucket.notBySchema !== undefined) known.notBySchema = (known.notBySchema ?? 0) + bucket.notBySchema
    known.equivocations += bucket.equivocations
    known.gaps += bucket.gaps
    known.dropped += bucket.dropped
    for (const verdict of VERDICTS) known.verdicts[verdict] += bucket.verdicts[verdict]
  }
  return [...joined.values()].sort((a, b) => a.from - b.from)
}

/** Silence up to this is usual in a timeline, ms: a few times the time between two messages. */
export function timelineBridgeMs(timeline: readonly TimelineBucket[]): number {
  const intervals = timeline
    .filter(({ count }) => count > 0)
    .map(({ from, to, count }) => (to - from) / count)
    .sort((a, b) => a - b)
  return longestBridgeMs(intervals[Math.floor(intervals.length / 2)] ?? 0)
}

/** Stretches from which there are messages. */
export function knownStretches(
  timeline: readonly TimelineBucket[],
  bridgeMs: number,
): { from: number; to: number }[] {
  const known: { from: number; to: number }[] = []
  for (const { from, to, kind } of laneStretches(timeline, bridgeMs)) {
    if (kind === 'gap' || kind === 'dropped') continue
    const last = known.at(-1)
    // A state is in force until the next message could have come.
    if (last !== undefined && from - last.to <= bridgeMs && from === last.to) last.to = to
    else known.push({ from, to })
  }
  return known
}
