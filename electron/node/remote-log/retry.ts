import { setTimeout as sleep } from 'node:timers/promises'
import { RemoteLogError } from './errors.ts'

export interface RetryOptions {
  /** Tries in all, the first included. */
  attempts: number
  /** Wait before the second try, ms; doubled before each further one. */
  firstDelayMs: number
  /** Longest wait, ms. */
  maxDelayMs: number
  signal?: AbortSignal | undefined
}

/**
 * Carries out `work` until it succeeds, fails for good, or the tries are used up. Waits are spread by half, so
 * that many who failed together do not come back together.
 */
export async function withRetries<T>(work: () => Promise<T>, options: RetryOptions): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work()
    } catch (error) {
      const isPassing = error instanceof RemoteLogError && error.isPassing
      if (!isPassing || attempt >= options.attempts) throw error
      const delayMs = Math.min(options.maxDelayMs, options.firstDelayMs * 2 ** (attempt - 1))
      await sleep(delayMs * (0.5 + Math.random() / 2), undefined, { signal: options.signal })
    }
  }
}
