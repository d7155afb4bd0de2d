import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { labelRoom, scaleLabels } from '../../../renderer/ui/chart/axis-labels.ts'
import { createValueMargin } from '../../../renderer/ui/chart/value-margin.ts'
import { valueScale } from '../../../renderer/ui/chart/value-scale.ts'

/** What an axis may take at the left of its plot, px. */
const MOST_PX = 104.01

describe('the labels of a value axis', () => {
  it.each([
    [0, 100, '%', ['0%', '50%', '100%']],
    [0, 40_000, null, ['0', '20 k', '40 k']],
    [123_456_784, 123_456_788, null, ['123,456,784', '123,456,786', '123,456,788']],
    [-123_456_788, -123_456_784, null, ['-123,456,788', '-123,456,786', '-123,456,784']],
    [1_764_392_400_000, 1_764_392_402_000, null, ['1764392400000', '1764392401000', '1764392402000']],
    [-1_764_392_402_000, -1_764_392_400_000, null, ['≈-1.764392e12', '+1000', '+2000']],
    [
      1_764_392_400_000,
      1_764_392_402_000,
      'ms',
      ['2025-11-29 05:00:00Z', '2025-11-29 05:00:01Z', '2025-11-29 05:00:02Z'],
    ],
    [25_276_502_016, 25_276_502_026, 'B', ['25.3 GB', '+5 B', '+10 B', '+15 B']],
    [1.234e15, 1.236e15, null, ['1.234e15', '1.235e15', '1.236e15']],
    [-1.236e-15, -1.234e-15, null, ['-1.236e-15', '-1.234e-15', '-1.232e-15']],
    [0, 1.7e308, null, ['0', '1.0e+308', '1.8e+308']],
  ])('from %d to %d in %s read apart', (low, high, unit, labels) => {
    expect(scaleLabels(valueScale(low, high, 2), unit)).toEqual(labels)
  })

  it('are never told alike and never wider than an axis may be, whatever the numbers', () => {
    const size = fc.double({ noNaN: true, noDefaultInfinity: true })
    const units = fc.constantFrom(null, '%', 'B', 'B/s', 'ms', 's', 'gwei')
    fc.assert(
      fc.property(size, size, units, fc.integer({ min: 2, max: 14 }), (low, high, unit, lines) => {
        const labels = scaleLabels(valueScale(low, high, lines), unit).filter((label) => label !== '')
        expect(labels.length).toBeGreaterThan(0)
        expect(new Set(labels).size).toBe(labels.length)
        expect(labelRoom(labels)).toBeLessThanOrEqual(MOST_PX)
      }),
      { numRuns: 3_000 },
    )
  })
})

describe('the room for values', () => {
  it('is the same for all plots, grows in steps, and goes back only when all plots have gone', () => {
    const margin = createValueMargin(64)
    const first = margin.take()
    const second = margin.take()
    margin.need(40)
    expect(margin.px.get()).toBe(64)
    margin.need(65)
    expect(margin.px.get()).toBe(76)
    margin.need(76)
    expect(margin.px.get()).toBe(76)
    margin.need(50)
    expect(margin.px.get()).toBe(76)
    first()
    first()
    expect(margin.px.get()).toBe(76)
    second()
    expect(margin.px.get()).toBe(64)
  })
})
