import { DIGEST_BYTES } from '../../message/content-digest.ts'
import type { PrefixColumns } from './digest-columns.ts'

/** Bytes of one message in the cache. */
const ROW_BYTES = 24

/**
 * Digest prefixes of sealed buckets, least recently used first out.
 *
 * Short ids are keyed per session and cannot be kept; what can be kept is what they are made of, so that a node
 * asked by many peers reads a bucket's digests from disk once. The key is what the pyramid says of the bucket (part,
 * place, count, sum): a bucket that changed has another key, so nothing ever has to be invalidated.
 */
export class DigestCache {
  readonly #limitBytes: number
  readonly #entries = new Map<string, PrefixColumns>()
  #sizeBytes = 0

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes
  }

  get sizeBytes(): number {
    return this.#sizeBytes
  }

  get(key: string): PrefixColumns | undefined {
    const columns = this.#entries.get(key)
    if (columns !== undefined) {
      this.#entries.delete(key)
      this.#entries.set(key, columns)
    }
    return columns
  }

  has(key: string): boolean {
    return this.#entries.has(key)
  }

  put(key: string, columns: PrefixColumns): void {
    if (this.#entries.has(key)) return
    const sizeBytes = columns.timestamps.length * ROW_BYTES
    if (sizeBytes > this.#limitBytes) return
    this.#entries.set(key, columns)
    this.#sizeBytes += sizeBytes
    for (const [oldest, entry] of this.#entries) {
      if (this.#sizeBytes <= this.#limitBytes) break
      this.#entries.delete(oldest)
      this.#sizeBytes -= entry.timestamps.length * ROW_BYTES
    }
  }
}

/** Key of one pyramid bucket's content. */
export function bucketKey(
  part: string,
  levelMs: number,
  start: number,
  count: number,
  sum: Uint8Array,
): string {
  if (sum.length !== DIGEST_BYTES) throw new RangeError(`A digest sum has ${DIGEST_BYTES} bytes.`)
  return `${part} ${levelMs} ${start} ${count} ${Buffer.from(sum).toString('base64')}`
}
