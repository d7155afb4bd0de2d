import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { GapBook } from '../../../electron/node/gap-fill/gap-book.ts'
import type { GapRecord } from '../../../electron/node/ports.ts'

const PART = '0xabc/oven#0'
const gap = (timestamp: number, chain = 'c', publisher = '0xb1'): GapRecord => ({
  part: PART,
  publisher,
  chain,
  missing: { timestamp, sequence: 0 },
  namedBy: { timestamp: timestamp + 1, sequence: 0 },
})
const missing = (gaps: { missing: { timestamp: number } }[]) => gaps.map((entry) => entry.missing.timestamp)

describe('the book of gaps', () => {
  it('counts those that are gone and keeps the history of those that stay', () => {
    const book = new GapBook()
    expect(book.update(PART, [gap(1), gap(2)], 0)).toBe(0)
    const [first] = book.of(PART)
    if (first) first.attempts = 3
    expect(book.update(PART, [gap(1), gap(9)], 50)).toBe(1)
    expect(book.of(PART).map(({ attempts, nextAttemptAt }) => [attempts, nextAttemptAt])).toEqual([
      [3, 0],
      [0, 50],
    ])
    expect(book.update(PART, [], 0)).toBe(2)
    expect([...book.all()]).toEqual([])
  })

  it('takes a predecessor that several messages name for one gap', () => {
    const book = new GapBook()
    book.update(PART, [gap(1), { ...gap(1), namedBy: { timestamp: 77, sequence: 0 } }], 0)
    expect(book.of(PART)).toHaveLength(1)
  })

  it('joins gaps of one chain that are close, and no others', () => {
    const book = new GapBook()
    book.update(PART, [gap(100), gap(10), gap(300), gap(15, 'other'), gap(20, 'c', '0xb2')], 0)
    const stretches = book.due(0, 90).map(missing)
    expect(stretches.sort((a, b) => (a[0] ?? 0) - (b[0] ?? 0))).toEqual([[10, 100], [15], [20], [300]])
  })

  it('offers what is due and waits, and nothing else', () => {
    const record = fc.record({
      timestamp: fc.nat(50),
      state: fc.constantFrom('waiting' as const, 'asking' as const, 'given-up' as const),
      at: fc.option(fc.nat(20)),
    })
    fc.assert(
      fc.property(fc.uniqueArray(record, { selector: (r) => r.timestamp }), fc.nat(20), (records, now) => {
        const book = new GapBook()
        book.update(
          PART,
          records.map((r) => gap(r.timestamp)),
          0,
        )
        for (const entry of book.of(PART)) {
          const r = records.find(({ timestamp }) => timestamp === entry.missing.timestamp)
          Object.assign(entry, { state: r?.state, nextAttemptAt: r?.at ?? null })
        }
        const due = records.filter((r) => r.state === 'waiting' && r.at !== null && r.at <= now)
        expect(book.due(now, 5).flatMap(missing)).toEqual(due.map((r) => r.timestamp).sort((a, b) => a - b))
      }),
    )
  })
})
