/**
 * The interfaces the node's parts meet at. A part imports this file, `message/` and `shared/`, and never a
 * sibling part; `storage-node.ts` alone joins them.
 */
import type { ChartWindow, FieldSummary, StateChange, TimelineWindow } from '../../shared/chart.ts'
import type { FleetWindow } from '../../shared/fleet.ts'
import type { MessageId, MessageRef, StreamPartId } from '../../shared/message.ts'
import type { StoredMark } from '../../shared/message-mark.ts'
import type { StreamPermissionView } from '../../shared/stream.ts'
import type { Verdict, VerdictReason } from '../../shared/verdict.ts'

/** Structured, levelled logging; pino satisfies it. Keys and secrets never go in. */
export interface Logger {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
  child(bindings: object): Logger
}

/** Wall clock in ms since the epoch; tests bring their own. */
export interface Clock {
  now(): number
}

/** Parts that run: `start` once, `stop` once; `stop` waits until nothing of the part goes on. */
export interface Startable {
  start(signal?: AbortSignal): Promise<void>
  stop(): Promise<void>
}

// ---------------------------------------------------------------- messages on their way in

/** Raw `StreamMessage` bytes as received, with where they came from. Bounded by the adapter before this point. */
export interface RawMessage {
  bytes: Uint8Array
  source: string
  receivedAt: number
}

/** Anything that brings messages: the live network, a resend, a peer, a restore. */
export interface MessageSource {
  subscribe(part: StreamPartId): Promise<void>
  unsubscribe(part: StreamPartId): Promise<void>
  /** Delivery is synchronous and cheap: the receiver queues. */
  onMessage(listener: (message: RawMessage) => void): () => void
}

export type FieldValue = readonly [path: string, value: number | boolean | string]

/** One message after verification, as the store takes it. */
export interface VerifiedMessage {
  id: MessageId
  previous: MessageRef | undefined
  digest: Uint8Array
  verdict: Verdict
  reason: VerdictReason
  source: string
  receivedAt: number
  encrypted: boolean
  /** Leaves of the JSON content, bounded in number, depth and length; empty for binary and encrypted content. */
  fields: readonly FieldValue[]
  raw: Uint8Array
}

/** Why bytes could not become a message at all; kept in quarantine with this reason, bounded. */
export interface RefusedMessage {
  reason: string
  source: string
  receivedAt: number
  raw: Uint8Array
}

/** Answers whether a publisher could publish on a stream at a time. Implemented by the registry index. */
export interface PermissionOracle {
  /** Never throws for an unknown stream: says `unknown` with the reason. */
  publishPermission(streamId: string, publisher: string, atTimestamp: number): Promise<PermissionAnswer>
  /** Called with a stream id whenever what was answered for it may no longer hold. */
  onChange(listener: (streamId: string) => void): () => void
}

export interface PermissionAnswer {
  state: 'permitted' | 'denied' | 'expired' | 'unknown' | 'no-stream'
  /** The registry event the answer rests on. */
  evidence: PermissionEvidence | null
  /** The answer holds for messages with `validFrom <= timestamp < validTo` (ms). */
  validFrom: number
  validTo: number
  /** Number of partitions the stream has, when it is known. */
  partitions: number | null
}

export interface PermissionEvidence {
  chainId: number
  contract: string
  block: number
  /** Block time in ms since the epoch. */
  blockTimestamp: number
  transaction: string
  publisher: string
  /** `0x0000000000000000000000000000000000000000` when the right is public. */
  grantee: string
  /** Seconds since the epoch as a decimal string; the contract's own number. */
  publishExpiration: string
}

/** Why an endpoint gives no proof of the chain's state. */
export type StateRefusal = 'not-offered' | 'state-gone' | 'unreachable'

/** A block's header in RLP and trie nodes under it, in hex without 0x, as an RPC endpoint gives them: to be checked. */
export interface StateAnswer {
  /** Hash of the block as the endpoint states it, 0x and hex. */
  blockHash: string
  header: string
  account: string[]
  /** In the order of the slots asked for. */
  slots: string[][]
}

/** Asks the chain's endpoints for proofs of a contract's storage (`eth_getProof`, EIP-1186). */
export interface StateSource {
  /** @param slots 0x and 64 hex digits each. Does not reject but for the signal. */
  stateProof(
    contract: string,
    slots: readonly string[],
    block: number | 'latest',
    signal?: AbortSignal,
  ): Promise<StateAnswer | StateRefusal>
}

// ---------------------------------------------------------------- the store

export interface StoredMessage {
  id: MessageId
  digest: Uint8Array
  verdict: Verdict
  reason: VerdictReason
  equivocation: boolean
  encrypted: boolean
  source: string
  receivedAt: number
  raw: Uint8Array
}

/** A resend query, in Streamr's three shapes, plus filters. Bounds are inclusive on both sides. */
export interface MessageQuery {
  part: StreamPartId
  from?: MessageRef
  to?: MessageRef
  /** The newest n of what the other conditions select, still delivered in `order`. */
  last?: number
  publisher?: string
  chain?: string
  verdicts?: readonly Verdict[]
  /** Only messages with one of these marks. `last` counts messages without regard to them. */
  marks?: readonly StoredMark[]
  order?: 'ascending' | 'descending'
  limit?: number
}

export interface ChartQuery {
  part: StreamPartId
  fields: readonly string[]
  publishers?: readonly string[]
  from: number
  to: number
  /** Width of the plot in device pixels; the answer has at most two buckets a pixel. */
  widthPx: number
}

export interface FleetQuery {
  part: StreamPartId
  from: number
  to: number
  /** Numeric fields with percentiles, at most `MAX_FLEET_FIELDS`. */
  fields: readonly string[]
  /** Fields of any kind whose newest value is told, at most `MAX_FLEET_LATEST`. */
  latest: readonly string[]
}

export interface PartStatistics {
  part: StreamPartId
  messages: number
  sizeBytes: number
  verdicts: Record<Verdict, number>
  equivocations: number
  /** Messages whose clock is out of bounds, counted up to `MAX_COUNTED_CLOCKS`. */
  clocksOff?: number
  gaps: number
  dropped: number
  firstTimestamp: number | null
  lastTimestamp: number | null
  lastReceivedAt: number | null
  publishers: number
}

/** What one durable append did to one stream part. Sent only after the transaction is on disk. */
export interface StoredNotice {
  part: StreamPartId
  stored: number
  duplicates: number
  verdicts: Record<Verdict, number>
  /** Span of the timestamps touched, ms: what a chart must read again. */
  firstTimestamp: number
  lastTimestamp: number
}

/** What retention removed from one stream part. Sent only after the transaction is on disk. */
export interface DroppedNotice {
  part: StreamPartId
  /** Span of the timestamps that show otherwise now, ms: what a chart must read again. `to` is exclusive. */
  from: number
  to: number
}

export interface AppendResult {
  stored: number
  duplicates: number
  quarantined: number
  equivocations: number
  /** Kept apart because their timestamps lie in the future; they are stored when their time has come. */
  held: number
  /** Not kept: older than what retention dropped, or beyond a bound on what anybody could send. */
  declined: number
  /** On this machine's disk until the database server takes them, which is told by notices then. */
  spooled?: number
  parts: StoredNotice[]
}

export interface GapRecord {
  part: StreamPartId
  publisher: string
  chain: string
  /** The predecessor that was named and never shown. */
  missing: MessageRef
  /** The message that names it. */
  namedBy: MessageRef
}

/** Neighbours of a message in its publisher's chain. */
export interface ChainNeighbours {
  /**
   * The predecessor it names, and whether it is stored. `beforeFirst`: it lies before the first message of its chain
   * this node ever stored, so it is history from before this node listened and no gap.
   */
  previous: { ref: MessageRef; stored: boolean; beforeFirst?: boolean } | null
  /** The message that names this one as predecessor. */
  next: MessageRef | null
}

export interface VerdictUpdate {
  id: MessageId
  digest: Uint8Array
  verdict: Verdict
  reason: VerdictReason
  /**
   * Raw bytes of the copy that was checked. Needed where `pending` gave several messages of one id and digest: the
   * same content with different signatures, of which at most one is good.
   */
  raw?: Uint8Array
}

/** What is known of one bucket of a stream part's verified messages, for comparing with another node. */
export interface BucketFingerprint {
  /** Start of the bucket, ms since the epoch. */
  from: number
  count: number
  /** Sum of the digests as little-endian numbers modulo 2^256, little-endian. */
  sum: Uint8Array
}

/** A group key that encrypted messages name, and where they lie; `key` is null while it is not known. */
export interface ContentKeyRecord {
  publisher: string
  id: string
  part: StreamPartId
  key: Uint8Array | null
  /** Span of the messages that name it, ms. */
  firstTimestamp: number
  lastTimestamp: number
}

/** Position of an encrypted message whose content can be opened now. */
export interface OpenedMessage {
  part: StreamPartId
  publisher: string
  timestamp: number
}

/**
 * Messages on disk. Every engine passes the conformance suite in `test/unit/store/conformance.ts`.
 * All methods may reject with `TidemarkError`; `append` resolves only when its messages survive a power cut.
 */
export interface MessageStore {
  append(messages: readonly VerifiedMessage[], refused?: readonly RefusedMessage[]): Promise<AppendResult>
  /** Batches in order; the next batch is read when it is asked for, so memory does not grow with the answer. */
  query(query: MessageQuery, signal?: AbortSignal): AsyncIterable<StoredMessage[]>
  /**
   * What `query` selects as raw bytes alone, for resends: chunks of whole frames, each the length of a message as a
   * big-endian 32-bit word and its bytes, ascending by timestamp and sequence number; of equivocating contents the
   * one with the lowest digest. Undefined for queries this engine has no quick way for.
   */
  frames?(query: MessageQuery, signal?: AbortSignal): Promise<AsyncIterable<Uint8Array> | undefined>
  /** All stored contents for one message id: more than one means equivocation. */
  get(id: MessageId): Promise<StoredMessage[]>
  neighbours(id: MessageId): Promise<ChainNeighbours>
  gaps(part: StreamPartId, limit: number): Promise<GapRecord[]>
  statistics(): Promise<PartStatistics[]>
  publishers(part: StreamPartId): Promise<string[]>
  fields(part: StreamPartId): Promise<FieldSummary[]>
  chart(query: ChartQuery, signal?: AbortSignal): Promise<ChartWindow>
  states(
    query: ChartQuery,
    signal?: AbortSignal,
  ): Promise<{ publisher: string; field: string; changes: StateChange[] }[]>
  timeline(part: StreamPartId, from: number, to: number, maxBuckets: number): Promise<TimelineWindow>
  /** All publishers of a part side by side, with bounded work whatever their number; undefined where an engine cannot. */
  fleet?(query: FleetQuery, signal?: AbortSignal): Promise<FleetWindow>
  /**
   * Messages whose timestamps lay too far in the future when they came, and whose time has not come yet; ascending,
   * with times between `from` and `to`, both included.
   */
  heldBack?(part: StreamPartId, from: number, to: number, limit: number): Promise<StoredMessage[]>
  /** Messages whose verdict is `pending`, oldest first. */
  pending(limit: number, after?: MessageId): Promise<StoredMessage[]>
  /**
   * Changes verdicts and everything derived from them, in one transaction. A good signature stays good: `forged` is
   * ignored for a message whose signature was once checked.
   */
  decide(updates: readonly VerdictUpdate[]): Promise<StoredNotice[]>
  /** Every group key that encrypted messages name, known or not. */
  contentKeys?(): Promise<ContentKeyRecord[]>
  /**
   * Remembers group keys, and has charts show the content of the encrypted messages that known keys open now. It is
   * found again from the messages and their keys whenever it is needed; the messages stay as they are.
   */
  openContents?(keys: readonly ContentKeyRecord[], opened: readonly OpenedMessage[]): Promise<StoredNotice[]>
  /** Fingerprints of the buckets of one pyramid level that overlap `from` to `to` (ms), ascending; empty ones left out. */
  fingerprints(part: StreamPartId, levelMs: number, from: number, to: number): Promise<BucketFingerprint[]>
  /** Called after each transaction that changed what is stored, with one notice per stream part. */
  onStored(listener: (notices: readonly StoredNotice[]) => void): () => void
  close(): Promise<void>
}

// ---------------------------------------------------------------- the registry, as the portal asks it

export interface StreamRecord {
  id: string
  /** The stream's metadata, parsed; `{}` when it is not a JSON object. */
  metadata: Record<string, unknown>
  partitions: number
}

/** What is known of streams. Answers from the node's own index; `null` means: not in the registry as far as known. */
export interface StreamDirectory {
  stream(streamId: string, signal?: AbortSignal): Promise<StreamRecord | null>
  permissions(streamId: string, signal?: AbortSignal): Promise<StreamPermissionView[]>
  search(term: string, limit: number, signal?: AbortSignal): Promise<StreamRecord[]>
}
