import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { openForReading } from '../../../electron/node/store/database.ts'
import { lookUpNames } from '../../../electron/node/store/read/name-lookup.ts'
import { Statements } from '../../../electron/node/store/read/statements.ts'
import { TimelineReader } from '../../../electron/node/store/read/timeline-reader.ts'
import { sqliteConnection } from '../../../electron/node/store/sqlite-connection.ts'
import { chainOf, EPOCH, PART, syntheticMessage } from './synthetic-messages.ts'
import { openWriter, type WriterHarness } from './writer-harness.ts'

function drop(harness: WriterHarness, now: number): number {
  let messages = 0
  for (
    let slice = harness.writer.retentionSlice(now);
    slice !== null;
    slice = harness.writer.retentionSlice(now)
  ) {
    messages += slice.messages
  }
  return messages
}

function timelineOf(harness: WriterHarness, from: number, to: number, maxBuckets: number) {
  const db = openForReading(harness.db.name)
  try {
    const connection = sqliteConnection(db)
    return new TimelineReader(new Statements(connection), lookUpNames(connection)).read(
      PART,
      from,
      to,
      maxBuckets,
    )
  } finally {
    db.close()
  }
}

describe('retention', () => {
  test('by age, removes what is older and keeps what is not', () => {
    const harness = openWriter()
    harness.append(chainOf(100))
    harness.writer.setRetention(PART, { maxAgeMs: 30_000, maxBytes: null })
    expect(drop(harness, EPOCH + 100_000)).toBe(70)
    expect(harness.db.prepare('SELECT min(timestamp), count(*) FROM messages').raw().get()).toEqual([
      EPOCH + 70_000,
      30,
    ])
    expect(drop(harness, EPOCH + 100_000)).toBe(0)
    harness.close()
  })

  test('by size, keeps the newest messages that fit', () => {
    const harness = openWriter()
    const chain = chainOf(5_000)
    harness.append(chain)
    const newest = chain.slice(-700)
    const maxBytes = newest.reduce((sum, { raw }) => sum + raw.length, 0)
    harness.writer.setRetention(PART, { maxAgeMs: null, maxBytes })
    expect(drop(harness, EPOCH)).toBe(4_300)
    const [bytes] = harness.db.prepare('SELECT bytes FROM parts').raw().get() as [number]
    expect(bytes).toBe(maxBytes)
    harness.close()
  })

  test('what was dropped shows on the timeline as dropped, all of it, and not as a gap', () => {
    const harness = openWriter()
    harness.append(chainOf(10_000))
    harness.writer.setRetention(PART, { maxAgeMs: 1_000_000, maxBytes: null })
    drop(harness, EPOCH + 10_000_000)
    for (const maxBuckets of [10, 100, 2_000]) {
      const { buckets } = timelineOf(harness, EPOCH, EPOCH + 10_000_000, maxBuckets)
      expect(buckets.reduce((sum, { dropped }) => sum + dropped, 0)).toBe(9_000)
      expect(buckets.reduce((sum, { count }) => sum + count, 0)).toBe(1_000)
      expect(buckets.every(({ gaps }) => gaps === 0)).toBe(true)
    }
    harness.close()
  })

  test('a message older than what was dropped is not taken again', () => {
    const harness = openWriter()
    harness.append(chainOf(100))
    harness.writer.setRetention(PART, { maxAgeMs: 30_000, maxBytes: null })
    drop(harness, EPOCH + 100_000)
    expect(harness.append([syntheticMessage({ at: 5_000 })])).toMatchObject({ stored: 0, declined: 1 })
    harness.close()
  })

  test('what is left is what a rebuild would find, whatever was dropped', () => {
    const message = fc
      .record({
        at: fc.nat({ max: 20_000 }).map((second) => second * 500),
        publisher: fc.integer({ min: 1, max: 3 }),
        chain: fc.constantFrom('x', 'y'),
        content: fc.record({ a: fc.integer({ min: -99, max: 99 }), b: fc.boolean() }),
        verdict: fc.constantFrom(
          'verified' as const,
          'pending' as const,
          'unauthorised' as const,
          'forged' as const,
        ),
        back: fc.option(fc.integer({ min: 1, max: 4_000 }), { nil: undefined }),
      })
      .map(({ back, ...shape }) => {
        const previous =
          back === undefined || back * 500 > shape.at
            ? undefined
            : { timestamp: EPOCH + shape.at - back * 500, sequence: 0 }
        return syntheticMessage({ ...shape, previous })
      })
    fc.assert(
      fc.property(
        fc.array(message, { minLength: 20, maxLength: 120 }),
        fc.array(fc.nat({ max: 12_000_000 }), { minLength: 1, maxLength: 3 }),
        fc.array(message, { maxLength: 20 }),
        (messages, ages, later) => {
          const harness = openWriter()
          try {
            harness.append(messages)
            for (const maxAgeMs of ages) {
              harness.writer.setRetention(PART, { maxAgeMs, maxBytes: null })
              drop(harness, EPOCH + 12_000_000)
            }
            harness.append(later)
            const maintained = harness.derived()
            harness.rebuild()
            expect(maintained).toEqual(harness.derived())
          } finally {
            harness.close()
          }
        },
      ),
      { numRuns: 60 },
    )
  }, 180_000)
})

describe('messages ahead of their time', () => {
  test('are stored when it has come, and not before', () => {
    const harness = openWriter()
    const receivedAt = EPOCH
    const ahead = syntheticMessage({ at: 600_000, receivedAt, content: { value: 7 } })
    expect(harness.append([ahead, ahead])).toMatchObject({ stored: 0, held: 1 })
    expect(harness.writer.releaseHeld(EPOCH + 599_999)).toEqual([])
    expect(harness.writer.releaseHeld(EPOCH + 600_000)).toMatchObject([{ part: PART, stored: 1 }])
    expect(harness.append([{ ...ahead, receivedAt: EPOCH + 600_001 }])).toMatchObject({
      duplicates: 1,
      held: 0,
    })
    const maintained = harness.derived()
    harness.rebuild()
    expect(maintained).toEqual(harness.derived())
    harness.close()
  })
})
