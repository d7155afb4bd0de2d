import type { StreamPartId } from '../../../../shared/message.ts'
import type { Verdict } from '../../../../shared/verdict.ts'
import { contentDigest } from '../../message/content-digest.ts'
import { decodeStreamMessage } from '../../message/decode.ts'
import { MAX_SEQUENCE } from '../../message/limits.ts'
import { compareMessageRefs, compareMessages } from '../../message/order.ts'
import { ENCRYPTION_TYPE } from '../../message/stream-message.ts'
import type { MessageQuery, RawMessage, StoredMessage } from '../../ports.ts'
import type { DigestColumns, IngestCounts, ReconcileStore, Verify } from '../ports.ts'
import { digestColumns } from '../store-adapter.ts'
import { mergeMessages } from './merge-messages.ts'

/** Messages of peers that are held for one answer only, bytes. */
export const MAX_OVERLAY_BYTES = 67_108_864

/** There is no room for more messages that are not to be kept. */
export class OverlayFull extends Error {
  override readonly name = 'OverlayFull'
}

/** What an answer is read from. */
export type AnswerSource = Pick<ReconcileStore, 'digests' | 'query' | 'span'>

export interface OverlayStoreOptions {
  store: ReconcileStore
  /** Verifies messages without storing them. */
  verify: Verify
  /** Default 64 MiB. */
  limitBytes?: number
}

/**
 * What this node holds and, over it, messages of peers that the user does not want to keep: in memory, for as long
 * as an answer needs them.
 */
export class OverlayStore implements AnswerSource {
  readonly #options: OverlayStoreOptions
  /** In order. */
  #messages: StoredMessage[] = []
  #sizeBytes = 0

  constructor(options: OverlayStoreOptions) {
    this.#options = options
  }

  /** Verifies messages and holds those that are verified and new. @throws OverlayFull */
  async ingest(messages: readonly RawMessage[]): Promise<IngestCounts> {
    const { verify, limitBytes = MAX_OVERLAY_BYTES } = this.#options
    const verdicts: Record<Verdict, number> = { verified: 0, pending: 0, unauthorised: 0, forged: 0 }
    const append = { stored: 0, duplicates: 0 }
    const decisions = await verify(messages.map(({ bytes }) => bytes))
    for (const [index, message] of messages.entries()) {
      const verdict = decisions[index]?.verdict
      if (verdict !== undefined) verdicts[verdict] += 1
      if (verdict !== 'verified') continue
      if (this.#sizeBytes + message.bytes.length > limitBytes)
        throw new OverlayFull('There is no room for more.')
      if (this.#insert(heldMessage(message))) append.stored += 1
      else append.duplicates += 1
    }
    return { verdicts, refused: decisions.filter((decision) => decision === null).length, append }
  }

  /** Lets go of the messages whose timestamp is done with. */
  release(isDone: (timestamp: number) => boolean): void {
    this.#messages = this.#messages.filter(({ id }) => !isDone(id.timestamp))
    this.#sizeBytes = this.#messages.reduce((sum, { raw }) => sum + raw.length, 0)
  }

  span(part: StreamPartId, signal?: AbortSignal): Promise<{ first: number; last: number } | null> {
    return this.#options.store.span(part, signal)
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
