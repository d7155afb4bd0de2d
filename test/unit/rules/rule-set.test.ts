import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { schemaProblem } from '../../../shared/rules/json-schema-bounds.ts'
import {
  MAX_RULE_SET_LENGTH,
  MAX_RULES,
  MAX_SCHEMA_DEPTH,
  MAX_SCHEMA_LENGTH,
  MAX_SCHEMA_NODES,
} from '../../../shared/rules/limits.ts'
import { conditionSchema } from '../../../shared/rules/rule.ts'
import { readRuleSet, writeRuleSet } from '../../../shared/rules/rule-set.ts'
import { ANNA, rule } from './run-rules.ts'

/** One of each kind there is. */
const CONDITIONS: Record<string, unknown>[] = [
  { kind: 'threshold', field: 'cpu', op: 'above', value: 90, clear: 80 },
  { kind: 'silence', afterMs: 60_000 },
  { kind: 'frequency', windowMs: 60_000, min: 1, max: 9 },
  { kind: 'change', field: 'version' },
  { kind: 'stuck', field: 'height', afterMs: 60_000 },
  { kind: 'jump', field: 'cpu', by: 5 },
  { kind: 'counter', field: 'restarts' },
  { kind: 'missed-blocks', field: 'missed', max: 5, windowMs: 60_000 },
  { kind: 'lag', field: 'height', by: 10 },
  { kind: 'schema', schema: { type: 'object', required: ['cpu'] } },
  { kind: 'publishers', allowed: [ANNA] },
  { kind: 'provenance', faults: ['gap', 'equivocation', 'forged', 'unauthorised'] },
]
const rules = CONDITIONS.map((condition, n) => ({ ...rule(condition), id: `r${n}` }))
const text = (value: unknown) => JSON.stringify(value)

describe('rules as text', () => {
  it('have every kind of condition', () => {
    const kinds = conditionSchema.options.map(({ shape }) => [...shape.kind.values][0])
    expect(CONDITIONS.map(({ kind }) => kind).sort()).toEqual(kinds.sort())
  })

  it('are read back as they were written, and written the same again', () => {
    const written = writeRuleSet(rules)
    expect(readRuleSet(written)).toEqual({ rules, problem: undefined })
    expect(writeRuleSet(readRuleSet(written).rules ?? [])).toBe(written)
  })

  it.each([
    ['no JSON', 'rules!', /not JSON/],
    ['a later form', text({ tidemarkRules: 2, rules: [] }), /tidemarkRules/],
    ['an unknown key', text({ tidemarkRules: 1, rules: [{ ...rules[0], run: 'rm' }] }), /rules\.0/],
    [
      'an unknown kind',
      text({ tidemarkRules: 1, rules: [{ ...rules[0], condition: { kind: 'x' } }] }),
      /condition/,
    ],
    ['two of one id', text({ tidemarkRules: 1, rules: [rules[0], rules[0]] }), /two rules/],
    ['too many', text({ tidemarkRules: 1, rules: new Array(MAX_RULES + 1).fill(rules[0]) }), /rules/],
    [
      'a bound that clears on its bad side',
      text({ tidemarkRules: 1, rules: [{ ...rules[0], condition: { ...CONDITIONS[0], clear: 95 } }] }),
      /good side/,
    ],
    ['too long a text', ' '.repeat(MAX_RULE_SET_LENGTH + 1), /longer/],
  ])('are refused with the place that is wrong: %s', (_what, given, problem) => {
    expect(readRuleSet(given).problem).toMatch(problem)
  })

  it('are read without an error whatever they are', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json(),
          fc.jsonValue().map((any) => text({ tidemarkRules: 1, rules: [any] })),
        ),
        (given) => {
          const { rules: read, problem } = readRuleSet(given)
          expect((read === undefined) !== (problem === undefined)).toBe(true)
        },
      ),
      { numRuns: 300 },
    )
  })
})

describe('a JSON Schema of a rule', () => {
  const nested = (depth: number): unknown => (depth === 0 ? true : { not: nested(depth - 1) })

  it.each([
    ['pattern', { properties: { a: { pattern: '(a+)+$' } } }],
    ['patternProperties', { patternProperties: { '(a+)+$': true } }],
    ['$ref', { $ref: 'https://evil.example/schema' }],
    ['$dynamicRef', { items: { $dynamicRef: '#x' } }],
    ['uniqueItems', { items: { uniqueItems: true } }],
    ['nested', nested(MAX_SCHEMA_DEPTH + 1)],
    ['parts', { enum: new Array(MAX_SCHEMA_NODES + 1).fill(0) }],
    ['characters', { const: 'x'.repeat(MAX_SCHEMA_LENGTH) }],
  ])('is refused where its cost has no bound: %s', (word, schema) => {
    expect(schemaProblem(schema)).toContain(word)
  })

  it('may call a property by any name', () => {
    expect(
      schemaProblem({ properties: { pattern: { type: 'string' }, $ref: true }, const: { uniqueItems: 1 } }),
    ).toBe(undefined)
    expect(schemaProblem(nested(MAX_SCHEMA_DEPTH - 1))).toBe(undefined)
  })
})
