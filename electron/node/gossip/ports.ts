/** What gossip needs from the rest of the node. The composition root joins these to the store and the verifier. */
import type { StreamPartId } from '../../../shared/message.ts'
import type { Verdict } from '../../../shared/verdict.ts'
import type { MessageQuery, RawMessage, StoredMessage } from '../ports.ts'

/** One row per bucket that is not empty, in ascending order. */
export interface FingerprintColumns {
  /** Start of each bucket, ms since the epoch, a multiple of the level. */
  readonly starts: Float64Array
  readonly counts: Float64Array
  /** Sum of the bucket's digests modulo 2^256, digests read as little-endian numbers; 32 bytes each, little-endian. */
  readonly sums: Uint8Array
}

/** One row per message, ascending by timestamp. Handed over: whoever receives them may transfer their buffers. */
export interface DigestColumns {
  readonly timestamps: Float64Array
  /** Content digests, 32 bytes each. */
  readonly digests: Uint8Array
}

/**
 * The messages a node answers for: those with the verdict `verified`, which is the set two honest nodes can agree
 * on. All methods speak of that set.
 */
export interface ReconcileStore {
  /** Timestamps of the first and the last message of a part, or `null` when there is none. */
  span(part: StreamPartId, signal?: AbortSignal): Promise<{ first: number; last: number } | null>
  /** Buckets of a pyramid level that begin in `from <= start < to`, both multiples of `levelMs`. */
  fingerprints(
    part: StreamPartId,
    levelMs: number,
    from: number,
    to: number,
    signal?: AbortSignal,
  ): Promise<FingerprintColumns>
  /** Digests of the messages with `from <= timestamp < to`, in batches; the next one is read when it is asked for. */
  digests(part: StreamPartId, from: number, to: number, signal?: AbortSignal): AsyncIterable<DigestColumns>
  /** As `MessageStore.query`. */
  query(query: MessageQuery, signal?: AbortSignal): AsyncIterable<StoredMessage[]>
}

/** What became of messages that were handed in: what the verifier said of them, then what the store did. */
export interface IngestCounts {
  readonly verdicts: Readonly<Record<Verdict, number>>
  /** Bytes that were no messages. */
  readonly refused: number
  readonly append: { readonly stored: number; readonly duplicates: number }
}

/** Verifies messages and merges them into the store; resolves when they are on disk. */
export type Ingest = (messages: readonly RawMessage[], signal?: AbortSignal) => Promise<IngestCounts>

/** Verdicts on raw messages without storing them, in their order; `null` for what is no message. */
export type Verify = (messages: readonly Uint8Array[]) => Promise<readonly ({ verdict: Verdict } | null)[]>

/** One direct stream to a peer: bytes in both directions, each with back-pressure. */
export interface PeerStream {
  /**
   * The next bytes as they came; `undefined` once the peer has said that there are no more. While nothing is read,
   * the peer is held back.
   * @throws when the stream broke or `signal` aborted.
   */
  read(signal?: AbortSignal): Promise<Uint8Array | undefined>
  /** Resolves when the next bytes may be written. @throws when the stream broke or `signal` aborted. */
  write(bytes: Uint8Array, signal?: AbortSignal): Promise<void>
  /** Says that nothing more will be written. */
  close(): Promise<void>
  /** Ends both directions at once. */
  abort(reason: Error): void
}
