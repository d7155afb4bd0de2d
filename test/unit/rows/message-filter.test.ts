import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  CONDITION_TESTS,
  conditionInput,
  conditionWords,
  type FieldCondition,
  meetsCondition,
  readCondition,
} from '../../../shared/message-filter.ts'

const content = { cpu: { load: 0.5 }, state: 'up', note: 'Disk FULL', on: true, gone: null, 'a.b': 7 }
const meets = (written: string) => meetsCondition(content, readCondition(written) as FieldCondition)

describe('a condition on a field', () => {
  it.each([
    ['cpu.load > 0.4', true],
    ['cpu.load > 0.5', false],
    ['cpu.load >= 0.5', true],
    ['cpu.load <= 0.49', false],
    ['cpu.load = 0.50', true],
    ['cpu.load != 0.5', false],
    ['cpu.load < x', false],
    ['state = up', true],
    ['state = UP', false],
    ['state > down', true],
    ['note ~ full', true],
    ['on = true', true],
    ['on > 0', false],
    ['gone = null', true],
    ['a\\.b = 7', true],
    ['a.b = 7', false],
    ['cpu exists', true],
    ['cpu.heat exists', false],
    ['cpu.heat missing', true],
    ['cpu.heat != 1', false],
    ['toString exists', false],
    ['__proto__ exists', false],
  ])('"%s" is %s', (written, expected) => {
    expect(meets(written)).toBe(expected)
  })

  it('is read again as it was written', () => {
    const path = fc.stringMatching(/^[a-z][a-z0-9_.]{0,20}$/)
    const value = fc.stringMatching(/^[\w.-]{1,20}$/)
    fc.assert(
      fc.property(path, fc.constantFrom(...CONDITION_TESTS), value, (name, test, wanted) => {
        const isPresence = test === 'exists' || test === 'missing'
        const condition = { path: name, test, value: isPresence ? '' : wanted }
        expect(readCondition(conditionWords(condition))).toEqual(condition)
      }),
    )
  })

  it('is refused where it says nothing, or too much', () => {
    for (const text of ['', 'cpu', '> 3', 'exists', `a = ${'x'.repeat(300)}`])
      expect(readCondition(text)).toBeNull()
  })

  it('never throws, whatever the content', () => {
    fc.assert(
      fc.property(
        fc.jsonValue(),
        fc.record({
          path: fc.string({ minLength: 1, maxLength: 40 }),
          test: fc.constantFrom(...CONDITION_TESTS),
          value: fc.string({ maxLength: 40 }),
        }),
        (value, condition) => {
          expect(conditionInput.parse(condition)).toEqual(condition)
          expect(typeof meetsCondition(value, condition)).toBe('boolean')
        },
      ),
    )
  })
})
