import { type Condition, type ConditionKind, type Rule, ruleSchema } from '../../../shared/rules/rule.ts'

export const KIND_WORDS: Record<ConditionKind, { label: string; about: string }> = {
  threshold: { label: 'Threshold', about: 'A number goes above or below a bound.' },
  silence: { label: 'Silence', about: 'Nothing comes from a publisher.' },
  frequency: { label: 'Frequency', about: 'Too few or too many messages come in a window.' },
  change: { label: 'Change', about: 'A value becomes another.' },
  stuck: { label: 'Standstill', about: 'A value stays the same, as the height of a chain that halts.' },
  jump: { label: 'Jump', about: 'A number differs by much from the one before.' },
  counter: { label: 'Counter goes back', about: 'A number that only grows becomes smaller.' },
  'missed-blocks': { label: 'Missed blocks', about: 'A counter grows by too much within a window.' },
  lag: { label: 'Lag', about: 'A number falls behind the median of all publishers.' },
  schema: { label: 'JSON Schema', about: 'Content is not what a schema allows.' },
  publishers: { label: 'Publishers', about: 'Somebody who is not on a list publishes.' },
  provenance: { label: 'Provenance', about: 'Gaps, equivocation, forged or unauthorised messages.' },
}

/** A condition to begin with. */
export function firstCondition(kind: ConditionKind, field: string): Condition {
  switch (kind) {
    case 'threshold':
      return { kind, field, op: 'above', value: 90 }
    case 'silence':
      return { kind, afterMs: 60_000 }
    case 'frequency':
      return { kind, windowMs: 60_000, min: 1 }
    case 'change':
      return { kind, field, holdMs: 300_000 }
    case 'stuck':
      return { kind, field, afterMs: 300_000 }
    case 'jump':
      return { kind, field, by: 10, holdMs: 300_000 }
    case 'counter':
      return { kind, field, holdMs: 300_000 }
    case 'missed-blocks':
      return { kind, field, max: 5, windowMs: 600_000 }
    case 'lag':
      return { kind, field, by: 10 }
    case 'schema':
      return { kind, schema: { type: 'object', required: ['cpu'] } }
    case 'publishers':
      return { kind, allowed: [], holdMs: 300_000 }
    case 'provenance':
      return { kind, faults: ['gap', 'equivocation', 'forged', 'unauthorised'], holdMs: 300_000 }
  }
}

/** An id out of a name that no other rule has. */
export function idFor(name: string, taken: readonly string[]): string {
  const base =
    name
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-+|-+$/g, '')
      .slice(0, 48) || 'rule'
  let id = base
  for (let n = 2; taken.includes(id); n++) id = `${base}-${n}`
  return id
}

/** The rule, or what is wrong with it in words. */
export function checkRule(draft: Rule): { rule: Rule; problem: null } | { rule: null; problem: string } {
  const parsed = ruleSchema.safeParse(draft)
  if (parsed.success) return { rule: parsed.data, problem: null }
  if ('field' in draft.condition && draft.condition.field === '') {
    return { rule: null, problem: 'Choose the field the rule looks at.' }
  }
  const issue = parsed.error.issues[0]
  const where = issue?.path.at(-1)
  return {
    rule: null,
    problem: `${where === undefined ? 'The rule' : `“${String(where)}”`}: ${issue?.message ?? 'not valid'}`,
  }
}
