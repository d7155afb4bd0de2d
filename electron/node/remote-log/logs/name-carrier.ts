import { setTimeout as sleep } from 'node:timers/promises'
import type { LogRef } from '../../../../shared/remote-log.ts'
import type { Logger } from '../../ports.ts'
import type { Keepers } from '../keepers/keepers.ts'
import { CARRY_INTERVAL_MS, FIRST_CARRY_MS } from './limits.ts'

export interface NameCarrierOptions {
  /** The logs on the list now. */
  logs: () => readonly LogRef[]
  keepers: Pick<Keepers, 'open'>
  firstWaitMs?: number
  intervalMs?: number
  logger: Logger
}

/**
 * Hands the records of names to the network again, where they fade two days after their author was last seen: a log
 * is to be found as long as one of those who read it comes by now and then. One name at a time, each with its own
 * deadline.
 */
export class NameCarrier {
  readonly #options: NameCarrierOptions
  #running: { stop: AbortController; ended: Promise<void> } | null = null

  constructor(options: NameCarrierOptions) {
    this.#options = options
  }

  start(): void {
    const stop = new AbortController()
    this.#running = { stop, ended: this.#run(stop.signal) }
  }

  async stop(): Promise<void> {
    const running = this.#running
    this.#running = null
    running?.stop.abort(new Error('carrying names is stopping'))
    await running?.ended
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { firstWaitMs = FIRST_CARRY_MS, intervalMs = CARRY_INTERVAL_MS } = this.#options
    const wait = (ms: number) => sleep(ms, undefined, { signal, ref: false }).catch(() => undefined)
    await wait(firstWaitMs)
    while (!signal.aborted) {
      for (const log of this.#options.logs()) {
        if (signal.aborted) return
        await this.#carry(log, signal)
      }
      await wait(intervalMs)
    }
  }

  async #carry({ name, keeper }: LogRef, signal: AbortSignal): Promise<void> {
    // Records of the other keepers do not fade.
    if (keeper.kind !== 'ipfs') return
    try {
      const { carry } = await this.#options.keepers.open(keeper)
      await carry?.(name, signal)
    } catch (error) {
      if (!signal.aborted) this.#options.logger.info({ error, name }, 'a name could not be carried this time')
    }
  }
}
