import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { VerdictUpdate, VerifiedMessage } from '../../../electron/node/ports.ts'
import type { Verdict, VerdictReason } from '../../../shared/verdict.ts'
import { EPOCH, type MessageShape, syntheticMessage } from './synthetic-messages.ts'
import { openWriter } from './writer-harness.ts'

const second = fc.oneof(
  fc.nat({ max: 3 }),
  fc.nat({ max: 100 }),
  fc.constantFrom(599, 600, 3_599, 3_600, 86_399, 86_400),
)
const time = fc.tuple(second, fc.constantFrom(0, 0, 1, 500, 999)).map(([s, ms]) => s * 1_000 + ms)

/** Whole numbers and halves: their sums are exact in any order, so that even sums can be compared bit by bit. */
const value = fc.oneof(
  fc.integer({ min: -1_000, max: 1_000 }),
  fc.integer({ min: -9, max: 9 }).map((half) => half / 2),
  fc.boolean(),
  fc.constantFrom('on', 'off', 'on ', ''),
)
const content = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd.e', '__proto__'), value, { maxKeys: 4 })

const OUTCOMES: { verdict: Verdict; reason: VerdictReason }[] = [
  { verdict: 'verified', reason: 'signed-and-permitted' },
  { verdict: 'verified', reason: 'signed-and-permitted' },
  { verdict: 'pending', reason: 'permission-unknown' },
  { verdict: 'pending', reason: 'rpc-unavailable' },
  { verdict: 'unauthorised', reason: 'no-publish-permission' },
  { verdict: 'forged', reason: 'signature-invalid' },
]
const outcome = fc.constantFrom(...OUTCOMES)

const message: fc.Arbitrary<VerifiedMessage> = fc
  .record({
    at: time,
    sequence: fc.nat({ max: 1 }),
    publisher: fc.integer({ min: 1, max: 3 }),
    chain: fc.constantFrom('x', 'y'),
    partition: fc.constantFrom(0, 0, 1),
    content,
    salt: fc.integer({ min: 1, max: 2 }),
    previousAt: fc.option(time, { nil: undefined }),
    outcome,
  })
  .map(({ previousAt, outcome: { verdict, reason }, ...shape }) => {
    const previous =
      previousAt !== undefined && previousAt < shape.at
        ? { timestamp: EPOCH + previousAt, sequence: 0 }
        : undefined
    const full: MessageShape = { ...shape, previous, verdict, reason }
    return syntheticMessage(full)
  })

type Step = { append: VerifiedMessage[] } | { redecide: { at: number; outcome: (typeof OUTCOMES)[number] }[] }

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ append: fc.array(message, { minLength: 1, maxLength: 25 }) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      redecide: fc.array(fc.record({ at: fc.nat(), outcome }), { minLength: 1, maxLength: 8 }),
    }),
  },
)

function play(steps: readonly Step[], harness: ReturnType<typeof openWriter>): void {
  const known: VerifiedMessage[] = []
  for (const current of steps) {
    if ('append' in current) {
      // Some come twice, in one batch and in two.
      harness.append([...current.append, ...current.append.slice(0, 2), ...known.slice(0, 2)])
      known.push(...current.append)
    } else {
      const updates = current.redecide.flatMap(({ at, outcome: { verdict, reason } }): VerdictUpdate[] => {
        const target = known[at % Math.max(known.length, 1)]
        return target === undefined
          ? []
          : [{ id: target.id, digest: target.digest, raw: target.raw, verdict, reason }]
      })
      harness.decide(updates)
    }
  }
}

describe('pyramid', () => {
  test('what is maintained message by message is what a rebuild finds, whatever came in which order', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 6 }), (steps) => {
        const harness = openWriter()
        try {
          play(steps, harness)
          const maintained = harness.derived()
          harness.rebuild()
          expect(maintained).toEqual(harness.derived())
        } finally {
          harness.close()
        }
      }),
      { numRuns: 120 },
    )
  }, 180_000)

  test('a rebuild mends what was damaged', () => {
    const harness = openWriter()
    harness.append(fc.sample(message, { numRuns: 200, seed: 3 }))
    const whole = harness.derived()
    harness.db.exec(`
      UPDATE part_buckets SET verified = verified + 1 WHERE level = 2;
      DELETE FROM publisher_buckets WHERE level = 0 AND bucket % 2 = 0;
      DELETE FROM publisher_buckets WHERE level = 3;
      INSERT OR REPLACE INTO part_buckets VALUES (1, 0, 1, 1, 1, 1, 1, 1, 1, 1, x'${'00'.repeat(32)}');
      DELETE FROM gaps WHERE named_by_timestamp % 2 = 0;
      UPDATE parts SET bytes = 0;
    `)
    expect(harness.derived()).not.toEqual(whole)
    harness.rebuild()
    expect(harness.derived()).toEqual(whole)
    harness.close()
  })
})
