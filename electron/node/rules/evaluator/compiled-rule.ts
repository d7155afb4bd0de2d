import { createHash } from 'node:crypto'
import { fieldKeys, ROOT_FIELD } from '../../../../shared/field-path.ts'
import type { Condition, Rule } from '../../../../shared/rules/rule.ts'
import { createSchemaJudge, type SchemaJudge } from '../../../../shared/schema-judge.ts'

/** A rule made ready to be asked for every message. */
export interface CompiledRule {
  index: number
  rule: Rule
  condition: Condition
  /** The same as long as the rule means the same: what it remembers is kept over changes of name or channel. */
  meaning: string
  publishers: ReadonlySet<string> | undefined
  allowed: ReadonlySet<string> | undefined
  /** Keys of the field; empty for content that is a value itself. */
  keys: readonly string[]
  /** Place of the field among those the part's rules read; -1 for rules without one. */
  field: number
  /** Numbers from here on, or down, may begin a threshold's condition; the others are passed over at once. */
  from: number | undefined
  isAbove: boolean
  faults: ReadonlySet<string>
  schema: SchemaJudge | undefined
}

/** What a rule remembers is worth something only to a rule of the same meaning. */
export function meaningOf({ id, part, condition, publishers, forMs }: Rule): string {
  return createHash('sha256')
    .update(JSON.stringify([id, part, condition, publishers ?? null, forMs]))
    .digest('base64url')
    .slice(0, 22)
}

export function compileRule(rule: Rule, index: number, fieldOf: (path: string) => number): CompiledRule {
  const { condition } = rule
  const path = 'field' in condition ? condition.field : undefined
  return {
    index,
    rule,
    condition,
    meaning: meaningOf(rule),
    publishers: rule.publishers && new Set(rule.publishers),
    allowed: condition.kind === 'publishers' ? new Set(condition.allowed) : undefined,
    keys: path === undefined || path === ROOT_FIELD ? [] : fieldKeys(path),
    field: path === undefined ? -1 : fieldOf(path),
    from: condition.kind === 'threshold' ? condition.value : undefined,
    isAbove: condition.kind === 'threshold' && condition.op === 'above',
    faults: new Set(condition.kind === 'provenance' ? condition.faults : []),
    schema: condition.kind === 'schema' ? createSchemaJudge(condition.schema) : undefined,
  }
}
