import type { Verdict } from './verdict.ts'

/** Bucket lengths of the pyramid in milliseconds, finest first: 1 s, 10 s, 1 min, 10 min, 1 h, 1 d. */
export const PYRAMID_LEVELS_MS = [1_000, 10_000, 60_000, 600_000, 3_600_000, 86_400_000] as const

/** Most fields of one stream part that are indexed; further ones are listed as not indexed. */
export const MAX_FIELDS_PER_PART = 256

export type FieldKind = 'number' | 'boolean' | 'text'

export interface FieldSummary {
  /** Dotted path into the JSON content, e.g. `cpu.cores.0.load`. */
  path: string
  kind: FieldKind
  indexed: boolean
  lastValue: number | boolean | string | null
  lastTimestamp: number
}

/** What the newest messages of a stream part hold that is not indexed: no chart draws it, Messages shows it. */
export interface UnindexedValues {
  /** Newest messages that were looked at; those nobody here can open are left out. */
  looked: number
  /** Most values that one of them holds beyond the bounds of fields: too many, too deep, too long, or not finite. */
  most: number
  /** How many of them are not read for values at all: no JSON, or more of it than is read. */
  unread: number
}

/** One drawn stretch of a numeric field. A raw point has `count` 1 and `from` = `to`. Times are ms since the epoch. */
export interface ChartBucket {
  from: number
  /** Timestamp of the last message in the bucket. */
  to: number
  count: number
  first: number
  min: number
  max: number
  last: number
  sum: number
  worst: Verdict
  /** The publisher's chain has a gap that ends inside this bucket: do not draw a line into it. */
  gapBefore: boolean
}

export interface ChartSeries {
  publisher: string
  field: string
  buckets: ChartBucket[]
}

export interface ChartWindow {
  part: string
  from: number
  to: number
  /** Bucket length in ms, or 0 when `buckets` are single messages. */
  levelMs: number
  /** Typical time between two messages of a series in this window, ms: longer silences are not bridged. */
  expectedIntervalMs: number
  series: ChartSeries[]
}

/** A step in the value of a text or boolean field: from `at` on the field had `state`. */
export interface StateChange {
  at: number
  state: string
}

/** Counts of one stretch of a stream part: the provenance lane, the timeline and the coverage matrix read these. */
export interface TimelineBucket {
  from: number
  /** Exclusive end. */
  to: number
  count: number
  bytes: number
  verdicts: Record<Verdict, number>
  equivocations: number
  /** Set where a message claims a time that is out of bounds of the moment it was first seen. */
  clockOff?: boolean
  /** Messages that the schema of the stream does not allow, as it stands now; left out where there are none. */
  notBySchema?: number
  gaps: number
  /** Messages removed by retention in this stretch. */
  dropped: number
}

export interface TimelineWindow {
  part: string
  from: number
  to: number
  levelMs: number
  /** Ascending; stretches that hold nothing are left out. */
  buckets: TimelineBucket[]
}
