import type { Logger } from '../ports.ts'
import { reasonOf, type UnavailableReason } from './collector.ts'

/** The readings of one sample: those that fail are null, and why is noted. */
export interface Readings {
  /** What the reading gives, or null with its reason noted under `path`. Rejects only when `signal` was aborted. */
  orNull<T>(path: string, reading: Promise<T>): Promise<T | null>
  missing(path: string, reason: UnavailableReason): null
  reason(path: string): UnavailableReason | undefined
  /** To be spread into the sample: absent when nothing is missing. */
  note(): { unavailable?: Record<string, UnavailableReason> }
}

export function createReadings(logger: Logger, signal?: AbortSignal): Readings {
  const unavailable: Record<string, UnavailableReason> = {}
  const missing = (path: string, reason: UnavailableReason): null => {
    unavailable[path] = reason
    return null
  }
  return {
    missing,
    orNull: (path, reading) =>
      reading.catch((error: unknown) => {
        signal?.throwIfAborted()
        logger.debug({ reading: path, reason: reasonOf(error) }, 'the endpoint did not say')
        return missing(path, reasonOf(error))
      }),
    reason: (path) => unavailable[path],
    note: () => (Object.keys(unavailable).length > 0 ? { unavailable } : {}),
  }
}

/** Asks again only after a while: for what changes seldom. A failure is not kept. */
export function atMostEvery<T>(everyMs: number, read: (signal?: AbortSignal) => Promise<T>) {
  let known: { value: T; at: number } | undefined
  return async (signal?: AbortSignal): Promise<T> => {
    const now = performance.now()
    if (known === undefined || now - known.at >= everyMs) known = { value: await read(signal), at: now }
    return known.value
  }
}
