import type { Clock, Logger, Startable } from '../ports.ts'
import type { Collector } from './collector.ts'

/** A publish that takes longer has failed for this tick; what was measured next is worth more than waiting on. */
const PUBLISH_DEADLINE_MS = 10_000
const FIRST_BACK_OFF_MS = 1_000
/** Long enough not to press a network that is down, short enough to be back soon after it is. */
const LONGEST_BACK_OFF_MS = 30_000
/** Publishes that may be under way, those past their deadline included; with as many, none is begun. */
const MAX_UNDER_WAY = 4
const MAX_FAILURE_LENGTH = 200

export interface PublisherLoopOptions<Sample extends object> {
  collector: Collector<Sample>
  /**
   * Signs and sends one sample. `timestamp` is when it was measured, ms since the epoch. It should stop when the
   * signal says so; it may also settle late.
   */
  publish: (content: Sample, timestamp: number, signal: AbortSignal) => Promise<void>
  /** Time between ticks, ms; ticks fall on whole multiples of it since the epoch. */
  intervalMs: number
  /** Each tick is put off by a random time up to this, ms, so that a fleet does not speak at once. Default 0. */
  jitterMs?: number
  /** Time one publish may take, ms. Default 10,000. */
  publishDeadlineMs?: number
  logger: Logger
  clock: Clock
}

export interface PublisherStatus {
  state: 'stopped' | 'running' | 'backing-off'
  published: number
  /** Ticks left out because the one before was not done, or publishing had just failed. */
  skipped: number
  failed: number
  lastPublishedAt: number | null
  /** The newest failure since the last success. */
  failure: { at: number; message: string } | null
}

export interface PublisherLoop extends Startable {
  status(): PublisherStatus
}

/** Measures and publishes on whole intervals, without drift, without piling up, and through failures. */
export function createPublisherLoop<S extends object>(options: PublisherLoopOptions<S>): PublisherLoop {
  return new TickingLoop(options)
}

class TickingLoop<Sample extends object> implements PublisherLoop {
  readonly #options: PublisherLoopOptions<Sample>
  readonly #stopping = new AbortController()
  #timer: NodeJS.Timeout | undefined
  #round: Promise<void> | undefined
  #underWay = 0
  #failuresInRow = 0
  #backOffUntil = Number.NEGATIVE_INFINITY
  #state: 'new' | 'running' | 'stopped' = 'new'
  readonly #counts: Omit<PublisherStatus, 'state'> = {
    published: 0,
    skipped: 0,
    failed: 0,
    lastPublishedAt: null,
    failure: null,
  }

  constructor(options: PublisherLoopOptions<Sample>) {
    this.#options = options
  }

  status(): PublisherStatus {
    if (this.#state !== 'running') return { state: 'stopped', ...this.#counts }
    return { state: this.#isBackingOff() ? 'backing-off' : 'running', ...this.#counts }
  }

  async start(): Promise<void> {
    if (this.#state !== 'new') throw new Error('A publisher loop is started once.')
    this.#state = 'running'
    this.#arm()
  }

  async stop(): Promise<void> {
    clearTimeout(this.#timer)
    this.#stopping.abort()
    await this.#round
    this.#state = 'stopped'
    await this.#options.collector.close()
  }

  /**
   * Waits for the next whole interval by the clock as it stands now, so a clock that is set costs at most one
   * interval, and lateness of one tick does not carry over to the next.
   */
  #arm(): void {
    const { intervalMs, jitterMs = 0, clock } = this.#options
    const dueAt = (Math.floor(clock.now() / intervalMs) + 1) * intervalMs
    const delayMs = dueAt - clock.now() + Math.random() * jitterMs
    this.#timer = setTimeout(() => this.#tick(dueAt), delayMs)
  }

  #tick(dueAt: number): void {
    const { clock, intervalMs } = this.#options
    const earlyMs = dueAt - clock.now()
    // Timers may fire a millisecond early: then this tick would come twice.
    if (earlyMs > 0 && earlyMs < intervalMs) {
      this.#timer = setTimeout(() => this.#tick(dueAt), earlyMs)
      return
    }
    this.#arm()
    if (this.#round !== undefined || this.#underWay >= MAX_UNDER_WAY || this.#isBackingOff()) {
      this.#counts.skipped += 1
      return
    }
    this.#round = this.#measureAndPublish().finally(() => {
      this.#round = undefined
    })
  }

  #isBackingOff(): boolean {
    return performance.now() < this.#backOffUntil
  }

  async #measureAndPublish(): Promise<void> {
    const { collector, clock } = this.#options
    const stopping = this.#stopping.signal
    try {
      const timestamp = clock.now()
      const content = await collector.sample(stopping)
      await this.#publish(content, timestamp)
      this.#succeeded()
    } catch (error) {
      if (!stopping.aborted) this.#failed(error)
    }
  }

  async #publish(content: Sample, timestamp: number): Promise<void> {
    const { publish, publishDeadlineMs = PUBLISH_DEADLINE_MS } = this.#options
    const signal = AbortSignal.any([this.#stopping.signal, AbortSignal.timeout(publishDeadlineMs)])
    this.#underWay += 1
    const settled = publish(content, timestamp, signal).finally(() => {
      this.#underWay -= 1
    })
    await settledOrAborted(settled, signal)
  }

  #succeeded(): void {
    if (this.#failuresInRow > 0) {
      this.#options.logger.info({ failures: this.#failuresInRow }, 'publishing works again')
    }
    this.#failuresInRow = 0
    this.#counts.published += 1
    this.#counts.lastPublishedAt = this.#options.clock.now()
    this.#counts.failure = null
  }

  #failed(error: unknown): void {
    const { logger, clock, collector } = this.#options
    const backOffMs = Math.min(FIRST_BACK_OFF_MS * 2 ** this.#failuresInRow, LONGEST_BACK_OFF_MS)
    this.#failuresInRow += 1
    this.#backOffUntil = performance.now() + backOffMs
    this.#counts.failed += 1
    this.#counts.failure = { at: clock.now(), message: messageOf(error) }
    // One line for each outage and one at its end, not one a second.
    if (this.#failuresInRow === 1)
      logger.warn({ collector: collector.name, error }, 'a sample was not published')
  }
}

/** Settles with the promise, or rejects with the signal's reason as soon as it is aborted. */
function settledOrAborted(promise: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason)
    signal.addEventListener('abort', onAbort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
}

function messageOf(error: unknown): string {
  if (error instanceof Error && error.name === 'TimeoutError') return 'It took too long.'
  return (error instanceof Error ? error.message : String(error)).slice(0, MAX_FAILURE_LENGTH)
}
