import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { evaluateExpression } from '../../../renderer/features/workspace/expression/evaluate.ts'
import { parseExpression } from '../../../renderer/features/workspace/expression/parse-expression.ts'
import type { Track } from '../../../renderer/features/workspace/expression/track.ts'
import type { ChartBucket } from '../../../shared/chart.ts'

function point(second: number, value: number, more: Partial<ChartBucket> = {}): ChartBucket {
  const at = second * 1_000
  const all = { first: value, min: value, max: value, last: value, sum: value }
  return { from: at, to: at, count: 1, ...all, worst: 'verified', gapBefore: false, ...more }
}

function track(...buckets: ChartBucket[]): Track {
  return { buckets, intervalMs: 1_000, isEstimated: false }
}

function work(text: string, inputs: Record<string, Track>): Track {
  const { tree, problem } = parseExpression(text, Object.keys(inputs))
  if (tree === null) throw new Error(problem.message)
  return evaluateExpression(tree, new Map(Object.entries(inputs)))
}

const pairs = ({ buckets }: Track) => buckets.map(({ to, last }) => [to / 1_000, last])

describe('an expression over fields', () => {
  it('knows rate, derivative, difference and moving average', () => {
    const a = track(point(0, 10), point(1, 13), point(2, 1), point(3, 4))
    expect(pairs(work('rate(a)', { a }))).toEqual([
      [1, 3],
      [2, 1],
      [3, 3],
    ])
    expect(pairs(work('derivative(a)', { a }))).toEqual([
      [1, 3],
      [2, -12],
      [3, 3],
    ])
    expect(pairs(work('difference(a) * 2', { a }))).toEqual([
      [1, 6],
      [2, -24],
      [3, 6],
    ])
    expect(pairs(work('movavg(a, 2)', { a }))).toEqual([
      [1, 11.5],
      [2, 7],
      [3, 2.5],
    ])
  })

  it('makes nothing up in a gap, in a silence or by dividing by nothing', () => {
    const a = track(point(0, 1), point(1, 2), point(2, 9, { gapBefore: true }), point(60, 5), point(61, 0))
    expect(pairs(work('difference(a)', { a }))).toEqual([
      [1, 1],
      [61, -5],
    ])
    expect(work('difference(a)', { a }).buckets.map(({ gapBefore }) => gapBefore)).toEqual([true, true])
    const divided = work('1 / a', { a: track(point(0, 1), point(1, 0), point(2, 4)) })
    expect(divided.buckets.map(({ last, gapBefore }) => [last, gapBefore])).toEqual([
      [1, false],
      [0.25, true],
    ])
  })

  it('joins streams where both are known, and keeps the worse verdict', () => {
    const a = track(point(0, 1), point(1, 2), point(2, 3), point(3, 4))
    const b = track(point(0.5, 10, { worst: 'forged' }), point(1.5, 20))
    const joined = work('a + b', { a, b })
    expect(pairs(joined)).toEqual([
      [1, 12],
      [2, 23],
      [3, 24],
    ])
    expect(joined.buckets[0]?.worst).toBe('forged')
  })

  it('keeps the spread of merged messages where that is exact, and says so where it is not', () => {
    const merged = point(0, 5, { to: 900, count: 4, min: -1, max: 9, sum: 16 })
    const scaled = work('a * -2 + 1', { a: track(merged) })
    expect(scaled).toMatchObject({ isEstimated: false, buckets: [{ min: -17, max: 3, last: -9, sum: -28 }] })
    expect(work('a * a', { a: track(merged) }).isEstimated).toBe(true)
    expect(work('movavg(a, 60)', { a: track(merged) }).isEstimated).toBe(true)
    expect(work('abs(a)', { a: track(point(0, -1)) }).isEstimated).toBe(false)
  })

  it.each([
    ['', 'Write an expression', null],
    ['a +', 'ends too early', 3],
    ['rate(a', 'closing bracket', 6],
    ['2 * b', 'Nothing is called b', 4],
    ['rate', 'is a function', 0],
    ['rate(a, 2)', 'takes one input', 0],
    ['movavg(a, a)', 'number from above 0', 0],
    ['sin(a)', 'There is no function sin', 0],
    ['a = 3', 'Only arithmetic', null],
    ['f(x) = x', 'Only arithmetic', null],
    ['a.constructor', 'Only arithmetic', null],
    ['a["b"]', 'Only arithmetic', null],
    ['"text"', 'finite numbers', null],
    ['1e999', 'finite numbers', null],
    ['a; a', 'Only arithmetic', null],
    ['[a, a]', 'Only arithmetic', null],
    ['a to a', 'is none of', 2],
    ['constructor(a)', 'no function constructor', 0],
    ['__proto__', 'Nothing is called', 0],
    [`${'('.repeat(40)}a${')'.repeat(40)}`, 'nested too deep', null],
    [Array(90).fill('a').join('+'), 'nested too deep', null],
    ['a'.repeat(501), 'at most 500', 500],
  ])('that is wrong says so in words and where: %s', (text, words, at) => {
    const { problem } = parseExpression(text, ['a'])
    expect(problem?.message).toContain(words)
    expect(problem?.at).toBe(at)
  })

  it('of any text is worked out or refused, and never anything else', () => {
    const piece = fc.constantFrom(
      'a',
      'b',
      '1',
      '2.5',
      '+',
      '-',
      '*',
      '/',
      '^',
      '%',
      '(',
      ')',
      ',',
      'rate',
      'movavg',
      'min',
      ' ',
    )
    const text = fc.oneof(
      fc.array(piece, { maxLength: 14 }).map((pieces) => pieces.join('')),
      fc.string({ maxLength: 40 }),
    )
    fc.assert(
      fc.property(text, (expression) => {
        const { tree, problem } = parseExpression(expression, ['a', 'b'])
        if (tree === null) expect(problem.message).not.toBe('')
        else {
          const inputs = new Map([
            ['a', track(point(0, 1), point(1, 3))],
            ['b', track(point(0, -2), point(1, 0))],
          ])
          for (const { last } of evaluateExpression(tree, inputs).buckets)
            expect(Number.isFinite(last)).toBe(true)
        }
      }),
      { numRuns: 400 },
    )
  })
})
