import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RATE_WINDOW_S, RateMeter } from '../../../electron/node/subscriptions/rate-meter.ts'

describe('the rate meter', () => {
  it('reads one a second as exactly 1.0', () => {
    const meter = new RateMeter()
    const start = 1_700_000_000_000
    for (let s = 0; s <= 30; s++) meter.add(1, start + s * 1_000 + 400)
    expect(meter.perSecond(start + 30_900)).toBe(1)
  })

  it('falls to zero when nothing came for a whole window', () => {
    const meter = new RateMeter()
    meter.add(500, 1_000_000)
    expect(meter.perSecond(1_000_000 + (RATE_WINDOW_S + 2) * 1_000)).toBe(0)
  })

  it('agrees with a list of all receipts', () => {
    const receipts = fc.array(fc.tuple(fc.integer({ min: 0, max: 40_000 }), fc.integer({ min: 1, max: 9 })), {
      maxLength: 60,
    })
    fc.assert(
      fc.property(receipts, (unsorted) => {
        const sorted = [...unsorted].sort((a, b) => a[0] - b[0])
        const base = 1_700_000_000_000
        const meter = new RateMeter()
        for (const [at, count] of sorted) meter.add(count, base + at)
        const now = base + (sorted.at(-1)?.[0] ?? 0)
        const second = Math.floor(now / 1_000)
        const expected = sorted
          .filter(([at]) => {
            const s = Math.floor((base + at) / 1_000)
            return s >= second - RATE_WINDOW_S && s < second
          })
          .reduce((sum, [, count]) => sum + count, 0)
        expect(meter.perSecond(now)).toBeCloseTo(expected / RATE_WINDOW_S, 10)
      }),
    )
  })
})
