import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { timeTicks } from '../../../renderer/ui/chart/time-ticks.ts'
import {
  settleScale,
  shareOf,
  stepsOf,
  valueOfStep,
  valueScale,
} from '../../../renderer/ui/chart/value-scale.ts'

describe('ticks of time', () => {
  it('stand at round times, labelled as finely as they need', () => {
    const from = Date.UTC(2026, 2, 1, 13, 0, 7)
    expect(timeTicks(from, from + 300_000, 600, 'utc').map((tick) => tick.label)).toEqual([
      '13:01',
      '13:02',
      '13:03',
      '13:04',
      '13:05',
    ])
    expect(timeTicks(from, from + 20_000, 600, 'utc')[0]?.label).toBe('13:00:10')
  })

  it('name the day where it changes', () => {
    const from = Date.UTC(2026, 2, 1, 22)
    expect(timeTicks(from, from + 6 * 3_600_000, 800, 'utc').map((tick) => tick.label)).toContain('2 Mar')
  })

  it('ascend, stay within the window and never crowd', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 4e12 }),
        fc.integer({ min: 100, max: 20 * 365 * 86_400_000 }),
        fc.integer({ min: 50, max: 4_000 }),
        fc.constantFrom('utc', 'local', 'epoch'),
        (from, span, px, zone) => {
          const ticks = timeTicks(from, from + span, px, zone as 'utc')
          expect(ticks.length).toBeLessThanOrEqual(px / 80 + 1)
          for (const [index, tick] of ticks.entries()) {
            expect(tick.at).toBeGreaterThanOrEqual(from)
            expect(tick.at).toBeLessThanOrEqual(from + span)
            expect(tick.at).toBeGreaterThan(ticks[index - 1]?.at ?? -1)
          }
        },
      ),
    )
  })
})

describe('the scale of values', () => {
  const finite = fc.double({ noNaN: true, noDefaultInfinity: true })

  it('holds what it is made for, in a bounded number of lines', () => {
    fc.assert(
      fc.property(finite, finite, fc.integer({ min: 1, max: 12 }), (a, b, lines) => {
        const scale = valueScale(a, b, lines)
        expect(scale.min).toBeLessThanOrEqual(Math.min(a, b) + Math.abs(scale.step) * 1e-6)
        expect(scale.max).toBeGreaterThanOrEqual(Math.max(a, b) - Math.abs(scale.step) * 1e-6)
        expect(stepsOf(scale)).toBeLessThanOrEqual(lines + 2)
        expect(valueOfStep(scale, 0)).toBe(scale.min)
        expect(valueOfStep(scale, stepsOf(scale))).toBe(scale.max)
        for (const value of [a, b]) {
          expect(shareOf(scale, value)).toBeGreaterThanOrEqual(-1e-6)
          expect(shareOf(scale, value)).toBeLessThanOrEqual(1 + 1e-6)
        }
      }),
    )
  })

  it('begins at zero where values are of its order, and not where they are far from it', () => {
    expect(valueScale(3, 9, 4).min).toBe(0)
    expect(valueScale(0.2, 47, 4)).toEqual({ min: 0, max: 60, step: 20 })
    expect(valueScale(97, 99, 4).min).toBeGreaterThan(90)
  })

  it('has room around a single value', () => {
    for (const value of [0, 5, -5, 1e12]) {
      const { min, max } = valueScale(value, value, 4)
      expect(max).toBeGreaterThan(min)
      expect(min).toBeLessThanOrEqual(value)
      expect(max).toBeGreaterThanOrEqual(value)
    }
  })

  it('does not breathe: it grows at once and shrinks only when far too large', () => {
    const first = settleScale(null, 0, 95, 4)
    expect(settleScale(first, 0, 70, 4)).toBe(first)
    expect(settleScale(first, 0, 140, 4).max).toBeGreaterThanOrEqual(140)
    expect(settleScale(first, 0, 12, 4).max).toBeLessThan(first.max)
  })
})
