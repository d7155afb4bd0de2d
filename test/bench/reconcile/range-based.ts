/**
 * Range-based set reconciliation (Meyer, "Range-Based Set Reconciliation", 2023; the way Negentropy goes), for
 * comparison: ranges of the sorted set carry a 16-byte fingerprint; one that differs is answered with 16 smaller
 * ranges, or with its ids once it holds few. Both sides' bytes are really written.
 */
import { createHash } from 'node:crypto'
import { addDigest, digestSumBytes, SUM_WORDS } from '../../../electron/node/gossip/reconcile/bucket-sums.ts'
import { DIGEST_BYTES } from '../../../electron/node/message/content-digest.ts'
import type { Corpus, CorpusStore } from './corpus.ts'

const SPLIT = 16
const FINGERPRINT_BYTES = 16
/** Ranges of at most this many ids are answered with the ids themselves. */
const LIST_AT_MOST = 32

/** A range between two rows of the corpus (which is sorted by time, as both sides' sets are). */
type Range = { from: number; to: number } & (
  | { kind: 'fingerprint'; fingerprint: Buffer }
  | { kind: 'ids'; rows: number[] }
)

class Side {
  readonly #corpus: Corpus
  readonly #rows: Uint32Array
  readonly found = new Set<number>()

  constructor(corpus: Corpus, store: CorpusStore) {
    this.#corpus = corpus
    this.#rows = Uint32Array.from(
      Array.from({ length: corpus.length }, (_, row) => row).filter((row) => store.has(row)),
    )
  }

  split(from: number, to: number): Range[] {
    const first = this.#indexOf(from)
    const end = this.#indexOf(to)
    const count = end - first
    if (count <= LIST_AT_MOST) return [{ kind: 'ids', from, to, rows: [...this.#rows.subarray(first, end)] }]
    const edges = Array.from(
      { length: SPLIT - 1 },
      (_, part) => this.#rows[first + Math.floor((count * (part + 1)) / SPLIT)] ?? to,
    )
    return [from, ...edges].map((edge, part) => {
      const next = edges[part] ?? to
      return { kind: 'fingerprint', from: edge, to: next, fingerprint: this.#fingerprint(edge, next) }
    })
  }

  answer(ranges: readonly Range[]): Range[] {
    return ranges.flatMap((range): Range[] => {
      if (range.kind === 'fingerprint') {
        return this.#fingerprint(range.from, range.to).equals(range.fingerprint)
          ? []
          : this.split(range.from, range.to)
      }
      const own = [...this.#rows.subarray(this.#indexOf(range.from), this.#indexOf(range.to))]
      const theirs = new Set(range.rows)
      const held = new Set(own)
      const lacking = range.rows.filter((row) => !held.has(row))
      const surplus = own.filter((row) => !theirs.has(row))
      for (const row of [...lacking, ...surplus]) this.found.add(row)
      // The other side has to learn what only this side has.
      return surplus.length > 0 ? [{ kind: 'ids', from: range.from, to: range.from, rows: surplus }] : []
    })
  }

  #fingerprint(from: number, to: number): Buffer {
    const sum = new Uint32Array(SUM_WORDS)
    const { digests } = this.#corpus
    const first = this.#indexOf(from)
    const end = this.#indexOf(to)
    for (let index = first; index < end; index++)
      addDigest(sum, 0, digests, (this.#rows[index] ?? 0) * DIGEST_BYTES)
    return createHash('sha256')
      .update(digestSumBytes(sum, 0))
      .update(String(end - first))
      .digest()
      .subarray(0, FINGERPRINT_BYTES)
  }

  #indexOf(row: number): number {
    let low = 0
    let high = this.#rows.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#rows[middle] ?? 0) < row) low = middle + 1
      else high = middle
    }
    return low
  }
}

const varintBytes = (value: number): number => (value < 128 ? 1 : 1 + varintBytes(Math.floor(value / 128)))

/** Bytes of one message: per range the distance of its end from the one before, its kind, and what it carries. */
function messageBytes(corpus: Corpus, ranges: readonly Range[]): number {
  let sizeBytes = 0
  let previous = corpus.timestamps[0] ?? 0
  for (const range of ranges) {
    const end = corpus.timestamps[Math.min(range.to, corpus.length - 1)] ?? 0
    sizeBytes += varintBytes(Math.max(0, end - previous)) + 1
    sizeBytes +=
      range.kind === 'fingerprint'
        ? FINGERPRINT_BYTES
        : varintBytes(range.rows.length) + range.rows.length * DIGEST_BYTES
    previous = end
  }
  return sizeBytes
}

export function rangeBased(
  corpus: Corpus,
  asker: CorpusStore,
  answerer: CorpusStore,
): { bytes: number; rounds: number; found: number } {
  const sides = [new Side(corpus, asker), new Side(corpus, answerer)] as const
  let ranges = sides[0].split(0, corpus.length)
  let bytes = 0
  let messages = 0
  while (ranges.length > 0) {
    bytes += messageBytes(corpus, ranges)
    messages += 1
    ranges = sides[messages % 2 === 1 ? 1 : 0].answer(ranges)
  }
  return {
    bytes,
    rounds: Math.ceil(messages / 2),
    found: new Set([...sides[0].found, ...sides[1].found]).size,
  }
}
