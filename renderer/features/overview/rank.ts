import type { StreamOverview } from '../../../shared/stream.ts'

/** A stream that was lively and has said nothing for so many of its usual intervals has fallen silent. */
const SILENT_INTERVALS = 20
const LEAST_SILENCE_MS = 60_000

/** Milliseconds since the last message when that is unusually long for a stream that is subscribed; else null. */
export function silenceOf(stream: StreamOverview, now: number): number | null {
  const { firstTimestamp, lastTimestamp, lastReceivedAt, messages } = stream
  if (!stream.subscribed || firstTimestamp === null || lastTimestamp === null || lastReceivedAt === null)
    return null
  if (messages < 2) return null
  const intervalMs = (lastTimestamp - firstTimestamp) / (messages - 1)
  const silence = now - lastReceivedAt
  return silence > Math.max(LEAST_SILENCE_MS, intervalMs * SILENT_INTERVALS) ? silence : null
}

/** How much a stream needs to be looked at: larger is worse. */
export function badness(stream: StreamOverview, now: number): number {
  if (stream.problem !== null) return 6
  if (stream.verdicts.forged > 0) return 5
  if (stream.equivocations > 0) return 4
  if (stream.verdicts.unauthorised > 0) return 3
  if (silenceOf(stream, now) !== null) return 2
  if (stream.gaps > 0) return 1
  return 0
}

/** Worst first; then the subscribed ones; then by title, so that nothing jumps while numbers tick. */
export function rankStreams(streams: readonly StreamOverview[], now: number): StreamOverview[] {
  return [...streams].sort(
    (a, b) =>
      badness(b, now) - badness(a, now) ||
      Number(b.subscribed) - Number(a.subscribed) ||
      a.title.localeCompare(b.title) ||
      a.part.localeCompare(b.part),
  )
}
