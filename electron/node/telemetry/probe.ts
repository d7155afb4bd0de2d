import { setTimeout as wait } from 'node:timers/promises'
import type { Logger } from '../ports.ts'
import { reasonOf, Unavailable, type UnavailableReason } from './collector.ts'

export type Reading<T> =
  | { known: true; value: T; ageMs: number }
  | { known: false; reason: UnavailableReason }

export interface ProbeOptions<T> {
  name: string
  read: () => Promise<T>
  /** Readings that are dear are taken more seldom than the samples they appear in. */
  everyMs: number
  /** A reading that takes longer counts as missing until it ends. */
  deadlineMs: number
  /** Monotonic time in ms: ages must not follow a wall clock that is set. */
  monotonic: () => number
  logger: Logger
}

/** One reading taken at its own pace. */
export interface Probe<T> {
  /** Starts a reading when one is due and none is under way; resolves with it, or after `waitMs` without it. */
  refresh(waitMs: number): Promise<void>
  /** The newest reading with its age, or why there is none. */
  latest(): Reading<T>
}

export function createProbe<T>(options: ProbeOptions<T>): Probe<T> {
  return new PacedProbe(options)
}

/** Readings are due a little early, so that a probe of the sample's own pace is not late by a timer's jitter. */
const EARLY_MS = 50

class PacedProbe<T> implements Probe<T> {
  readonly #options: ProbeOptions<T>
  #running: Promise<void> | undefined
  #startedAt = Number.NEGATIVE_INFINITY
  #value: { value: T; at: number } | undefined
  #reason: UnavailableReason = 'not-yet'

  constructor(options: ProbeOptions<T>) {
    this.#options = options
  }

  async refresh(waitMs: number): Promise<void> {
    const now = this.#options.monotonic()
    if (this.#running === undefined && now - this.#startedAt >= this.#options.everyMs - EARLY_MS) {
      this.#startedAt = now
      this.#running = this.#read()
    }
    if (this.#running === undefined) return
    const abort = new AbortController()
    const patience = wait(waitMs, undefined, { signal: abort.signal, ref: false }).catch(() => undefined)
    await Promise.race([this.#running, patience])
    abort.abort()
  }

  latest(): Reading<T> {
    const now = this.#options.monotonic()
    if (this.#running !== undefined && now - this.#startedAt >= this.#options.deadlineMs) {
      return { known: false, reason: 'timeout' }
    }
    if (this.#value === undefined) return { known: false, reason: this.#reason }
    return { known: true, value: this.#value.value, ageMs: now - this.#value.at }
  }

  async #read(): Promise<void> {
    const { read, monotonic, name, logger } = this.#options
    try {
      this.#value = { value: await read(), at: monotonic() }
    } catch (error) {
      this.#value = undefined
      this.#reason = reasonOf(error)
      if (!(error instanceof Unavailable)) logger.debug({ probe: name, error }, 'a reading failed')
    } finally {
      this.#running = undefined
    }
  }
}
