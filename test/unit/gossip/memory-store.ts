import type {
  DigestColumns,
  FingerprintColumns,
  ReconcileStore,
} from '../../../electron/node/gossip/ports.ts'
import { addDigest, digestSumBytes, SUM_WORDS } from '../../../electron/node/gossip/reconcile/bucket-sums.ts'
import { digestColumns } from '../../../electron/node/gossip/store-adapter.ts'
import { contentDigest } from '../../../electron/node/message/content-digest.ts'
import { decodeStreamMessage } from '../../../electron/node/message/decode.ts'
import { encodeStreamMessage } from '../../../electron/node/message/encode.ts'
import { compareMessageRefs, compareMessages } from '../../../electron/node/message/order.ts'
import type { MessageQuery, StoredMessage } from '../../../electron/node/ports.ts'
import { parseStreamPartId, type StreamPartId } from '../../../shared/message.ts'

const BATCH = 1_000

/** A message with a signature that only `hasTestSignature` accepts. */
export function testMessage(part: StreamPartId, timestamp: number, sequence = 0, text = ''): Uint8Array {
  const { streamId, partition } = parseStreamPartId(part)
  return encodeStreamMessage({
    id: { streamId, partition, timestamp, sequence, publisher: '0xa0', chain: 'c' },
    previous: undefined,
    signature: Uint8Array.of(1, 2, 3),
    signatureType: 1,
    body: {
      kind: 'content',
      content: Buffer.from(`{"text":"${text}"}`),
      contentType: 0,
      encryptionType: 0,
      groupKeyId: undefined,
      newGroupKey: undefined,
    },
  })
}

export function storedMessage(raw: Uint8Array): StoredMessage {
  const decoded = decodeStreamMessage(raw)
  return {
    id: decoded.id,
    digest: contentDigest(decoded),
    verdict: 'verified',
    reason: 'signed-and-permitted',
    equivocation: false,
    encrypted: false,
    source: 'test',
    receivedAt: 0,
    raw,
  }
}

/** Messages of one stream part in memory, in order. */
export class MemoryStore implements ReconcileStore {
  #messages: StoredMessage[]
  /** Digests handed out, to see what was read. */
  digestsRead = 0

  constructor(messages: readonly StoredMessage[] = []) {
    this.#messages = [...messages].sort(compareMessages)
  }

  get messages(): readonly StoredMessage[] {
    return this.#messages
  }

  /** Forgets all and holds these from now on. */
  replace(messages: readonly StoredMessage[]): void {
    this.#messages = [...messages].sort(compareMessages)
  }

  /** Adds what is not there yet; returns which of the messages that were. */
  add(messages: readonly StoredMessage[]): StoredMessage[] {
    const added: StoredMessage[] = []
    const sorted = [...messages].sort(compareMessages)
    const merged: StoredMessage[] = []
    let at = 0
    for (const message of sorted) {
      for (let next = this.#messages[at]; next !== undefined && compareMessages(next, message) < 0; ) {
        merged.push(next)
        at += 1
        next = this.#messages[at]
      }
      const known = [merged.at(-1), this.#messages[at]]
      if (known.some((other) => other !== undefined && compareMessages(other, message) === 0)) continue
      merged.push(message)
      added.push(message)
    }
    this.#messages = [...merged, ...this.#messages.slice(at)]
    return added
  }

  async span(): Promise<{ first: number; last: number } | null> {
    const first = this.#messages[0]
    const last = this.#messages.at(-1)
    if (first === undefined || last === undefined) return null
    return { first: first.id.timestamp, last: last.id.timestamp }
  }

  async fingerprints(
    _part: StreamPartId,
    levelMs: number,
    from: number,
    to: number,
  ): Promise<FingerprintColumns> {
    const starts: number[] = []
    const counts: number[] = []
    const sums: Uint8Array[] = []
    const sum = new Uint32Array(SUM_WORDS)
    for (const { id, digest } of this.#between(from, to)) {
      const start = Math.floor(id.timestamp / levelMs) * levelMs
      if (starts.at(-1) !== start) {
        if (starts.length > 0) sums.push(digestSumBytes(sum, 0))
        starts.push(start)
        counts.push(0)
        sum.fill(0)
      }
      addDigest(sum, 0, digest, 0)
      counts[starts.length - 1] = (counts.at(-1) ?? 0) + 1
    }
    if (starts.length > 0) sums.push(digestSumBytes(sum, 0))
    return { starts: Float64Array.from(starts), counts: Float64Array.from(counts), sums: Buffer.concat(sums) }
  }

  async *digests(_part: StreamPartId, from: number, to: number): AsyncIterable<DigestColumns> {
    const messages = this.#between(from, to)
    for (let at = 0; at < messages.length; at += BATCH) {
      const batch = messages.slice(at, at + BATCH)
      this.digestsRead += batch.length
      yield digestColumns(batch)
    }
  }

  async *query(query: MessageQuery): AsyncIterable<StoredMessage[]> {
    const { from, to, last, limit, order, publisher } = query
    let chosen = this.#between(
      from?.timestamp ?? 0,
      (to?.timestamp ?? Number.MAX_SAFE_INTEGER - 1) + 1,
    ).filter(
      ({ id }) =>
        (from === undefined || compareMessageRefs(id, from) >= 0) &&
        (to === undefined || compareMessageRefs(id, to) <= 0) &&
        (publisher === undefined || id.publisher === publisher),
    )
    if (last !== undefined) chosen = chosen.slice(Math.max(0, chosen.length - last))
    if (order === 'descending') chosen.reverse()
    chosen = chosen.slice(0, limit)
    for (let at = 0; at < chosen.length; at += BATCH) yield chosen.slice(at, at + BATCH)
  }

  #between(from: number, to: number): StoredMessage[] {
    return this.#messages.slice(this.#indexOf(from), this.#indexOf(to))
  }

  #indexOf(timestamp: number): number {
    let low = 0
    let high = this.#messages.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#messages[middle]?.id.timestamp ?? 0) < timestamp) low = middle + 1
      else high = middle
    }
    return low
  }
}
