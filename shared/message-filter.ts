/** What messages are searched for beyond range, publisher and verdict: a text anywhere, and conditions on fields. */
import { z } from 'zod'
import { fieldValue } from './field-path.ts'

/** Conditions of one search: each is a line of the toolbar, more than fit a screen are not read. */
export const MAX_CONDITIONS = 16
/** Longest text that is looked for, and longest value of a condition, in UTF-16 units. */
export const MAX_SEARCH_LENGTH = 256
/** Longest path of a field in a condition; the node's own paths are far below. */
const MAX_CONDITION_PATH_LENGTH = 1_024

export const CONDITION_TESTS = [
  'is',
  'is-not',
  'below',
  'at-most',
  'above',
  'at-least',
  'contains',
  'exists',
  'missing',
] as const
export type ConditionTest = (typeof CONDITION_TESTS)[number]

/** A condition on one field. `value` is what somebody typed; it is compared as the type the field has. */
export interface FieldCondition {
  path: string
  test: ConditionTest
  value: string
}

/** Signs of the tests, as the command line and the portal write them. */
export const TEST_SIGNS: Readonly<Record<ConditionTest, string>> = {
  is: '=',
  'is-not': '!=',
  below: '<',
  'at-most': '<=',
  above: '>',
  'at-least': '>=',
  contains: '~',
  exists: 'exists',
  missing: 'missing',
}

export const conditionInput = z.object({
  path: z.string().min(1).max(MAX_CONDITION_PATH_LENGTH),
  test: z.enum(CONDITION_TESTS),
  value: z.string().max(MAX_SEARCH_LENGTH),
})

export const conditionsInput = z.array(conditionInput).max(MAX_CONDITIONS)

/** Whether a test needs a value beside it. */
export function takesValue(test: ConditionTest): boolean {
  return test !== 'exists' && test !== 'missing'
}

/** Whether parsed content meets a condition. A field that is not there meets `missing` alone. */
export function meetsCondition(content: unknown, { path, test, value }: FieldCondition): boolean {
  const found = fieldValue(content, path)
  if (test === 'missing') return found === undefined
  if (found === undefined) return false
  switch (test) {
    case 'exists':
      return true
    case 'is':
      return isSame(found, value)
    case 'is-not':
      return !isSame(found, value)
    case 'contains':
      return textOf(found).toLowerCase().includes(value.toLowerCase())
    default:
      return compares(found, test, value)
  }
}

function textOf(found: unknown): string {
  return typeof found === 'string' ? found : JSON.stringify(found)
}

function isSame(found: unknown, value: string): boolean {
  if (typeof found !== 'number') return textOf(found) === value
  const wanted = numberOf(value)
  return wanted !== null && found === wanted
}

/** Numbers compare as numbers, texts as texts, which is right for ISO times; everything else does not compare. */
function compares(found: unknown, test: ConditionTest, value: string): boolean {
  if (typeof found === 'string') return isOrdered(found < value ? -1 : found > value ? 1 : 0, test)
  const wanted = numberOf(value)
  if (typeof found !== 'number' || wanted === null) return false
  return isOrdered(Math.sign(found - wanted), test)
}

function isOrdered(sign: number, test: ConditionTest): boolean {
  if (test === 'below') return sign < 0
  if (test === 'at-most') return sign <= 0
  return test === 'above' ? sign > 0 : sign >= 0
}

function numberOf(text: string): number | null {
  const value = text.trim() === '' ? Number.NaN : Number(text)
  return Number.isNaN(value) ? null : value
}

const WRITTEN = /^(.+?)\s*(!=|<=|>=|=|<|>|~)\s*(.*)$/s
const WRITTEN_PRESENCE = /^(.+?)\s+(exists|missing)$/s

/** Reads `cpu.load > 0.5` or `error exists`; null where it is no condition. */
export function readCondition(text: string): FieldCondition | null {
  const presence = WRITTEN_PRESENCE.exec(text.trim())
  const match = presence ?? WRITTEN.exec(text.trim())
  if (match === null) return null
  const [, path = '', sign = '', value = ''] = match
  const test = CONDITION_TESTS.find((candidate) => TEST_SIGNS[candidate] === sign)
  const read = conditionInput.safeParse({ path: path.trim(), test, value })
  return read.success ? read.data : null
}

/** A condition as it is read again by `readCondition`, and by people. */
export function conditionWords({ path, test, value }: FieldCondition): string {
  return takesValue(test) ? `${path} ${TEST_SIGNS[test]} ${value}` : `${path} ${TEST_SIGNS[test]}`
}
