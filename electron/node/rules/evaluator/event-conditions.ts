import type { ProvenanceFault } from '../../../../shared/rules/rule.ts'
import { verdictCode } from '../../../../shared/verdict.ts'
import { MAX_JUDGED_BYTES } from '../limits.ts'
import type { CompiledRule } from './compiled-rule.ts'
import type { OpenAlerts } from './open-alerts.ts'
import type { RuleMessage } from './rule-message.ts'
import type { Track } from './slot.ts'

const FORGED = verdictCode('forged')
const NEVER = Number.POSITIVE_INFINITY

/** Conditions on a message as a whole: its provenance, its publisher, its schema. */
export class EventConditions {
  readonly #alerts: OpenAlerts
  readonly #schema: readonly CompiledRule[]
  readonly #publishers: readonly CompiledRule[]
  readonly #gap: readonly CompiledRule[]
  readonly #equivocation: readonly CompiledRule[]
  readonly #forged: readonly CompiledRule[]
  readonly #unauthorised: readonly CompiledRule[]
  /** Rules about verified messages; about refused ones. */
  readonly hasRules: boolean
  readonly hasPartRules: boolean
  readonly needsContent: boolean

  constructor(rules: readonly CompiledRule[], alerts: OpenAlerts) {
    this.#alerts = alerts
    this.#schema = rules.filter(({ condition }) => condition.kind === 'schema')
    this.#publishers = rules.filter(({ condition }) => condition.kind === 'publishers')
    this.#gap = rules.filter(({ faults }) => faults.has('gap'))
    this.#equivocation = rules.filter(({ faults }) => faults.has('equivocation'))
    this.#forged = rules.filter(({ faults }) => faults.has('forged'))
    this.#unauthorised = rules.filter(({ faults }) => faults.has('unauthorised'))
    const ofVerified = [this.#schema, this.#publishers, this.#gap, this.#equivocation]
    this.hasRules = ofVerified.some(({ length }) => length > 0)
    this.needsContent = this.#schema.length > 0
    this.hasPartRules = this.#forged.length + this.#unauthorised.length > 0
  }

  /** A forged or unauthorised message that came too late to be judged: who it claims to be of is not looked at. */
  refusedLate(part: Track, fault: 'forged' | 'unauthorised', at: number): number {
    let due = NEVER
    for (const rule of fault === 'forged' ? this.#forged : this.#unauthorised) {
      if (rule.publishers === undefined) due = Math.min(due, this.happened(rule, part, at, fault))
    }
    return due
  }

  /** A forged or unauthorised message. Its publisher is a claim, so it speaks for the part. @returns when it ends */
  refused(part: Track, { verdict, timestamp, publisher }: RuleMessage): number {
    const isForged = verdict === FORGED
    const fault: ProvenanceFault = isForged ? 'forged' : 'unauthorised'
    let due = NEVER
    for (const rule of isForged ? this.#forged : this.#unauthorised) {
      if (rule.publishers !== undefined && !rule.publishers.has(publisher)) continue
      due = Math.min(due, this.happened(rule, part, timestamp, fault))
    }
    return due
  }

  /**
   * @param opensGap it names a predecessor later than the last one of its chain that was seen
   * @returns when something it began may be due
   */
  verified(track: Track, message: RuleMessage, opensGap: boolean): number {
    const { publisher, timestamp } = message
    let due = NEVER
    const happened = (rule: CompiledRule, value: unknown): void => {
      if (rule.publishers !== undefined && !rule.publishers.has(publisher)) return
      due = Math.min(due, this.happened(rule, track, timestamp, value))
    }
    for (const rule of this.#publishers) {
      if (rule.allowed?.has(publisher) === false) happened(rule, publisher)
    }
    if (message.equivocation) for (const rule of this.#equivocation) happened(rule, 'equivocation')
    if (opensGap) for (const rule of this.#gap) happened(rule, 'gap')
    for (const rule of this.#schema) due = Math.min(due, this.#judgeSchema(rule, track, message))
    return due
  }

  /** An event: it begins, or lasts longer. @returns when something it began may be due */
  happened(rule: CompiledRule, track: Track, at: number, value: unknown): number {
    const { condition } = rule
    if (!('holdMs' in condition)) return NEVER
    const slot = this.#alerts.slotOf(rule, track)
    this.#alerts.begin(rule, track, at, value)
    if (slot.active) slot.endsAt = Math.max(slot.endsAt, at + condition.holdMs)
    return at + Math.min(condition.holdMs, rule.rule.forMs)
  }

  #judgeSchema(rule: CompiledRule, track: Track, message: RuleMessage): number {
    if (rule.publishers !== undefined && !rule.publishers.has(message.publisher)) return NEVER
    if (message.isClosed) return NEVER
    const problem = schemaProblemOf(rule, message)
    if (problem === null) this.#alerts.end(rule, track, message.timestamp)
    else if (problem !== undefined) {
      this.#alerts.begin(rule, track, message.timestamp, null, problem)
      return message.timestamp + rule.rule.forMs
    }
    return NEVER
  }
}

/** What is wrong with the content, null when nothing is, undefined when it cannot be said. */
function schemaProblemOf({ schema }: CompiledRule, message: RuleMessage): string | null | undefined {
  if (message.content === undefined) return 'The content is not JSON, or too large to be judged.'
  if (message.sizeBytes > MAX_JUDGED_BYTES) return 'The content is too large to be judged.'
  try {
    const problem = schema?.problemOf(message.content)
    if (problem === undefined) return null
    const where = problem.place.replace(/^#\/?/, '') || 'the content'
    return `The schema does not allow it at ${where.slice(0, 80)}: ${problem.words.slice(0, 160)}`
  } catch {
    return undefined
  }
}
