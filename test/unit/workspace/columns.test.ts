import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { columnsOf, isDense } from '../../../renderer/ui/chart/columns-painter.ts'
import { extentBetween } from '../../../renderer/ui/chart/extents.ts'
import { findSegments } from '../../../renderer/ui/chart/segments.ts'
import { seldom } from '../../../renderer/ui/seldom.ts'
import type { ChartBucket } from '../../../shared/chart.ts'

const values = fc.array(
  fc.record({
    last: fc.double({ noNaN: true, min: -1e6, max: 1e6 }),
    reach: fc.double({ noNaN: true, min: 0, max: 1e3 }),
    gap: fc.boolean(),
  }),
  { minLength: 3, maxLength: 400 },
)

function bucketsOf(list: { last: number; reach: number; gap: boolean }[]): ChartBucket[] {
  return list.map(({ last, reach, gap }, index) => ({
    from: index * 500,
    to: index * 500,
    count: 2,
    first: last,
    min: last - reach,
    max: last + reach,
    last,
    sum: last * 2,
    worst: 'verified',
    gapBefore: gap,
  }))
}

describe('a dense line drawn by columns', () => {
  it('shows every spike at its height, draws nothing into gaps, and leaves no hole elsewhere', () => {
    fc.assert(
      fc.property(values, (list) => {
        const buckets = bucketsOf(list)
        const axis = { from: 0, to: buckets.length * 500, left: 0, pxPerMs: 1 / 1_000 }
        expect(isDense(buckets, axis)).toBe(true)
        const segments = findSegments(buckets, 0)
        const yOf = (value: number) => 1e7 - value
        const columns = columnsOf({ brush: null as never, buckets, segments, axis, yOf, pixel: 0.25 })
        expect(Math.min(...columns.spreadTop)).toBe(Math.min(...buckets.map(({ max }) => yOf(max))))
        expect(Math.max(...columns.spreadBottom)).toBe(Math.max(...buckets.map(({ min }) => yOf(min))))
        const columnOf = (bucket: ChartBucket | undefined) => Math.floor((bucket?.to ?? 0) / 1_000 / 0.25)
        const expected = segments.flatMap(({ first, last }) => {
          const [start, end] = [columnOf(buckets[first]), columnOf(buckets[last])]
          return Array.from({ length: end - start + 1 }, (_, index) => start + index)
        })
        expect(columns.at).toEqual(expected)
        // Every column of a segment begins where the one before ended: the line is unbroken.
        for (const [index, column] of columns.at.entries()) {
          const isBegin = segments.some(({ first }) => columnOf(buckets[first]) === column)
          if (isBegin || index === 0) continue
          expect(columns.lineTop[index]).toBeLessThanOrEqual((columns.lineBottom[index - 1] ?? 0) + 1e-6)
          expect(columns.lineBottom[index]).toBeGreaterThanOrEqual((columns.lineTop[index - 1] ?? 0) - 1e-6)
        }
      }),
      { numRuns: 100 },
    )
  })

  it('does not walk to a neighbour far out of sight', () => {
    const buckets = bucketsOf([0, 1, 2, 3].map((last) => ({ last, reach: 0, gap: false })))
    const far = [...buckets, { ...(buckets[3] as ChartBucket), from: 1e15, to: 1e15 }]
    const axis = { from: 0, to: 2_000, left: 0, pxPerMs: 1 / 1_000 }
    const scene = { brush: null as never, segments: [{ first: 0, last: 4 }], axis, pixel: 1 }
    const columns = columnsOf({ ...scene, buckets: far, yOf: (value) => value })
    expect(columns.at.length).toBeLessThan(20)
  })
})

describe('the extent of a stretch of buckets', () => {
  it('is that of each of them, wherever it begins and ends', () => {
    fc.assert(
      fc.property(values, fc.nat(400), fc.nat(400), (list, a, b) => {
        const buckets = bucketsOf(list)
        const [first, end] = [Math.min(a, b, buckets.length), Math.min(Math.max(a, b), buckets.length)]
        const some = buckets.slice(first, end)
        expect(extentBetween(buckets, first, end)).toEqual({
          low: Math.min(...some.map(({ min }) => min)),
          high: Math.max(...some.map(({ max }) => max)),
        })
      }),
    )
  })
})

describe('what is done seldom', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  it('is done at once, once in a while, and a last time at the end', () => {
    const act = vi.fn()
    const ask = seldom(act, 20, Date.now)
    vi.setSystemTime(0)
    ask()
    expect(act).toHaveBeenCalledTimes(1)
    for (let step = 0; step < 5; step += 1) {
      vi.advanceTimersByTime(3)
      ask()
    }
    expect(act).toHaveBeenCalledTimes(1)
    vi.advanceTimersByTime(5)
    expect(act).toHaveBeenCalledTimes(2)
    vi.advanceTimersByTime(100)
    expect(act).toHaveBeenCalledTimes(2)
    ask()
    ask()
    ask.cancel()
    vi.advanceTimersByTime(100)
    expect(act).toHaveBeenCalledTimes(3)
  })
})
