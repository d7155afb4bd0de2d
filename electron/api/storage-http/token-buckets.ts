export interface TokenBucketsOptions {
  /** Tokens a full bucket holds. */
  capacity: number
  refillPerSecond: number
  /** Buckets remembered at most; the one that was quiet longest is forgotten, which gives its owner a full one. */
  maxBuckets: number
  /** Monotonic time in ms. */
  monotonic: () => number
}

/** Tokens are counted in thousandths: whole milliseconds at a whole rate then add up without rounding. */
const TOKEN = 1_000

interface Bucket {
  thousandths: number
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
    const bucket = this.#buckets.get(key) ?? { thousandths: capacity * TOKEN, at: now }
    this.#buckets.delete(key)
    this.#buckets.set(key, bucket)
    if (this.#buckets.size > maxBuckets) this.#forgetOldest()
    const flowedIn = (now - bucket.at) * refillPerSecond
    bucket.thousandths = Math.min(capacity * TOKEN, bucket.thousandths + flowedIn)
    bucket.at = now
    if (bucket.thousandths < TOKEN) return Math.ceil((TOKEN - bucket.thousandths) / refillPerSecond)
    bucket.thousandths -= TOKEN
    return 0
  }

  #forgetOldest(): void {
    for (const key of this.#buckets.keys()) {
      this.#buckets.delete(key)
      return
    }
  }
}
