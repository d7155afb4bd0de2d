import { createHash } from 'node:crypto'
import { MAX_OPEN_PER_RULE } from '../limits.ts'
import type { CompiledRule } from './compiled-rule.ts'
import { sentenceOf } from './sentences.ts'
import { newSlot, type Slot, type Track } from './slot.ts'
import type { Transition } from './transition.ts'

const NEVER = Number.POSITIVE_INFINITY

interface Open {
  rule: CompiledRule
  track: Track
  slot: Slot
}

/** The conditions that hold now, and their way from pending to firing to resolved. */
export class OpenAlerts {
  readonly #emit: (transition: Transition) => void
  readonly #open = new Map<Slot, Open>()
  readonly #perRule: number[] = []
  /** Conditions that held and were not told, because their rule has too many open already. */
  suppressed = 0

  constructor(emit: (transition: Transition) => void) {
    this.#emit = emit
  }

  /** Takes in what held when the state was saved. */
  adopt(rule: CompiledRule, track: Track, slot: Slot): void {
    this.#open.set(slot, { rule, track, slot })
    track.open += 1
    this.#perRule[rule.index] = (this.#perRule[rule.index] ?? 0) + 1
  }

  slotOf(rule: CompiledRule, track: Track): Slot {
    let slot = track.slots[rule.index]
    if (slot === undefined) {
      slot = newSlot()
      track.slots[rule.index] = slot
    }
    return slot
  }

  /** @returns whether it holds now and did not before */
  begin(rule: CompiledRule, track: Track, at: number, value: unknown, sentence?: string): boolean {
    const slot = this.slotOf(rule, track)
    if (slot.active) return false
    const open = this.#perRule[rule.index] ?? 0
    if (open >= MAX_OPEN_PER_RULE) {
      this.suppressed += 1
      return false
    }
    this.#perRule[rule.index] = open + 1
    track.open += 1
    slot.active = true
    slot.since = at
    slot.alert = alertId(rule.meaning, track.publisher, at)
    slot.firing = false
    slot.sentence = sentence ?? sentenceOf(rule.condition, value)
    slot.shown = typeof value === 'number' ? value : typeof value === 'string' ? value.slice(0, 80) : null
    this.#open.set(slot, { rule, track, slot })
    if (rule.rule.forMs === 0) this.#fire({ rule, track, slot }, at)
    else this.#tell({ rule, track, slot }, 'pending', at)
    return true
  }

  end(rule: CompiledRule, track: Track, at: number): void {
    const slot = track.slots[rule.index]
    if (slot?.active !== true) return
    this.#tell({ rule, track, slot }, slot.firing ? 'resolved' : 'dropped', at)
    slot.active = false
    slot.firing = false
    slot.endsAt = -1
    this.#open.delete(slot)
    track.open -= 1
    this.#perRule[rule.index] = (this.#perRule[rule.index] ?? 1) - 1
  }

  /** Fires and ends what is due up to a time. @returns when something is due next */
  settle(upTo: number): number {
    let next = NEVER
    for (const open of this.#open.values()) next = Math.min(next, this.#settleOne(open, upTo))
    return next
  }

  /** The same for one publisher alone, between messages of its that came late. */
  settleTrack(track: Track, upTo: number): void {
    for (const slot of track.slots) {
      const open = slot?.active === true ? this.#open.get(slot) : undefined
      if (open !== undefined) this.#settleOne(open, upTo)
    }
  }

  #settleOne(open: Open, upTo: number): number {
    const { rule, track, slot } = open
    let next = NEVER
    const firesAt = slot.firing ? NEVER : slot.since + rule.rule.forMs
    const endsAt = slot.endsAt < 0 ? NEVER : slot.endsAt
    if (firesAt <= upTo && firesAt < endsAt) this.#fire(open, firesAt)
    else next = firesAt
    if (endsAt <= upTo) this.end(rule, track, endsAt)
    else next = Math.min(next, endsAt)
    return next
  }

  #fire(open: Open, at: number): void {
    open.slot.firing = true
    this.#tell(open, 'firing', at)
  }

  #tell({ rule, track, slot }: Open, to: Transition['to'], at: number): void {
    const { publisher } = track
    const { alert, since, sentence, shown } = slot
    this.#emit({ alert, rule: rule.rule.id, publisher, to, at, since, sentence, value: shown })
  }
}

/** The same messages judged by the same rule give the same alert. */
function alertId(meaning: string, publisher: string | null, since: number): string {
  return createHash('sha256')
    .update(`${meaning} ${publisher ?? ''} ${since}`)
    .digest('base64url')
    .slice(0, 22)
}
