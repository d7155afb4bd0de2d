import type { Verdict } from './verdict.ts'

/** Messages that the schema of their stream does not allow, as that schema stands now. */
export interface SchemaCount {
  broken: number
  /** All that is stored was held to it; until then there may be more. */
  isComplete: boolean
}

export interface StreamOverview {
  part: string
  streamId: string
  partition: number
  /** A human title: the stream's `description` metadata or its path. */
  title: string
  subscribed: boolean
  /** The node's own telemetry publishes to it. */
  own: boolean
  messages: number
  sizeBytes: number
  verdicts: Record<Verdict, number>
  equivocations: number
  /** Messages whose claimed time is out of bounds of when they were first seen; from 10,000 on there may be more. */
  clocksOff?: number
  /** Null where the stream has no schema that can be held to. */
  notBySchema?: SchemaCount | null
  gaps: number
  firstTimestamp: number | null
  lastTimestamp: number | null
  lastReceivedAt: number | null
  /** Messages a second over the last ten seconds. */
  ratePerSecond: number
  /** Counts of the last 60 ten-second buckets, oldest first. */
  sparkline: number[]
  /** Gaps that end in each of those buckets. */
  sparklineGaps: number[]
  publishers: number
  /** Nodes known to hold messages of it, this one included. */
  holders: number
  /** Set when the subscription does not work at the moment. */
  problem: { message: string; remedy: string } | null
}

export interface StreamPermissionView {
  publisher: string
  canPublish: boolean
  canSubscribe: boolean
  canEdit: boolean
  canDelete: boolean
  canGrant: boolean
  /** Block in which the right was last changed, with its time. */
  block: number | null
  blockTimestamp: number | null
  transaction: string | null
}

/** What the registry and the store know of one stream. */
export interface StreamDetails {
  part: string
  streamId: string
  partition: number
  partitions: number | null
  metadata: Record<string, unknown>
  permissions: StreamPermissionView[]
  publishers: string[]
}

/** Streams of the registry that a search found. */
export interface StreamSearchResult {
  hits: StreamSearchHit[]
  /** Why there may be streams that were not looked through: the registry cannot be reached. Null when all were. */
  limits: string | null
}

export interface StreamSearchHit {
  id: string
  description: string
  partitions: number
}
