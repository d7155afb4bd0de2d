import { DIGEST_BYTES } from '../../message/content-digest.ts'
import type { DigestColumns } from '../ports.ts'
import type { SessionKey } from '../riblt/short-ids.ts'
import { addDigest, digestSumBytes, SUM_WORDS } from './bucket-sums.ts'
import { bucketKey, type DigestCache } from './digest-cache.ts'
import { joinPrefixes, type PrefixColumns } from './digest-columns.ts'
import { DigestSet } from './digest-set.ts'

export interface DigestSetBuilderOptions {
  part: string
  /** Pyramid level of the buckets that are kept, ms. */
  levelMs: number
  cache: DigestCache
}

/** Puts a set together from buckets in the cache and digests from the store, and keeps the latter's buckets. */
export class DigestSetBuilder {
  readonly #part: string
  readonly #levelMs: number
  readonly #cache: DigestCache
  readonly #columns: PrefixColumns[] = []
  #bucket = Number.NaN
  #pending: DigestColumns[] = []

  constructor({ part, levelMs, cache }: DigestSetBuilderOptions) {
    this.#part = part
    this.#levelMs = levelMs
    this.#cache = cache
  }

  /** Takes the buckets that are in the cache; returns the indexes of those that are not. */
  takeCached(keys: readonly string[]): number[] {
    return keys.flatMap((key, index) => {
      const columns = this.#cache.get(key)
      if (columns === undefined) return [index]
      this.#columns.push(columns)
      return []
    })
  }

  /** Takes digests from the store, whole buckets in ascending order of time. */
  append({ timestamps, digests }: DigestColumns): void {
    let from = 0
    for (let row = 0; row <= timestamps.length; row++) {
      const bucket =
        row < timestamps.length ? Math.floor((timestamps[row] ?? 0) / this.#levelMs) : this.#bucket
      if (row < timestamps.length && bucket === this.#bucket) continue
      if (row > from) {
        this.#pending.push({
          timestamps: timestamps.subarray(from, row),
          digests: digests.subarray(from * DIGEST_BYTES, row * DIGEST_BYTES),
        })
      }
      if (row < timestamps.length) {
        this.#seal()
        this.#bucket = bucket
        from = row
      }
    }
  }

  finish(key: SessionKey): DigestSet {
    this.#seal()
    this.#columns.sort((a, b) => (a.timestamps[0] ?? 0) - (b.timestamps[0] ?? 0))
    return new DigestSet(key, this.#columns)
  }

  #seal(): void {
    if (this.#pending.length === 0) return
    const columns = joinPrefixes(this.#pending)
    this.#columns.push(columns)
    const sum = new Uint32Array(SUM_WORDS)
    for (const { digests } of this.#pending) {
      for (let at = 0; at < digests.length; at += DIGEST_BYTES) addDigest(sum, 0, digests, at)
    }
    const start = this.#bucket * this.#levelMs
    const key = bucketKey(this.#part, this.#levelMs, start, columns.timestamps.length, digestSumBytes(sum, 0))
    this.#cache.put(key, columns)
    this.#pending = []
  }
}
