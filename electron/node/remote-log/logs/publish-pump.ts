import { setTimeout as sleep } from 'node:timers/promises'
import type { ErrorView } from '../../../../shared/errors.ts'
import type { Logger } from '../../ports.ts'
import { toShownView } from './error.ts'
import { FIRST_RETRY_MS, LAST_RETRY_MS } from './limits.ts'

export interface PublishPumpOptions {
  publish: (signal: AbortSignal) => Promise<unknown>
  /** At least this long between two publishings, ms. */
  intervalMs: number
  logger: Logger
}

/** Publishes a log whenever it is told that there may be news, not too often; tries again what fails. */
export class PublishPump {
  readonly #options: PublishPumpOptions
  readonly #stopping = new AbortController()
  #wake = Promise.withResolvers<void>()
  #running: Promise<void>
  #isPublishing = false
  #problem: ErrorView | null = null

  constructor(options: PublishPumpOptions) {
    this.#options = options
    this.#wake.resolve()
    this.#running = this.#run()
  }

  get isPublishing(): boolean {
    return this.#isPublishing
  }

  /** Why the last try failed; null when it did not. */
  get problem(): ErrorView | null {
    return this.#problem
  }

  /** There may be something to publish. */
  wake(): void {
    this.#wake.resolve()
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new Error('publishing is stopping'))
    this.#wake.resolve()
    await this.#running
  }

  async #run(): Promise<void> {
    const { publish, intervalMs, logger } = this.#options
    const { signal } = this.#stopping
    let retryMs = FIRST_RETRY_MS
    while (!signal.aborted) {
      await this.#wake.promise
      if (signal.aborted) return
      this.#wake = Promise.withResolvers()
      this.#isPublishing = true
      try {
        await publish(signal)
        this.#problem = null
        retryMs = FIRST_RETRY_MS
        await this.#pause(intervalMs)
      } catch (error) {
        if (signal.aborted) return
        this.#problem = toShownView(error)
        logger.warn({ error }, 'a log could not be published; it is tried again')
        this.#isPublishing = false
        await this.#pause(retryMs)
        retryMs = Math.min(LAST_RETRY_MS, retryMs * 2)
        this.#wake.resolve()
      } finally {
        this.#isPublishing = false
      }
    }
  }

  async #pause(ms: number): Promise<void> {
    this.#isPublishing = false
    await sleep(ms, undefined, { signal: this.#stopping.signal }).catch((error: unknown) => {
      if (!this.#stopping.signal.aborted) throw error
    })
  }
}
