import { z } from 'zod'
import { MAX_RULE_SET_LENGTH, MAX_RULES } from './limits.ts'
import { type Rule, ruleSchema } from './rule.ts'

/** The current form of rules as text. A newer one is refused, never half understood. */
export const RULE_SET_VERSION = 1

export const ruleSetSchema = z
  .strictObject({
    tidemarkRules: z.literal(RULE_SET_VERSION),
    rules: z.array(ruleSchema).max(MAX_RULES),
  })
  .superRefine(({ rules }, context) => {
    const seen = new Set<string>()
    for (const { id } of rules) {
      if (seen.has(id)) context.addIssue({ code: 'custom', message: `two rules have the id "${id}"` })
      seen.add(id)
    }
  })
export type RuleSet = z.infer<typeof ruleSetSchema>

export type ReadRuleSet = { rules: Rule[]; problem: undefined } | { rules: undefined; problem: string }

/** Reads rules as somebody wrote or shared them. Never throws. */
export function readRuleSet(text: string): ReadRuleSet {
  const fail = (problem: string): ReadRuleSet => ({ rules: undefined, problem })
  if (text.length > MAX_RULE_SET_LENGTH) {
    return fail(`The text is longer than ${MAX_RULE_SET_LENGTH} characters.`)
  }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    return fail(`The text is not JSON: ${error instanceof Error ? error.message : 'unreadable'}.`)
  }
  const parsed = ruleSetSchema.safeParse(value)
  if (parsed.success) return { rules: parsed.data.rules, problem: undefined }
  const issue = parsed.error.issues[0]
  const where = issue?.path.join('.')
  return fail(`The rules are wrong${where ? ` at ${where}` : ''}: ${issue?.message ?? 'unreadable'}.`)
}

/** Rules as text to keep and to share: stable order of keys, one form for the same rules. */
export function writeRuleSet(rules: readonly Rule[]): string {
  return `${JSON.stringify({ tidemarkRules: RULE_SET_VERSION, rules }, null, 2)}\n`
}
