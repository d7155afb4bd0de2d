import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SpanList } from '../../../electron/node/message/span-list.ts'
import { MAX_SPANS } from '../../../electron/node/remote-log/local-log/limits.ts'

const spans = fc.array(
  fc.tuple(fc.nat(10_000), fc.nat(50)).map(([from, length]) => ({ from, to: from + length })),
  { maxLength: 300 },
)

describe('stretches that wait', () => {
  it('cover everything that was added, apart from each other, oldest first, and are never too many', () => {
    fc.assert(
      fc.property(spans, (added) => {
        const list = new SpanList(MAX_SPANS)
        for (const span of added) {
          list.add(span)
          expect(list.size).toBeLessThanOrEqual(MAX_SPANS)
        }
        const taken = list.takeAll()
        expect(list.size).toBe(0)
        for (const { from, to } of added) {
          expect(taken.some((span) => span.from <= from && span.to >= to)).toBe(true)
        }
        for (const [at, span] of taken.entries()) {
          const before = taken[at - 1]
          if (before !== undefined) expect(span.from).toBeGreaterThan(before.to + 1)
        }
      }),
    )
  })

  it('join the nearest two when there are too many', () => {
    const list = new SpanList(MAX_SPANS)
    for (let at = 0; at < MAX_SPANS; at += 1) list.add({ from: at * 1_000, to: at * 1_000 })
    list.add({ from: 5_010, to: 5_010 })
    expect(list.takeAll()).toContainEqual({ from: 5_000, to: 5_010 })
  })
})
