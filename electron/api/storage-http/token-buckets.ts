export interface TokenBucketsOptions {
  /** Tokens a full bucket holds. */
  capacity: number
  refillPerSecond: number
  /** Buckets remembered at most; the one that was quiet longest is forgotten, which gives its owner a full one. */
  maxBuckets: number
  /** Monotonic time in ms. */
  monotonic: () => number
}

interface Bucket {
  tokens: number
  at: number
}

/** Rate limits by key: each key has a bucket of tokens that refills at a steady rate. */
export class TokenBuckets {
  readonly #options: TokenBucketsOptions
  /** In order of last use, the oldest first. */
  readonly #buckets = new Map<string, Bucket>()

  constructor(options: TokenBucketsOptions) {
    this.#options = options
  }

  /** Takes one token of `key`'s bucket. Returns 0, or the ms until there is one again. */
  take(key: string): number {
    const { capacity, refillPerSecond, maxBuckets, monotonic } = this.#options
    const now = monotonic()
    const bucket = this.#buckets.get(key) ?? { tokens: capacity, at: now }
    this.#buckets.delete(key)
    this.#buckets.set(key, bucket)
    if (this.#buckets.size > maxBuckets) this.#forgetOldest()
    bucket.tokens = Math.min(capacity, bucket.tokens + ((now - bucket.at) / 1_000) * refillPerSecond)
    bucket.at = now
    if (bucket.tokens < 1) return Math.ceil(((1 - bucket.tokens) / refillPerSecond) * 1_000)
    bucket.tokens -= 1
    return 0
  }

  #forgetOldest(): void {
    for (const key of this.#buckets.keys()) {
      this.#buckets.delete(key)
      return
    }
  }
}
