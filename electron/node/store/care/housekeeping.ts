import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from '../../ports.ts'
import type { StoreCare } from '../store-care.ts'

/** Between two rounds, ms: how late a held message may come, and how far a part may outgrow its limits. */
const INTERVAL_MS = 5_000

export interface HousekeepingOptions {
  care: Pick<StoreCare, 'releaseHeld' | 'enforceRetention'>
  logger: Logger
}

/** Does what must be done from time to time, until it is stopped. */
export function startHousekeeping({ care, logger }: HousekeepingOptions): { stop(): Promise<void> } {
  const stopping = new AbortController()
  const { signal } = stopping
  const round = async (): Promise<void> => {
    await care.releaseHeld()
    const { messages, bytes } = await care.enforceRetention(signal)
    if (messages > 0) logger.info({ messages, bytes }, 'Messages beyond their retention were dropped')
  }
  const run = async (): Promise<void> => {
    while (!signal.aborted) {
      await delay(INTERVAL_MS, undefined, { signal, ref: false }).catch(() => undefined)
      if (signal.aborted) return
      // A full disk or a worker that is being started again: the next round tries again.
      await round().catch((error: unknown) => logger.warn({ err: error }, 'Housekeeping did not succeed'))
    }
  }
  const running = run()
  return {
    stop: async () => {
      stopping.abort()
      await running
    },
  }
}
