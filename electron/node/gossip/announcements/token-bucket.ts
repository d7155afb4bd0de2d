import type { Clock } from '../../ports.ts'

/** Senders that were quiet for longest are forgotten first. */
const MAX_SENDERS = 4_096

/** Lets each sender do something `perSecond` times a second on average and `burst` times at once. */
export class TokenBuckets {
  readonly #perSecond: number
  readonly #burst: number
  readonly #clock: Clock
  readonly #buckets = new Map<string, { tokens: number; at: number }>()

  constructor(perSecond: number, burst: number, clock: Clock) {
    this.#perSecond = perSecond
    this.#burst = burst
    this.#clock = clock
  }

  /** Whether `sender` may once more; if so, counts it. */
  take(sender: string): boolean {
    const now = this.#clock.now()
    const bucket = this.#buckets.get(sender) ?? { tokens: this.#burst, at: now }
    const gained = (Math.max(0, now - bucket.at) / 1_000) * this.#perSecond
    const tokens = Math.min(this.#burst, bucket.tokens + gained)
    this.#buckets.delete(sender)
    this.#buckets.set(sender, { tokens: tokens < 1 ? tokens : tokens - 1, at: now })
    const oldest = this.#buckets.keys().next()
    if (this.#buckets.size > MAX_SENDERS && oldest.done !== true) this.#buckets.delete(oldest.value)
    return tokens >= 1
  }
}
