import { DIGEST_BYTES } from '../message/content-digest.ts'
import { MAX_SEQUENCE } from '../message/limits.ts'
import type { MessageStore, StoredMessage } from '../ports.ts'
import type { DigestColumns, ReconcileStore } from './ports.ts'

/** Gossip's view of a message store: its verified messages. */
export function reconcileStoreOf(store: MessageStore): ReconcileStore {
  return {
    span: async (part) => {
      const statistics = (await store.statistics()).find((entry) => entry.part === part)
      const first = statistics?.firstTimestamp ?? null
      const last = statistics?.lastTimestamp ?? null
      return first === null || last === null ? null : { first, last }
    },
    fingerprints: async (part, levelMs, from, to) => {
      const buckets = await store.fingerprints(part, levelMs, from, to - 1)
      const sums = new Uint8Array(buckets.length * DIGEST_BYTES)
      for (const [row, { sum }] of buckets.entries()) sums.set(sum, row * DIGEST_BYTES)
      return {
        starts: Float64Array.from(buckets, (bucket) => bucket.from),
        counts: Float64Array.from(buckets, ({ count }) => count),
        sums,
      }
    },
    digests: async function* (part, from, to, signal) {
      const query = {
        part,
        from: { timestamp: from, sequence: 0 },
        to: { timestamp: to - 1, sequence: MAX_SEQUENCE },
        verdicts: ['verified'],
        order: 'ascending',
      } as const
      for await (const batch of store.query(query, signal)) yield digestColumns(batch)
    },
    query: (query, signal) => store.query(query, signal),
  }
}

/** The timestamps and digests of messages in order. */
export function digestColumns(messages: readonly StoredMessage[]): DigestColumns {
  const digests = new Uint8Array(messages.length * DIGEST_BYTES)
  for (const [row, { digest }] of messages.entries()) digests.set(digest, row * DIGEST_BYTES)
  return { timestamps: Float64Array.from(messages, ({ id }) => id.timestamp), digests }
}
