import { MAX_PUBLISHERS } from './limits.ts'

/** Verified messages of one publisher in a range. */
export interface PublisherTally {
  messages: number
  bytes: number
  firstTimestamp: number
  lastTimestamp: number
  activeIntervals: number
  lastInterval: number
  longestSilenceMs: number
}

export interface PublisherTableState {
  publishers: [publisher: string, tally: PublisherTally][]
  leftOut: number
}

/** Counts what each publisher contributed; messages come in the order of time, so that no interval is remembered. */
export class PublisherTable {
  readonly #from: number
  readonly #intervalMs: number
  readonly #tallies = new Map<string, PublisherTally>()
  #leftOut = 0

  constructor(range: { from: number; intervalMs: number }, state?: PublisherTableState) {
    this.#from = range.from
    this.#intervalMs = range.intervalMs
    if (state === undefined) return
    this.#leftOut = state.leftOut
    for (const [publisher, tally] of state.publishers) this.#tallies.set(publisher, tally)
  }

  add(publisher: string, timestamp: number, bytes: number): void {
    const interval = Math.floor((timestamp - this.#from) / this.#intervalMs)
    const tally = this.#tallies.get(publisher)
    if (tally === undefined) {
      if (this.#tallies.size >= MAX_PUBLISHERS) {
        this.#leftOut += 1
        return
      }
      this.#tallies.set(publisher, {
        messages: 1,
        bytes,
        firstTimestamp: timestamp,
        lastTimestamp: timestamp,
        activeIntervals: 1,
        lastInterval: interval,
        longestSilenceMs: 0,
      })
      return
    }
    tally.messages += 1
    tally.bytes += bytes
    tally.longestSilenceMs = Math.max(tally.longestSilenceMs, timestamp - tally.lastTimestamp)
    tally.lastTimestamp = timestamp
    if (interval !== tally.lastInterval) {
      tally.activeIntervals += 1
      tally.lastInterval = interval
    }
  }

  /** Most messages first, then by name. */
  entries(): [publisher: string, tally: PublisherTally][] {
    return [...this.#tallies].sort(
      ([a, left], [b, right]) => right.messages - left.messages || (a < b ? -1 : a > b ? 1 : 0),
    )
  }

  /** Messages of publishers beyond those that are told apart. */
  get leftOut(): number {
    return this.#leftOut
  }

  state(): PublisherTableState {
    return { publishers: [...this.#tallies], leftOut: this.#leftOut }
  }
}
