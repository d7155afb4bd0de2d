/** Length of the window a rate is taken over; long enough that one message a second reads as a steady 1.0. */
export const RATE_WINDOW_S = 10

/** Messages per second over the last `RATE_WINDOW_S` whole seconds, in constant memory. */
export class RateMeter {
  readonly #counts = new Float64Array(RATE_WINDOW_S + 1)
  #newestSecond = 0

  /** @param nowMs time of receipt, ms since the epoch */
  add(count: number, nowMs: number): void {
    this.#advance(nowMs)
    this.#counts[this.#newestSecond % this.#counts.length] = this.#at(this.#newestSecond) + count
  }

  /** The second in progress is left out: it would always read too low. */
  perSecond(nowMs: number): number {
    this.#advance(nowMs)
    let sum = 0
    for (let second = this.#newestSecond - RATE_WINDOW_S; second < this.#newestSecond; second++)
      sum += this.#at(second)
    return sum / RATE_WINDOW_S
  }

  #at(second: number): number {
    return this.#counts[((second % this.#counts.length) + this.#counts.length) % this.#counts.length] ?? 0
  }

  #advance(nowMs: number): void {
    const second = Math.floor(nowMs / 1_000)
    if (second <= this.#newestSecond) return
    const stale = Math.min(second - this.#newestSecond, this.#counts.length)
    for (let i = 0; i < stale; i++) this.#counts[(second - i) % this.#counts.length] = 0
    this.#newestSecond = second
  }
}
