import type { StreamPartId } from '../../../../shared/message.ts'
import { DIGEST_BYTES } from '../../message/content-digest.ts'
import type { MessageQuery, StoredMessage } from '../../ports.ts'
import type { DigestColumns, FingerprintColumns, ReconcileStore } from '../ports.ts'
import { gridFor } from '../reconcile/bucket-grid.ts'
import { addDigest, digestSumBytes, SUM_WORDS } from '../reconcile/bucket-sums.ts'
import type { ReceivedMessage } from '../reconcile/incoming-messages.ts'
import type { AnswerSource } from './overlay-store.ts'
import type { Stretch } from './stretches.ts'

/**
 * The digests this node has of one stretch, in memory while peer after peer is compared with it: read from disk
 * once, then grown by what each peer brings.
 */
export class WorkingSet implements ReconcileStore {
  readonly #source: AnswerSource
  /** Ascending by timestamp, then digest. */
  #columns: DigestColumns
  #added: { timestamp: number; digest: Uint8Array }[] = []

  private constructor(source: AnswerSource, columns: DigestColumns) {
    this.#source = source
    this.#columns = columns
  }

  /** Reads the digests of a stretch, and as far beyond it as whole buckets reach. */
  static async load(
    source: AnswerSource,
    part: StreamPartId,
    { from, to }: Stretch,
    signal: AbortSignal,
  ): Promise<WorkingSet> {
    const { widthMs } = gridFor(from, to)
    const empty = { timestamps: new Float64Array(0), digests: new Uint8Array(0) }
    const set = new WorkingSet(source, empty)
    const first = Math.max(0, from - widthMs)
    for await (const { timestamps, digests } of source.digests(part, first, to + widthMs, signal)) {
      for (const [row, timestamp] of timestamps.entries()) set.#add(timestamp, digestAt(digests, row))
    }
    return set
  }

  /** Takes in messages that were verified and are kept. */
  add(messages: readonly ReceivedMessage[]): void {
    for (const { id, digest } of messages) this.#add(id.timestamp, digest)
  }

  span(part: StreamPartId, signal?: AbortSignal): Promise<{ first: number; last: number } | null> {
    return this.#source.span(part, signal)
  }

  query(query: MessageQuery, signal?: AbortSignal): AsyncIterable<StoredMessage[]> {
    return this.#source.query(query, signal)
  }

  async fingerprints(
    _part: StreamPartId,
    levelMs: number,
    from: number,
    to: number,
  ): Promise<FingerprintColumns> {
    const [first, end] = this.#rowsBetween(from, to)
    const { timestamps, digests } = this.#columns
    const starts: number[] = []
    const counts: number[] = []
    const sums: Uint8Array[] = []
    const sum = new Uint32Array(SUM_WORDS)
    for (let row = first; row < end; row++) {
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

  async *digests(_part: StreamPartId, from: number, to: number): AsyncIterable<DigestColumns> {
    const [first, end] = this.#rowsBetween(from, to)
    if (first === end) return
    const { timestamps, digests } = this.#columns
    yield {
      timestamps: timestamps.slice(first, end),
      digests: digests.slice(first * DIGEST_BYTES, end * DIGEST_BYTES),
    }
  }

  #add(timestamp: number, digest: Uint8Array): void {
    this.#added.push({ timestamp, digest })
  }

  #rowsBetween(from: number, to: number): [first: number, end: number] {
    if (this.#added.length > 0) this.#merge()
    return [this.#rowAt(from), this.#rowAt(to)]
  }

  /** Merges what was added. Peers asked at the same time may bring the same message; it counts once. */
  #merge(): void {
    const added = this.#added.sort((a, b) => a.timestamp - b.timestamp || Buffer.compare(a.digest, b.digest))
    this.#added = []
    const { timestamps, digests } = this.#columns
    const merged = new Float64Array(timestamps.length + added.length)
    const mergedDigests = new Uint8Array(merged.length * DIGEST_BYTES)
    let length = 0
    const put = (timestamp: number, digest: Uint8Array): void => {
      const isRepeated =
        length > 0 &&
        merged[length - 1] === timestamp &&
        Buffer.compare(digestAt(mergedDigests, length - 1), digest) === 0
      if (isRepeated) return
      merged[length] = timestamp
      mergedDigests.set(digest, length * DIGEST_BYTES)
      length += 1
    }
    let row = 0
    for (const { timestamp, digest } of added) {
      for (; row < timestamps.length; row++) {
        const order = (timestamps[row] ?? 0) - timestamp || Buffer.compare(digestAt(digests, row), digest)
        if (order > 0) break
        put(timestamps[row] ?? 0, digestAt(digests, row))
      }
      put(timestamp, digest)
    }
    for (; row < timestamps.length; row++) put(timestamps[row] ?? 0, digestAt(digests, row))
    this.#columns = {
      timestamps: merged.subarray(0, length),
      digests: mergedDigests.subarray(0, length * DIGEST_BYTES),
    }
  }

  #rowAt(timestamp: number): number {
    const { timestamps } = this.#columns
    let low = 0
    let high = timestamps.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((timestamps[middle] ?? 0) < timestamp) low = middle + 1
      else high = middle
    }
    return low
  }
}

function digestAt(digests: Uint8Array, row: number): Uint8Array {
  return digests.subarray(row * DIGEST_BYTES, (row + 1) * DIGEST_BYTES)
}
