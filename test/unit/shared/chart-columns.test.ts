import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ChartWindow } from '../../../shared/chart.ts'
import { packChart, unpackChart } from '../../../shared/chart-columns.ts'
import { VERDICTS } from '../../../shared/verdict.ts'

// JSON knows no negative nothing: both zeros are drawn alike.
const value = fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => (number === 0 ? 0 : number))
const point = fc.record({ at: fc.nat(), value, worst: fc.constantFrom(...VERDICTS), gap: fc.boolean() })
const single = point.map(({ at, value: last, worst, gap }) => ({
  ...{ from: at, to: at, count: 1, first: last, min: last, max: last, last, sum: last },
  ...{ worst, gapBefore: gap },
}))
const merged = fc.record({
  from: fc.nat(),
  to: fc.nat(),
  count: fc.nat(),
  first: value,
  min: value,
  max: value,
  last: value,
  sum: value,
  worst: fc.constantFrom(...VERDICTS),
  gapBefore: fc.boolean(),
})
const series = fc.record({
  publisher: fc.string(),
  field: fc.string(),
  buckets: fc.oneof(fc.array(single), fc.array(merged), fc.array(fc.oneof(single, merged))),
})

describe('a chart window in columns', () => {
  it('is the same after it has crossed the border as JSON', () => {
    fc.assert(
      fc.property(fc.array(series), (list) => {
        const window: ChartWindow = {
          part: 'a#0',
          from: 0,
          to: 10,
          levelMs: 1,
          expectedIntervalMs: 2,
          series: list,
        }
        expect(unpackChart(JSON.parse(JSON.stringify(packChart(window))))).toEqual(window)
      }),
    )
  })

  it('says of single messages nothing twice', () => {
    const bucket = { from: 1, to: 1, count: 1, first: 2, min: 2, max: 2, last: 2, sum: 2 }
    const buckets = [{ ...bucket, worst: 'verified' as const, gapBefore: false }]
    const window = { part: 'a#0', from: 0, to: 10, levelMs: 0, expectedIntervalMs: 0 }
    const packed = packChart({ ...window, series: [{ publisher: '0x1', field: 'f', buckets }] })
    expect(packed.series).toEqual([{ publisher: '0x1', field: 'f', from: [1], last: [2] }])
  })
})
