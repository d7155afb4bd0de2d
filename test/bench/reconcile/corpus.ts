import type {
  DigestColumns,
  FingerprintColumns,
  ReconcileStore,
} from '../../../electron/node/gossip/ports.ts'
import { addDigest, digestSumBytes, SUM_WORDS } from '../../../electron/node/gossip/reconcile/bucket-sums.ts'
import { contentDigest, DIGEST_BYTES } from '../../../electron/node/message/content-digest.ts'
import { decodeStreamMessage } from '../../../electron/node/message/decode.ts'
import { encodeStreamMessage } from '../../../electron/node/message/encode.ts'
import type { MessageQuery, StoredMessage } from '../../../electron/node/ports.ts'

export const PART = '0x7ba7c8d6e2f1a0b94c3d5e6f7a8b9c0d1e2f3a4b/telemetry/machine#0'
const STREAM_ID = PART.slice(0, -2)
const FIRST_TIMESTAMP = 1_750_000_000_000
const BATCH = 10_000

/** Every message there is, as columns: telemetry of one machine, one message a second. */
export interface Corpus {
  readonly length: number
  readonly timestamps: Float64Array
  readonly digests: Uint8Array
  readonly raw: Buffer
  readonly rawEnds: Uint32Array
}

export function createCorpus(length: number): Corpus {
  const timestamps = new Float64Array(length)
  const digests = new Uint8Array(length * DIGEST_BYTES)
  const rawEnds = new Uint32Array(length)
  const chunks: Uint8Array[] = []
  let end = 0
  for (let row = 0; row < length; row++) {
    const timestamp = FIRST_TIMESTAMP + row * 1_000 + ((row * 7_919) % 900)
    const raw = encodeMessage(row, timestamp)
    timestamps[row] = timestamp
    digests.set(contentDigest(decodeStreamMessage(raw)), row * DIGEST_BYTES)
    chunks.push(raw)
    end += raw.length
    rawEnds[row] = end
  }
  return { length, timestamps, digests, raw: Buffer.concat(chunks), rawEnds }
}

function encodeMessage(row: number, timestamp: number): Uint8Array {
  return encodeStreamMessage({
    id: {
      streamId: STREAM_ID,
      partition: 0,
      timestamp,
      sequence: 0,
      publisher: '0x7ba7c8d6e2f1a0b94c3d5e6f7a8b9c0d1e2f3a4b',
      chain: 'bench',
    },
    previous: undefined,
    signature: new Uint8Array(65).fill(row & 0xff),
    signatureType: 1,
    body: {
      kind: 'content',
      content: Buffer.from(`{"cpu":${(row % 1_000) / 10},"row":${row}}`),
      contentType: 0,
      encryptionType: 0,
      groupKeyId: undefined,
      newGroupKey: undefined,
    },
  })
}

/** One node's messages: the corpus without some rows. */
export class CorpusStore implements ReconcileStore {
  readonly #corpus: Corpus
  readonly #held: Uint8Array

  constructor(corpus: Corpus, lacking: Iterable<number>) {
    this.#corpus = corpus
    this.#held = new Uint8Array(corpus.length).fill(1)
    for (const row of lacking) this.#held[row] = 0
  }

  async span(): Promise<{ first: number; last: number } | null> {
    const { timestamps } = this.#corpus
    const first = this.#held.indexOf(1)
    if (first < 0) return null
    return { first: timestamps[first] ?? 0, last: timestamps[this.#held.lastIndexOf(1)] ?? 0 }
  }

  async fingerprints(_part: string, levelMs: number, from: number, to: number): Promise<FingerprintColumns> {
    const { timestamps, digests } = this.#corpus
    const starts: number[] = []
    const counts: number[] = []
    const sums: Uint8Array[] = []
    const sum = new Uint32Array(SUM_WORDS)
    for (const row of this.#rows(from, to)) {
      const start = Math.floor((timestamps[row] ?? 0) / levelMs) * levelMs
      if (starts.at(-1) !== start) {
        if (starts.length > 0) sums.push(digestSumBytes(sum, 0))
        starts.push(start)
        counts.push(0)
        sum.fill(0)
      }
      addDigest(sum, 0, digests, row * DIGEST_BYTES)
      counts[counts.length - 1] = (counts.at(-1) ?? 0) + 1
    }
    if (starts.length > 0) sums.push(digestSumBytes(sum, 0))
    return { starts: Float64Array.from(starts), counts: Float64Array.from(counts), sums: Buffer.concat(sums) }
  }

  async *digests(_part: string, from: number, to: number): AsyncIterable<DigestColumns> {
    const { timestamps, digests } = this.#corpus
    const rows = [...this.#rows(from, to)]
    for (let at = 0; at < rows.length; at += BATCH) {
      const batch = rows.slice(at, at + BATCH)
      const copied = new Uint8Array(batch.length * DIGEST_BYTES)
      for (const [index, row] of batch.entries()) {
        copied.set(digests.subarray(row * DIGEST_BYTES, (row + 1) * DIGEST_BYTES), index * DIGEST_BYTES)
      }
      yield { timestamps: Float64Array.from(batch, (row) => timestamps[row] ?? 0), digests: copied }
    }
  }

  async *query({ from, to }: MessageQuery): AsyncIterable<StoredMessage[]> {
    const { digests, raw, rawEnds } = this.#corpus
    let batch: StoredMessage[] = []
    for (const row of this.#rows(from?.timestamp ?? 0, (to?.timestamp ?? Number.MAX_SAFE_INTEGER) + 1)) {
      const bytes = raw.subarray(rawEnds[row - 1] ?? 0, rawEnds[row])
      batch.push({
        id: decodeStreamMessage(bytes).id,
        digest: digests.subarray(row * DIGEST_BYTES, (row + 1) * DIGEST_BYTES),
        verdict: 'verified',
        reason: 'signed-and-permitted',
        equivocation: false,
        encrypted: false,
        source: 'bench',
        receivedAt: 0,
        raw: bytes,
      })
      if (batch.length < BATCH) continue
      yield batch
      batch = []
    }
    if (batch.length > 0) yield batch
  }

  /** Held rows with `from <= timestamp < to`. */
  *#rows(from: number, to: number): Generator<number> {
    const { timestamps, length } = this.#corpus
    let row = Math.max(0, Math.floor((from - FIRST_TIMESTAMP) / 1_000) - 1)
    while (row < length && (timestamps[row] ?? 0) < from) row += 1
    for (; row < length && (timestamps[row] ?? 0) < to; row++) if (this.#held[row] === 1) yield row
  }

  has(row: number): boolean {
    return this.#held[row] === 1
  }
}
