import { MEDIAN_INTERVAL_MS, MIN_STALE_VALUE_MS, STALE_VALUE_MS } from '../limits.ts'
import type { BlindSpans } from './blind-spans.ts'
import type { CompiledRule } from './compiled-rule.ts'
import type { OpenAlerts } from './open-alerts.ts'
import type { Slot, Track } from './slot.ts'
import type { Tracks } from './tracks.ts'

/** A median says something of a publisher only among others. */
const MIN_FLEET = 3
const STALE_AFTER_PAUSES = 3
const NEVER = Number.POSITIVE_INFINITY

/** Conditions that time brings about: silence, frequency, lag behind the others. */
export class TimedConditions {
  readonly #tracks: Tracks
  readonly #alerts: OpenAlerts
  readonly #blind: BlindSpans
  readonly #silence: readonly CompiledRule[]
  readonly #frequency: readonly CompiledRule[]
  readonly #lag: readonly CompiledRule[]
  /** Infinite when no rule asks for silence. */
  readonly shortestSilenceMs: number

  constructor(rules: readonly CompiledRule[], tracks: Tracks, alerts: OpenAlerts, blind: BlindSpans) {
    const of = (kind: string) => rules.filter(({ condition }) => condition.kind === kind)
    this.#tracks = tracks
    this.#alerts = alerts
    this.#blind = blind
    this.#silence = of('silence')
    this.#frequency = of('frequency')
    this.#lag = of('lag')
    this.shortestSilenceMs = Math.min(...this.#silence.map(afterMsOf))
  }

  count(track: Track): void {
    for (const { index } of this.#frequency) track.counts[index] = (track.counts[index] ?? 0) + 1
  }

  /** Counts a message that came late, where its window is still open. @param position up to which windows are closed */
  countLate(track: Track, timestamp: number, position: number): void {
    for (const { index, condition } of this.#frequency) {
      if (condition.kind !== 'frequency') continue
      const closedUpTo = Math.floor(position / condition.windowMs) * condition.windowMs
      if (timestamp > closedUpTo) track.counts[index] = (track.counts[index] ?? 0) + 1
    }
  }

  /** When the newest silence of a publisher began, ms; -1 without one. */
  silentSince(track: Track): number {
    let since = -1
    if (track.silent === 0) return since
    for (const { index } of this.#silence) {
      const slot = track.slots[index]
      if (slot?.active === true && slot.since > since) since = slot.since
    }
    return since
  }

  /** Ends the silences of a publisher. */
  spoke(track: Track, at: number): void {
    track.silent = 0
    for (const rule of this.#silence) this.#alerts.end(rule, track, at)
  }

  /** Judges what is due up to a time on the grid. @returns when something is due next */
  look(at: number): number {
    let next = this.#silence.length === 0 ? NEVER : this.#lookForSilence(at)
    for (const rule of this.#frequency) next = Math.min(next, this.#closeWindow(rule, at))
    if (this.#lag.length > 0) {
      if (at % MEDIAN_INTERVAL_MS === 0) for (const rule of this.#lag) this.#compareWithMedian(rule, at)
      next = Math.min(next, nextMultiple(at, MEDIAN_INTERVAL_MS))
    }
    return next
  }

  #lookForSilence(at: number): number {
    const watchedAgain = this.#blind.lastEnd(at)
    let next = NEVER
    for (const track of this.#tracks.all()) {
      const since = Math.max(track.heardAt, watchedAgain)
      for (const rule of this.#silence) {
        if (!concerns(rule, track)) continue
        if (track.slots[rule.index]?.active === true) continue
        const due = Math.max(since, this.#tracks.startOf(rule)) + afterMsOf(rule)
        if (due > at) next = Math.min(next, due)
        else if (this.#alerts.begin(rule, track, due, null)) track.silent += 1
      }
    }
    return next
  }

  /** Windows reach from behind a multiple of their length up to and with the next one. */
  #closeWindow(rule: CompiledRule, at: number): number {
    const { condition } = rule
    if (condition.kind !== 'frequency') return NEVER
    const { windowMs, min = 0, max = NEVER } = condition
    if (at % windowMs !== 0) return nextMultiple(at, windowMs)
    const from = at - windowMs
    const isWatched = from >= this.#tracks.startOf(rule) && !this.#blind.overlaps(from, at)
    for (const track of this.#tracks.all()) {
      if (!concerns(rule, track)) continue
      const count = track.counts[rule.index] ?? 0
      track.counts[rule.index] = 0
      if (!isWatched) continue
      if (count > max || (count < min && track.bornAt <= from)) this.#alerts.begin(rule, track, at, count)
      else if (count >= min) this.#alerts.end(rule, track, at)
    }
    return at + windowMs
  }

  #compareWithMedian(rule: CompiledRule, at: number): void {
    const { condition } = rule
    if (condition.kind !== 'lag') return
    const fresh: { track: Track; value: number }[] = []
    for (const track of this.#tracks.all()) {
      const slot = track.slots[rule.index]
      if (slot === undefined) continue
      if (slot.at >= at - staleAfterMs(slot) && typeof slot.value === 'number') {
        fresh.push({ track, value: slot.value })
      } else this.#alerts.end(rule, track, at)
    }
    if (fresh.length < MIN_FLEET) return
    const sorted = Float64Array.from(fresh, ({ value }) => value).sort()
    const median = sorted[(sorted.length - 1) >> 1] ?? 0
    for (const { track, value } of fresh) {
      if (value < median - condition.by) this.#alerts.begin(rule, track, at, value)
      else this.#alerts.end(rule, track, at)
    }
  }
}

/** Who is silent says nothing of the fleet, and is said to be silent, not to lag. */
function staleAfterMs({ slice: pauseMs }: Slot): number {
  return pauseMs < 0 ? STALE_VALUE_MS : Math.max(MIN_STALE_VALUE_MS, STALE_AFTER_PAUSES * pauseMs)
}

/** Publishers that a rule names are missed even when they were never heard. */
function concerns({ publishers }: CompiledRule, { publisher, bornAt }: Track): boolean {
  return publishers === undefined ? bornAt >= 0 : publishers.has(publisher ?? '')
}

function afterMsOf({ condition }: CompiledRule): number {
  return condition.kind === 'silence' ? condition.afterMs : NEVER
}

function nextMultiple(at: number, of: number): number {
  return (Math.floor(at / of) + 1) * of
}
