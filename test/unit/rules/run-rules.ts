import { PartEvaluator } from '../../../electron/node/rules/evaluator/part-evaluator.ts'
import type { RuleMessage } from '../../../electron/node/rules/evaluator/rule-message.ts'
import type { Transition } from '../../../electron/node/rules/evaluator/transition.ts'
import { type Rule, ruleSchema } from '../../../shared/rules/rule.ts'

export const PART = '0x7d275c79eaed6b00eb1fe0e1174c1c6f2e711283/node/telemetry#0'
export const ANNA = '0xaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'
export const BERT = '0xbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb'
export const CARL = '0xcccccccccccccccccccccccccccccccccccccccc'
export const START = 1_800_000_000_000

export function rule(condition: Record<string, unknown>, more: Record<string, unknown> = {}): Rule {
  return ruleSchema.parse({ id: 'r', name: 'R', part: PART, condition, ...more })
}

/** A verified message `seconds` after the start. */
export function message(seconds: number, content: unknown, more: Partial<RuleMessage> = {}): RuleMessage {
  return {
    timestamp: START + seconds * 1_000,
    sequence: 0,
    publisher: ANNA,
    chain: 'c',
    previous: undefined,
    verdict: 0,
    isSigned: true,
    aliveAt: START + seconds * 1_000,
    equivocation: false,
    content,
    isClosed: false,
    sizeBytes: 100,
    ...more,
  }
}

/** Steps in short: `firing anna 10` is what happened ten seconds after the start. */
export function inShort({ to, publisher, at }: Transition): string {
  const who = publisher === null ? 'part' : (NAMES[publisher] ?? publisher)
  return `${to} ${who} ${(at - START) / 1_000}`
}

const NAMES: Record<string, string> = { [ANNA]: 'anna', [BERT]: 'bert', [CARL]: 'carl' }

/** Judges messages by rules; says in short what came of it up to `untilSeconds`. */
export function run(rules: Rule | readonly Rule[], messages: readonly RuleMessage[], untilSeconds: number) {
  const steps: Transition[] = []
  const evaluator = new PartEvaluator({
    rules: [rules].flat(),
    from: START,
    emit: (step) => steps.push(step),
  })
  evaluator.judge(messages)
  evaluator.advance(START + untilSeconds * 1_000)
  return steps.map(inShort)
}
