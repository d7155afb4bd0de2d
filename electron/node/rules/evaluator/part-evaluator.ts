import { fieldValue } from '../../../../shared/field-path.ts'
import type { Rule } from '../../../../shared/rules/rule.ts'
import { verdictCode } from '../../../../shared/verdict.ts'
import { GRID_MS } from '../limits.ts'
import { type BlindSpan, BlindSpans } from './blind-spans.ts'
import { type CompiledRule, compileRule } from './compiled-rule.ts'
import { EventConditions } from './event-conditions.ts'
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
 * alerts, live, after a restart, or in a replay. Messages are judged first, then what is due at their time; what is due
 * is looked at on a grid of whole seconds.
 */
export class PartEvaluator {
  readonly #rules: readonly CompiledRule[]
  readonly #fields: { keys: readonly string[]; path: string }[] = []
  readonly #valueRules: readonly CompiledRule[]
  readonly #tracks: Tracks
  readonly #alerts: OpenAlerts
  readonly #timed: TimedConditions
  readonly #events: EventConditions
  readonly #blind = new BlindSpans()
  readonly #values: unknown[] = []
  #position: number
  /** Nothing is due before this. */
  #due: number

  constructor({ rules, from, saved, blind = [], emit }: PartEvaluatorOptions) {
    const fieldOf = (path: string): number => {
      const known = this.#fields.findIndex((field) => field.path === path)
      return known >= 0 ? known : this.#fields.push({ path, keys: [] }) - 1
    }
    this.#rules = rules.map((rule, index) => compileRule(rule, index, fieldOf))
    for (const { field, keys } of this.#rules) {
      const read = this.#fields[field]
      if (read !== undefined) read.keys = keys
    }
    this.#valueRules = this.#rules.filter(({ field }) => field >= 0)
    this.#position = saved?.position ?? from
    this.#alerts = new OpenAlerts(emit)
    this.#tracks = new Tracks(this.#rules, this.#alerts, this.#position, saved)
    this.#timed = new TimedConditions(this.#rules, this.#tracks, this.#alerts, this.#blind)
    this.#events = new EventConditions(this.#rules, this.#alerts)
    for (const span of blind) this.#blind.add(span)
    this.#due = this.#position
  }

  /** All messages up to this time are judged, ms. */
  get position(): number {
    return this.#position
  }

  /** What of messages the rules look at. */
  get needs(): { needsContent: boolean; needsUnproven: boolean } {
    return {
      needsContent: this.#valueRules.length > 0 || this.#events.needsContent,
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

  /** A message came too late to be judged: its publisher is alive all the same. */
  heard(publisher: string): void {
    const track = this.#tracks.of(publisher)
    if (track !== undefined) this.#lives(track, this.#position)
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
        if (message.isSigned) this.heard(publisher)
      } else if (this.#events.hasPartRules) {
        this.#dueBy(this.#events.refused(this.#tracks.part, message))
      }
      return
    }
    const track = this.#tracks.of(publisher)
    if (track === undefined) return
    this.#lives(track, timestamp)
    this.#timed.count(track)
    if (this.#events.hasRules) this.#dueBy(this.#events.verified(track, message))
    if (this.#valueRules.length > 0 && message.content !== undefined) this.#judgeValues(track, message)
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
    const values = this.#values
    const fields = this.#fields
    for (let at = 0; at < fields.length; at++) values[at] = valueAt(content, fields[at])
    for (const rule of this.#valueRules) {
      if (rule.publishers !== undefined && !rule.publishers.has(publisher)) continue
      const value = values[rule.field]
      if (value === undefined || value === null) continue
      // Most values are within their bounds, and most conditions do not hold.
      if (rule.from !== undefined && typeof value === 'number' && track.slots[rule.index]?.active !== true) {
        if (rule.isAbove ? value <= rule.from : value >= rule.from) continue
      }
      const slot = this.#alerts.slotOf(rule, track)
      const outcome = judgeValue(rule, slot, value, timestamp)
      if (outcome === UNSAID) continue
      if (outcome === HAPPENED) this.#dueBy(this.#events.happened(rule, track, timestamp, value))
      else if (outcome === HOLDS) {
        if (!slot.active && this.#alerts.begin(rule, track, timestamp, value)) {
          this.#dueBy(timestamp + rule.rule.forMs)
        }
      } else if (slot.active) this.#alerts.end(rule, track, timestamp)
    }
  }

  #dueBy(time: number): void {
    if (time < this.#due) this.#due = time
  }

  #lookAtWhatIsDue(upTo: number): void {
    for (;;) {
      const grid = Math.ceil(this.#due / GRID_MS) * GRID_MS
      if (grid > upTo) return
      const next = Math.min(this.#timed.look(grid), this.#alerts.settle(grid))
      // What is due at a time that was looked at is done.
      this.#due = Math.max(next, grid + 1)
    }
  }
}

/** Content that is a value itself has no keys. Own properties alone: keys are hostile. */
function valueAt(content: unknown, field: { path: string; keys: readonly string[] } | undefined): unknown {
  if (field === undefined) return undefined
  const { keys } = field
  if (keys.length === 0) return fieldValue(content, field.path)
  let value: unknown = content
  for (const key of keys) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined
    value = (value as Record<string, unknown>)[key]
  }
  return value
}
