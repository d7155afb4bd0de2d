import { fieldValue } from '../../../../shared/field-path.ts'
import type { Rule } from '../../../../shared/rules/rule.ts'
import { verdictCode } from '../../../../shared/verdict.ts'
import { CLOCK_STEP_MS, GRID_MS } from '../limits.ts'
import { type BlindSpan, BlindSpans } from './blind-spans.ts'
import { GAP, KNOWN, stepInChain } from './chain-ends.ts'
import { type CompiledRule, compileRule } from './compiled-rule.ts'
import { EventConditions } from './event-conditions.ts'
import { byField, type FieldRules } from './field-rules.ts'
import { HAPPENED, HOLDS, judgeValue, UNSAID } from './judge-value.ts'
import { OpenAlerts } from './open-alerts.ts'
import type { RuleMessage } from './rule-message.ts'
import type { SavedPart } from './saved-part.ts'
import type { Track } from './slot.ts'
import { TimedConditions } from './timed-conditions.ts'
import { Tracks } from './tracks.ts'
import type { Transition } from './transition.ts'

const VERIFIED = verdictCode('verified')
const PENDING = verdictCode('pending')

export interface PartEvaluatorOptions {
  /** The enabled rules of one stream part. */
  rules: readonly Rule[]
  /** Message time from which on is judged, ms, where nothing is saved of a rule. */
  from: number
  saved?: SavedPart | undefined
  blind?: readonly BlindSpan[]
  emit: (transition: Transition) => void
}

/**
 * Judges the messages of one stream part by its rules: a state machine over messages in the order of message time,
 * and the word that none will come any more up to a time. It looks at no clock, so the same messages give the same
 * alerts, live, after a restart, or in a replay. What comes late is judged in the order of its publisher. Messages are judged first, then what is due at their time; what is due
 * is looked at on a grid of whole seconds.
 */
export class PartEvaluator {
  readonly #rules: readonly CompiledRule[]
  readonly #fields: readonly FieldRules[]
  readonly #tracks: Tracks
  readonly #alerts: OpenAlerts
  readonly #timed: TimedConditions
  readonly #events: EventConditions
  readonly #blind = new BlindSpans()
  #position: number
  /** Nothing is due before this. */
  #due: number
  /** On the grid, ms. */
  #lookedUpTo = -1

  constructor({ rules, from, saved, blind = [], emit }: PartEvaluatorOptions) {
    const paths: string[] = []
    const fieldOf = (path: string): number => {
      const known = paths.indexOf(path)
      return known >= 0 ? known : paths.push(path) - 1
    }
    this.#rules = rules.map((rule, index) => compileRule(rule, index, fieldOf))
    this.#fields = byField(paths, this.#rules)
    this.#position = saved?.position ?? from
    this.#alerts = new OpenAlerts(emit)
    this.#tracks = new Tracks(this.#rules, paths, this.#alerts, this.#position, saved)
    this.#timed = new TimedConditions(this.#rules, this.#tracks, this.#alerts, this.#blind)
    this.#events = new EventConditions(this.#rules, this.#alerts)
    for (const span of blind) this.#blind.add(span)
    this.#due = saved === undefined ? this.#position : this.#position + 1
  }

  /** All messages up to this time are judged, ms. */
  get position(): number {
    return this.#position
  }

  /** What of messages the rules look at. */
  get needs(): { needsContent: boolean; needsUnproven: boolean } {
    return {
      needsContent: this.#fields.length > 0 || this.#events.needsContent,
      needsUnproven: this.#events.hasPartRules,
    }
  }

  /** Publishers that are not told apart any more, and conditions that were not told, because there are too many. */
  get beyondBounds(): { publishers: number; alerts: number } {
    return { publishers: this.#tracks.untracked, alerts: this.#alerts.suppressed }
  }

  /** Nobody watched in this time: nobody was silent in it. */
  notWatched(span: BlindSpan): void {
    this.#blind.add(span)
  }

  /** Judges messages in ascending order of time, none before those judged already. */
  judge(messages: readonly RuleMessage[]): void {
    for (const message of messages) this.#judgeOne(message)
  }

  /** No message up to this time will come any more. */
  advance(to: number): void {
    if (to < this.#position) return
    this.#lookAtWhatIsDue(to)
    this.#position = to
  }

  /**
   * Judges messages in ascending order of time that came when later ones were judged already: each in the order of its
   * publisher, where nothing newer of it was judged. Those that were judged are passed over.
   */
  judgeLate(messages: readonly RuleMessage[]): void {
    for (const message of messages) this.#judgeOneLate(message)
  }

  /**
   * Messages without a good signature, or of somebody without the right, came too late to be judged. Their own time is
   * a claim that could hide them: they count at the time they were received.
   */
  refusedLate(fault: 'forged' | 'unauthorised', receivedAt: number): void {
    const at = Math.min(receivedAt, this.#position + CLOCK_STEP_MS)
    this.#dueBy(this.#events.refusedLate(this.#tracks.part, fault, at))
  }

  /** What the rules remember, to go on from later. */
  save(): SavedPart {
    return this.#tracks.save(this.#position)
  }

  #judgeOne(message: RuleMessage): void {
    const { timestamp, verdict, publisher } = message
    if (this.#due < timestamp) this.#lookAtWhatIsDue(timestamp - 1)
    this.#position = timestamp
    if (verdict !== VERIFIED) {
      if (verdict === PENDING) {
        const track = message.isSigned ? this.#tracks.of(publisher) : undefined
        if (track !== undefined) this.#lives(track, timestamp)
      } else if (this.#events.hasPartRules) {
        this.#dueBy(this.#events.refused(this.#tracks.part, message))
      }
      return
    }
    const track = this.#tracks.of(publisher)
    if (track === undefined) return
    this.#lives(track, timestamp)
    this.#timed.count(track)
    const step = stepInChain(track, message)
    if (this.#events.hasRules) this.#dueBy(this.#events.verified(track, message, step === GAP))
    if (this.#fields.length > 0 && message.content !== undefined) this.#judgeValues(track, message)
  }

  #judgeOneLate(message: RuleMessage): void {
    const { timestamp, verdict, publisher } = message
    const isPending = verdict === PENDING && message.isSigned
    if (verdict !== VERIFIED && !isPending) return
    const track = this.#tracks.of(publisher)
    if (track === undefined) return
    if (isPending) {
      this.#livedAt(track, message.aliveAt)
      return
    }
    const step = stepInChain(track, message)
    if (step === KNOWN) return
    this.#livedAt(track, message.aliveAt)
    this.#timed.countLate(track, timestamp, this.#position)
    this.#alerts.settleTrack(track, Math.floor((timestamp - 1) / GRID_MS) * GRID_MS)
    if (this.#events.hasRules) this.#dueBy(this.#events.verified(track, message, step === GAP))
    if (this.#fields.length > 0 && message.content !== undefined) this.#judgeValues(track, message)
  }

  /** A sign of life that was noticed late. It ends no silence that began after it. */
  #livedAt(track: Track, aliveAt: number): void {
    // By a clock that was set back since, it may be far ahead.
    const at = Math.min(aliveAt, this.#position + CLOCK_STEP_MS)
    if (at <= track.heardAt) return
    if (this.#timed.silentSince(track) <= at) this.#lives(track, at)
    else track.heardAt = at
  }

  #lives(track: Track, at: number): void {
    if (track.bornAt < 0) {
      track.bornAt = at
      this.#dueBy(at + this.#timed.shortestSilenceMs)
    }
    if (track.heardAt < at) track.heardAt = at
    if (track.silent > 0) {
      this.#timed.spoke(track, at)
      this.#dueBy(at + this.#timed.shortestSilenceMs)
    }
  }

  #judgeValues(track: Track, { content, publisher, timestamp }: RuleMessage): void {
    const { fieldAt } = track
    for (let at = 0; at < this.#fields.length; at++) {
      const field = this.#fields[at] as FieldRules
      const value = valueAt(content, field)
      if (value === undefined || value === null) continue
      const newest = fieldAt[at]
      if (newest !== undefined && newest > timestamp) continue
      fieldAt[at] = timestamp
      this.#judgeThresholds(field, track, value, publisher, timestamp)
      for (const rule of field.others) this.#judgeValue(rule, track, value, publisher, timestamp)
    }
  }

  /** Most values are within their bounds, and most conditions do not hold. */
  #judgeThresholds(field: FieldRules, track: Track, value: unknown, publisher: string, at: number): void {
    if (typeof value !== 'number') return
    if (track.open === 0 && value <= field.highest && value >= field.lowest) return
    for (const rule of field.thresholds) {
      const { from = 0, isAbove } = rule
      const isQuiet = track.slots[rule.index]?.active !== true
      if (isQuiet && (isAbove ? value <= from : value >= from)) continue
      this.#judgeValue(rule, track, value, publisher, at)
    }
  }

  #judgeValue(rule: CompiledRule, track: Track, value: unknown, publisher: string, at: number): void {
    if (rule.publishers !== undefined && !rule.publishers.has(publisher)) return
    const slot = this.#alerts.slotOf(rule, track)
    const outcome = judgeValue(rule, slot, value, at)
    if (outcome === UNSAID) return
    if (outcome === HAPPENED) this.#dueBy(this.#events.happened(rule, track, at, value))
    else if (outcome === HOLDS) {
      if (!slot.active && this.#alerts.begin(rule, track, at, value)) this.#dueBy(at + rule.rule.forMs)
    } else if (slot.active) this.#alerts.end(rule, track, at)
  }

  #dueBy(time: number): void {
    // What is due at a time that was looked at already is seen to at the next one.
    if (time < this.#due) this.#due = Math.max(time, this.#lookedUpTo + 1)
  }

  #lookAtWhatIsDue(upTo: number): void {
    for (;;) {
      const grid = Math.ceil(this.#due / GRID_MS) * GRID_MS
      if (grid > upTo) return
      this.#lookedUpTo = grid
      const next = Math.min(this.#timed.look(grid), this.#alerts.settle(grid))
      // What is due at a time that was looked at is done.
      this.#due = Math.max(next, grid + 1)
    }
  }
}

/** Content that is a value itself has no keys. Own properties alone: keys are hostile. */
function valueAt(content: unknown, { path, keys }: FieldRules): unknown {
  if (keys.length === 0) return fieldValue(content, path)
  let value: unknown = content
  for (const key of keys) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined
    value = (value as Record<string, unknown>)[key]
  }
  return value
}
