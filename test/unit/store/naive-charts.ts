import type { VerifiedMessage } from '../../../electron/node/ports.ts'
import { isSignatureProven } from '../../../electron/node/store/write/message-entry.ts'
import type { ChartBucket, ChartSeries, StateChange, TimelineBucket } from '../../../shared/chart.ts'
import { VERDICTS, verdictCode, verdictReasonCode } from '../../../shared/verdict.ts'

/** What charts and timelines must show, by going through a list of distinct messages. */
export interface NaiveCharts {
  series(field: string, publisher: string, from: number, to: number, levelMs: number): ChartSeries | undefined
  timeline(from: number, to: number, levelMs: number): TimelineBucket[]
  states(field: string, publisher: string, from: number, to: number): StateChange[]
}

export function naiveCharts(messages: readonly VerifiedMessage[]): NaiveCharts {
  const isGood = ({ verdict, reason }: VerifiedMessage): boolean =>
    isSignatureProven(verdictCode(verdict), verdictReasonCode(reason))
  const counts = ({ verdict }: VerifiedMessage): boolean => verdict === 'verified' || verdict === 'pending'
  const order = (a: VerifiedMessage, b: VerifiedMessage): number =>
    a.id.timestamp - b.id.timestamp || a.id.sequence - b.id.sequence
  const chainKey = ({ id }: VerifiedMessage): string => `${id.publisher}/${id.chain}`
  const refKey = (message: VerifiedMessage, ref: { timestamp: number; sequence: number }): string =>
    `${chainKey(message)}/${ref.timestamp}/${ref.sequence}`
  const good = messages.filter(isGood)
  const stored = new Set(good.map((message) => refKey(message, message.id)))
  const first = new Map<string, VerifiedMessage>()
  for (const message of good.toSorted(order)) {
    if (!first.has(chainKey(message))) first.set(chainKey(message), message)
  }
  /** Distinct (missing, namer) pairs, by the message that names. */
  const gaps = new Map<string, VerifiedMessage>()
  for (const message of good.filter(counts)) {
    const { previous } = message
    const start = first.get(chainKey(message))
    if (previous === undefined || start === undefined || stored.has(refKey(message, previous))) continue
    const isHistory =
      previous.timestamp < start.id.timestamp ||
      (previous.timestamp === start.id.timestamp && previous.sequence < start.id.sequence)
    if (!isHistory) gaps.set(`${refKey(message, previous)}<${refKey(message, message.id)}`, message)
  }

  const bucketOf = (timestamp: number, levelMs: number): number => Math.floor(timestamp / levelMs)
  const valuesOf = (message: VerifiedMessage, field: string) =>
    message.fields.filter(([path]) => path === field).map(([, value]) => value)

  return {
    series: (field, publisher, from, to, levelMs) => {
      const own = messages.filter(({ id }) => id.publisher === publisher)
      const points = own
        .filter(counts)
        .toSorted(order)
        .flatMap((message) =>
          valuesOf(message, field)
            .filter((value) => typeof value === 'number')
            .map((value) => ({ message, value })),
        )
        .sort((a, b) => order(a.message, b.message) || a.value - b.value)
      if (levelMs === 0) {
        const forgedAt = new Set(
          own.filter(({ verdict }) => verdict === 'forged').map(({ id }) => id.timestamp),
        )
        const namers = new Set(
          [...gaps.values()]
            .filter(({ id }) => id.publisher === publisher)
            .map(({ id }) => `${id.timestamp}:${id.sequence}`),
        )
        const buckets = points
          .filter(({ message: { id } }) => id.timestamp >= from && id.timestamp <= to)
          .map(
            ({ message: { id, verdict }, value }): ChartBucket => ({
              from: id.timestamp,
              to: id.timestamp,
              count: 1,
              first: value,
              min: value,
              max: value,
              last: value,
              sum: value,
              worst: forgedAt.has(id.timestamp) ? 'forged' : verdict,
              gapBefore: namers.has(`${id.timestamp}:${id.sequence}`),
            }),
          )
        return buckets.length === 0 ? undefined : { publisher, field, buckets }
      }
      const buckets: ChartBucket[] = []
      for (let bucket = bucketOf(from, levelMs); bucket <= bucketOf(to, levelMs); bucket++) {
        const inside = points.filter(({ message }) => bucketOf(message.id.timestamp, levelMs) === bucket)
        const start = inside[0]
        const end = inside.at(-1)
        if (start === undefined || end === undefined) continue
        const values = inside.map(({ value }) => value)
        const seen = own.filter(({ id }) => bucketOf(id.timestamp, levelMs) === bucket)
        // Forged messages are not of the publisher: they mark the stretch of the window they lie in.
        const relevant = seen.filter(
          ({ verdict, id }) => verdict !== 'forged' || (id.timestamp >= from && id.timestamp <= to),
        )
        buckets.push({
          from: start.message.id.timestamp,
          to: end.message.id.timestamp,
          count: inside.length,
          first: start.value,
          min: Math.min(...values),
          max: Math.max(...values),
          last: end.value,
          sum: values.reduce((sum, value) => sum + value, 0),
          worst: VERDICTS[Math.max(...relevant.map(({ verdict }) => verdictCode(verdict)))] ?? 'forged',
          gapBefore: [...gaps.values()].some(
            ({ id }) => id.publisher === publisher && bucketOf(id.timestamp, levelMs) === bucket,
          ),
        })
      }
      return buckets.length === 0 ? undefined : { publisher, field, buckets }
    },

    timeline: (from, to, levelMs) => {
      const buckets: TimelineBucket[] = []
      for (let bucket = bucketOf(from, levelMs); bucket <= bucketOf(to, levelMs); bucket++) {
        const inside = messages.filter(({ id }) => bucketOf(id.timestamp, levelMs) === bucket)
        if (inside.length === 0) continue
        const ids = new Set(inside.filter(isGood).map((message) => JSON.stringify(message.id)))
        const count = (wanted: string): number => inside.filter(({ verdict }) => verdict === wanted).length
        buckets.push({
          from: bucket * levelMs,
          to: (bucket + 1) * levelMs,
          count: inside.length,
          bytes: inside.reduce((sum, { raw }) => sum + raw.length, 0),
          verdicts: {
            verified: count('verified'),
            pending: count('pending'),
            unauthorised: count('unauthorised'),
            forged: count('forged'),
          },
          equivocations: inside.filter(isGood).length - ids.size,
          gaps: [...gaps.values()].filter(({ id }) => bucketOf(id.timestamp, levelMs) === bucket).length,
          dropped: 0,
        })
      }
      return buckets
    },

    states: (field, publisher, from, to) => {
      const steps = messages
        .filter(({ id }) => id.publisher === publisher)
        .filter(counts)
        .flatMap((message) =>
          valuesOf(message, field)
            .filter((value) => typeof value !== 'number')
            .map((value) => ({ message, state: String(value) })),
        )
        .sort((a, b) => order(a.message, b.message))
      const changes: StateChange[] = []
      const before = steps.filter(({ message }) => message.id.timestamp < from).at(-1)
      const isAtOnce = steps.some(({ message }) => message.id.timestamp === from)
      if (before !== undefined && !isAtOnce) {
        changes.push({ at: from, state: before.state })
      }
      for (const { message, state } of steps) {
        const at = message.id.timestamp
        if (at >= from && at <= to && changes.at(-1)?.state !== state) changes.push({ at, state })
      }
      return changes
    },
  }
}
