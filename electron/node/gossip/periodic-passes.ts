export interface PeriodicPassesOptions {
  /** The first pass begins this long after the start, ms. */
  firstMs: number
  /** Pause between two passes, ms; read after each, so that a change takes effect at once. */
  pauseMs: () => number
  /** One pass; what it throws it has to deal with itself. */
  work: (signal: AbortSignal) => Promise<void>
}

/** Work in the background, a pass at a time: each begins after the one before has ended. */
export class PeriodicPasses {
  readonly #options: PeriodicPassesOptions
  readonly #stopped = new AbortController()
  #timer: NodeJS.Timeout | undefined
  /** When the next pass is due, as `performance.now()` tells time. */
  #dueAt = Number.POSITIVE_INFINITY
  #running: Promise<void> = Promise.resolve()

  constructor(options: PeriodicPassesOptions) {
    this.#options = options
    this.#schedule(options.firstMs)
  }

  /** Aborts when the passes are stopped. */
  get signal(): AbortSignal {
    return this.#stopped.signal
  }

  /** One pass now, after the one that may be under way. */
  pass(): Promise<void> {
    this.#running = this.#running.then(async () => {
      if (!this.signal.aborted) await this.#options.work(this.signal)
    })
    return this.#running
  }

  /** Sees that a pass begins no later than `inMs` from now; one that is under way does not count. */
  passWithin(inMs: number): void {
    if (this.#timer === undefined) this.#dueAt = Math.min(this.#dueAt, performance.now() + inMs)
    else this.#schedule(inMs)
  }

  /** Ends the pass that is under way, and begins no other. */
  async stop(): Promise<void> {
    this.#stopped.abort(new Error('The node stops.'))
    clearTimeout(this.#timer)
    await this.#running
  }

  #schedule(inMs: number): void {
    if (this.signal.aborted) return
    clearTimeout(this.#timer)
    const now = performance.now()
    this.#dueAt = Math.min(this.#dueAt, now + inMs)
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      this.#dueAt = Number.POSITIVE_INFINITY
      void this.pass().then(() => this.#schedule(this.#options.pauseMs()))
    }, this.#dueAt - now)
    this.#timer.unref()
  }
}
