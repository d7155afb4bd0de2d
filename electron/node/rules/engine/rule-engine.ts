import { setImmediate as breathe } from 'node:timers/promises'
import type { Rule } from '../../../../shared/rules/rule.ts'
import type { BlindSpan } from '../evaluator/blind-spans.ts'
import { PartEvaluator } from '../evaluator/part-evaluator.ts'
import { setBack } from '../evaluator/saved-part.ts'
import type { Transition } from '../evaluator/transition.ts'
import type { SavedState } from '../file/saved-state.ts'
import {
  BLIND_AFTER_MS,
  CHECKPOINT_BYTES_PER_SECOND,
  CHECKPOINT_INTERVAL_MS,
  CLOCK_STEP_MS,
  LATENESS_MS,
  MAX_CATCH_UP_MS,
  MAX_LATE_MESSAGES,
  PAGE_MESSAGES,
  SETTLE_MS,
  WATCH_MARK_INTERVAL_MS,
} from '../limits.ts'
import type { RuleSource } from '../ports.ts'
import { type LateStretch, LateStretches, type WaitingStretch } from './late-stretches.ts'

export interface RuleEngineOptions {
  state: SavedState
  source: RuleSource
  /** Carries out the steps and whatever `also` writes in one transaction. */
  record: (steps: readonly { step: Transition; rule: Rule }[], also: () => void) => void
  /** What a part's rules remembered is lost: what they have open can no longer end by itself. */
  onForgotten: (part: string) => void
  /** Time that goes by, ms, whatever clocks are set to; writes are paced by it. Default: since this thread began. */
  elapsedMs?: () => number
}

/** Steps that are put on disk at once while much is caught up with. */
const STEPS_AT_ONCE = 1_000

interface JudgedPart {
  evaluator: PartEvaluator
  /** By the time that goes by. */
  savedAt: number
  savedLength: number
}

/**
 * Judges what is stored, part by part, up to the time before which no message is on its way any more. What it
 * remembers is put on disk now and then; after a crash it goes on from there and takes the same steps again.
 */
export class RuleEngine {
  readonly #options: RuleEngineOptions
  readonly #parts = new Map<string, JudgedPart>()
  readonly #steps: { step: Transition; rule: Rule }[] = []
  readonly #late = new LateStretches()
  readonly #elapsedMs: () => number
  /** Times in which nobody watched, that go on disk with the next mark. */
  #unwatched: BlindSpan[] = []
  #rules: readonly Rule[] = []
  #byId = new Map<string, Rule>()
  #lastRound: number | undefined
  #markedAt = Number.NEGATIVE_INFINITY
  judged = 0

  constructor(options: RuleEngineOptions) {
    this.#options = options
    this.#elapsedMs = options.elapsedMs ?? (() => performance.now())
  }

  get rules(): readonly Rule[] {
    return this.#rules
  }

  /** Message time up to which each part is judged, ms. */
  positions(): Record<string, number> {
    return Object.fromEntries([...this.#parts].map(([part, { evaluator }]) => [part, evaluator.position]))
  }

  beyondBounds(): { publishers: number; alerts: number } {
    const sum = { publishers: 0, alerts: 0 }
    for (const { evaluator } of this.#parts.values()) {
      sum.publishers += evaluator.beyondBounds.publishers
      sum.alerts += evaluator.beyondBounds.alerts
    }
    return sum
  }

  /** Takes over the rules that are kept, at the start. @param now this node's clock, ms */
  open(now: number): void {
    const { state } = this.#options
    const watchedUntil = state.watchedUntil()
    if (watchedUntil !== undefined) this.#notWatched(watchedUntil, now)
    this.#lastRound = now
    this.#build(state.rules(), now)
  }

  /** Judges by other rules from now on. What those remember that stay the same is kept. */
  setRules(rules: readonly Rule[], now: number): void {
    this.checkpoint(now)
    this.#build(rules, now)
    this.#options.state.forgetParts(new Set(this.#parts.keys()))
    // A part is on disk before it has alerts, so that none is without its rule's memory after a crash.
    this.checkpoint(now)
  }

  /** Judges all that is due by now. */
  async round(now: number, late: readonly LateStretch[]): Promise<void> {
    const last = this.#lastRound ?? now
    if (now < last - CLOCK_STEP_MS) this.#clockWentBack(now)
    else if (now > last + BLIND_AFTER_MS) this.#notWatched(last, now)
    this.#lastRound = now
    this.#judgeLate(late, now)
    const upTo = now - LATENESS_MS
    for (const [part, { evaluator }] of this.#parts) await this.#judgePart(part, evaluator, upTo)
    // A commit waits for the disk: a round in which nothing happened makes none.
    const isMarkDue = this.#elapsedMs() - this.#markedAt >= WATCH_MARK_INTERVAL_MS
    if (isMarkDue || this.#steps.length > 0) {
      this.#record(() => {
        this.#mark(now)
        this.#savePartsThatAreDue()
      })
    }
  }

  /** Puts on disk what is remembered. */
  checkpoint(now: number): void {
    this.#record(() => {
      this.#mark(now)
      for (const [part, judged] of this.#parts) this.#save(part, judged)
    })
  }

  #build(rules: readonly Rule[], now: number): void {
    const { state } = this.#options
    this.#rules = rules
    this.#byId = new Map(rules.map((rule) => [rule.id, rule]))
    this.#parts.clear()
    const blind = [...state.blindSpans(), ...this.#unwatched]
    const from = now - LATENESS_MS
    for (const part of new Set(rules.filter(({ enabled }) => enabled).map((rule) => rule.part))) {
      const kept = state.part(part)
      if (kept === undefined) this.#options.onForgotten(part)
      const saved = kept && kept.position > from + CLOCK_STEP_MS ? setBack(kept, from) : kept
      const evaluator = new PartEvaluator({
        rules: rules.filter((rule) => rule.enabled && rule.part === part),
        from,
        saved,
        blind,
        emit: (step) => {
          const rule = this.#byId.get(step.rule)
          if (rule !== undefined) this.#steps.push({ step, rule })
        },
      })
      if (evaluator.position < now - MAX_CATCH_UP_MS) evaluator.advance(now - MAX_CATCH_UP_MS)
      this.#parts.set(part, { evaluator, savedAt: this.#elapsedMs(), savedLength: 0 })
    }
  }

  async #judgePart(part: string, evaluator: PartEvaluator, upTo: number): Promise<void> {
    const from = evaluator.position + 1
    if (upTo < from) return
    const read = { part, from, to: upTo, limit: PAGE_MESSAGES, ...evaluator.needs }
    let page = this.#options.source.read({ ...read, cursor: null })
    for (;;) {
      evaluator.judge(page.messages)
      this.judged += page.messages.length
      if (page.next === null) break
      if (this.#steps.length >= STEPS_AT_ONCE) this.#record(() => undefined)
      // Whoever asks for alerts meanwhile is answered.
      await breathe()
      page = this.#options.source.read({ ...read, cursor: page.next })
    }
    evaluator.advance(upTo)
  }

  /** What came late since the last round, and what waits of before. */
  #judgeLate(late: readonly LateStretch[], now: number): void {
    const changed = new Set<string>()
    for (const { part, from, to, receivedAt, forged, unauthorised } of late) {
      const evaluator = this.#parts.get(part)?.evaluator
      if (evaluator === undefined) continue
      this.#late.add({
        part,
        from: Math.max(from, now - MAX_CATCH_UP_MS),
        to: Math.min(to, evaluator.position),
      })
      if (forged) evaluator.refusedLate('forged', receivedAt)
      if (unauthorised) evaluator.refusedLate('unauthorised', receivedAt)
      if (forged || unauthorised) changed.add(part)
    }
    for (let looked = 0; looked < MAX_LATE_MESSAGES; ) {
      const stretch = this.#late.first()
      if (stretch === undefined) break
      changed.add(stretch.part)
      looked += this.#judgeLatePage(stretch)
    }
    // Nothing later leads to these steps again, so what is remembered of them goes on disk with them.
    if (this.#steps.length === 0) return
    this.#record(() => {
      for (const part of changed) {
        const judged = this.#parts.get(part)
        if (judged !== undefined) this.#save(part, judged)
      }
    })
  }

  /** @returns how many messages were looked at, at least one */
  #judgeLatePage({ part, from, to, cursor }: WaitingStretch): number {
    const evaluator = this.#parts.get(part)?.evaluator
    if (evaluator === undefined || to < from) {
      this.#late.reached(null)
      return 1
    }
    const needs = { ...evaluator.needs, needsUnproven: false }
    const page = this.#options.source.read({ part, from, to, cursor, limit: PAGE_MESSAGES, ...needs })
    evaluator.judgeLate(page.messages)
    this.judged += page.messages.length
    this.#late.reached(page.next)
    return page.messages.length + 1
  }

  #notWatched(from: number, to: number): void {
    const span: BlindSpan = { from: from - LATENESS_MS, to: to + SETTLE_MS }
    this.#unwatched.push(span)
    for (const { evaluator } of this.#parts.values()) evaluator.notWatched(span)
  }

  #clockWentBack(now: number): void {
    this.#notWatched(now, now)
    this.checkpoint(now)
    this.#build(this.#rules, now)
    this.checkpoint(now)
  }

  /** Until the mark is on disk with them, what was not watched is what lies behind the mark before. */
  #mark(now: number): void {
    const { state } = this.#options
    this.#markedAt = this.#elapsedMs()
    for (const span of this.#unwatched.splice(0)) state.addBlindSpan(span)
    state.setWatchedUntil(now)
  }

  #savePartsThatAreDue(): void {
    const elapsedMs = this.#elapsedMs()
    for (const [part, judged] of this.#parts) {
      const pauseMs = Math.max(
        CHECKPOINT_INTERVAL_MS,
        (judged.savedLength / CHECKPOINT_BYTES_PER_SECOND) * 1_000,
      )
      if (elapsedMs - judged.savedAt >= pauseMs) this.#save(part, judged)
    }
  }

  #save(part: string, judged: JudgedPart): void {
    judged.savedLength = this.#options.state.savePart(part, judged.evaluator.save())
    judged.savedAt = this.#elapsedMs()
  }

  #record(also: () => void): void {
    this.#options.record(this.#steps.splice(0), also)
  }
}
