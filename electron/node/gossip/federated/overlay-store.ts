import type { StreamPartId } from '../../../../shared/message.ts'
import { contentDigest, DIGEST_BYTES } from '../../message/content-digest.ts'
import { decodeStreamMessage } from '../../message/decode.ts'
import { MAX_SEQUENCE } from '../../message/limits.ts'
import { compareMessageRefs, compareMessages } from '../../message/order.ts'
import { ENCRYPTION_TYPE } from '../../message/stream-message.ts'
import type { MessageQuery, RawMessage, StoredMessage } from '../../ports.ts'
import type { DigestColumns, FingerprintColumns, Ingest, ReconcileStore } from '../ports.ts'
import { addDigest, digestSumBytes, SUM_WORDS } from '../reconcile/bucket-sums.ts'
import { digestColumns } from '../store-adapter.ts'
import { mergeMessages } from './merge-messages.ts'

/** Messages of peers that are held for one answer only, bytes. */
export const MAX_OVERLAY_BYTES = 67_108_864

/** There is no room for more messages that are not to be kept. */
export class OverlayFull extends Error {
  override readonly name = 'OverlayFull'
}

export interface OverlayStoreOptions {
  store: ReconcileStore
  /** Verifies messages without storing them. */
  verify: Ingest
  /** Default 64 MiB. */
  limitBytes?: number
}

/**
 * What this node holds and, over it, messages of peers that the user does not want to keep: in memory, for as long
 * as an answer needs them.
 */
export class OverlayStore implements ReconcileStore {
  readonly #options: OverlayStoreOptions
  /** In order. */
  #messages: StoredMessage[] = []
  #sizeBytes = 0

  constructor(options: OverlayStoreOptions) {
    this.#options = options
  }

  /** Verifies messages and holds those that are verified and new. @throws OverlayFull */
  async ingest(messages: readonly RawMessage[], signal?: AbortSignal): ReturnType<Ingest> {
    const { verify, limitBytes = MAX_OVERLAY_BYTES } = this.#options
    const outcomes = await verify(messages, signal)
    return outcomes.map((outcome, index) => {
      const message = messages[index]
      if (message === undefined || outcome.verdict !== 'verified') return outcome
      if (this.#sizeBytes + message.bytes.length > limitBytes)
        throw new OverlayFull('There is no room for more.')
      return { ...outcome, duplicate: !this.#insert(heldMessage(message)) }
    })
  }

  /** Lets go of the messages whose timestamp is done with. */
  release(isDone: (timestamp: number) => boolean): void {
    this.#messages = this.#messages.filter(({ id }) => !isDone(id.timestamp))
    this.#sizeBytes = this.#messages.reduce((sum, { raw }) => sum + raw.length, 0)
  }

  async span(part: StreamPartId, signal?: AbortSignal): Promise<{ first: number; last: number } | null> {
    const stored = await this.#options.store.span(part, signal)
    const first = this.#messages[0]
    const last = this.#messages.at(-1)
    if (first === undefined || last === undefined) return stored
    return {
      first: Math.min(first.id.timestamp, stored?.first ?? Infinity),
      last: Math.max(last.id.timestamp, stored?.last ?? -Infinity),
    }
  }

  async fingerprints(
    part: StreamPartId,
    levelMs: number,
    from: number,
    to: number,
    signal?: AbortSignal,
  ): Promise<FingerprintColumns> {
    const rows = await this.#options.store.fingerprints(part, levelMs, from, to, signal)
    const buckets = new Map<number, { count: number; sum: Uint32Array }>()
    const bucketAt = (start: number): { count: number; sum: Uint32Array } => {
      const bucket = buckets.get(start) ?? { count: 0, sum: new Uint32Array(SUM_WORDS) }
      buckets.set(start, bucket)
      return bucket
    }
    const sums = new DataView(rows.sums.buffer, rows.sums.byteOffset, rows.sums.byteLength)
    for (const [row, start] of rows.starts.entries()) {
      const bucket = bucketAt(start)
      bucket.count += rows.counts[row] ?? 0
      addDigest(bucket.sum, 0, sums, row * DIGEST_BYTES)
    }
    for (const { id, digest } of this.#between(from, to)) {
      const bucket = bucketAt(Math.floor(id.timestamp / levelMs) * levelMs)
      bucket.count += 1
      addDigest(bucket.sum, 0, new DataView(digest.buffer, digest.byteOffset, DIGEST_BYTES), 0)
    }
    const ascending = [...buckets].sort(([a], [b]) => a - b)
    return {
      starts: Float64Array.from(ascending, ([start]) => start),
      counts: Float64Array.from(ascending, ([, { count }]) => count),
      sums: Buffer.concat(ascending.map(([, { sum }]) => digestSumBytes(sum, 0))),
    }
  }

  async *digests(
    part: StreamPartId,
    from: number,
    to: number,
    signal?: AbortSignal,
  ): AsyncIterable<DigestColumns> {
    const query = {
      part,
      from: { timestamp: from, sequence: 0 },
      to: { timestamp: to - 1, sequence: MAX_SEQUENCE },
      verdicts: ['verified'],
    } as const
    for await (const batch of this.query(query, signal)) yield digestColumns(batch)
  }

  async *query(query: MessageQuery, signal?: AbortSignal): AsyncIterable<StoredMessage[]> {
    const { last, limit, ...selection } = query
    if (last !== undefined) {
      const newest = await this.#newest(selection, last, signal)
      const ordered = query.order === 'descending' ? newest : newest.reverse()
      yield ordered.slice(0, limit)
      return
    }
    let left = limit ?? Infinity
    for await (const batch of this.#merged(selection, signal)) {
      yield batch.slice(0, left)
      left -= batch.length
      if (left <= 0) return
    }
  }

  /** The newest `count` messages, newest first. */
  async #newest(selection: MessageQuery, count: number, signal?: AbortSignal): Promise<StoredMessage[]> {
    const newest: StoredMessage[] = []
    for await (const batch of this.#merged({ ...selection, order: 'descending' }, signal)) {
      newest.push(...batch.slice(0, count - newest.length))
      if (newest.length >= count) break
    }
    return newest
  }

  #merged(selection: MessageQuery, signal?: AbortSignal): AsyncGenerator<StoredMessage[]> {
    const order = selection.order ?? 'ascending'
    const held = this.#messages.filter((message) => isSelected(message, selection))
    if (order === 'descending') held.reverse()
    return mergeMessages(this.#options.store.query(selection, signal), oneBatch(held), order)
  }

  #between(from: number, to: number): StoredMessage[] {
    return this.#messages.filter(({ id }) => id.timestamp >= from && id.timestamp < to)
  }

  /** Says whether the message was not held yet. */
  #insert(message: StoredMessage): boolean {
    let low = 0
    let high = this.#messages.length
    while (low < high) {
      const middle = (low + high) >>> 1
      const at = this.#messages[middle]
      const order = at === undefined ? 1 : compareMessages(at, message)
      if (order === 0) return false
      if (order < 0) low = middle + 1
      else high = middle
    }
    this.#messages.splice(low, 0, message)
    this.#sizeBytes += message.raw.length
    return true
  }
}

async function* oneBatch(messages: StoredMessage[]): AsyncGenerator<StoredMessage[]> {
  if (messages.length > 0) yield messages
}

function isSelected(
  { id, verdict }: StoredMessage,
  { from, to, publisher, chain, verdicts }: MessageQuery,
): boolean {
  return (
    (from === undefined || compareMessageRefs(id, from) >= 0) &&
    (to === undefined || compareMessageRefs(id, to) <= 0) &&
    (publisher === undefined || id.publisher === publisher) &&
    (chain === undefined || id.chain === chain) &&
    (verdicts === undefined || verdicts.includes(verdict))
  )
}

function heldMessage({ bytes, source, receivedAt }: RawMessage): StoredMessage {
  const decoded = decodeStreamMessage(bytes)
  const { body } = decoded
  return {
    id: decoded.id,
    digest: contentDigest(decoded),
    verdict: 'verified',
    reason: 'signed-and-permitted',
    equivocation: false,
    encrypted: body.kind === 'content' && body.encryptionType !== ENCRYPTION_TYPE.none,
    source,
    receivedAt,
    raw: bytes,
  }
}
