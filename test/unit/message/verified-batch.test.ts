import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  encodeVerifiedBatch,
  messageOfBatch,
  readVerifiedBatch,
  VerifiedBatchDamaged,
  VerifiedBatchEncoder,
} from '../../../electron/node/message/verified-batch.ts'
import type { RefusedMessage, VerifiedMessage } from '../../../electron/node/ports.ts'
import { VERDICT_REASONS, VERDICTS } from '../../../shared/verdict.ts'

const bytes = (options: { minLength?: number; maxLength: number }) => fc.uint8Array(options)
const reference = fc.record({ timestamp: fc.nat({ max: 2 ** 45 }), sequence: fc.nat({ max: 2 ** 31 - 1 }) })
const wellFormed = (maxLength: number) => fc.string({ unit: 'binary', maxLength })

const message: fc.Arbitrary<VerifiedMessage> = fc.record({
  id: fc.record({
    streamId: fc.constantFrom('0xabc/cpu', '0xabc/chain', 'a#b/c', 'ü/ß'),
    partition: fc.nat({ max: 99 }),
    timestamp: fc.nat({ max: 2 ** 45 }),
    sequence: fc.nat({ max: 2 ** 31 - 1 }),
    publisher: fc.constantFrom('0x01', '0x02', '0x03'),
    chain: wellFormed(20),
  }),
  previous: fc.option(reference, { nil: undefined }),
  digest: bytes({ minLength: 32, maxLength: 32 }),
  verdict: fc.constantFrom(...VERDICTS),
  reason: fc.constantFrom(...VERDICT_REASONS),
  source: fc.constantFrom('live', 'peer:x', 'resend:y'),
  receivedAt: fc.nat({ max: 2 ** 45 }),
  encrypted: fc.boolean(),
  fields: fc.array(
    fc.tuple(wellFormed(12), fc.oneof(fc.double({ noNaN: true }), fc.boolean(), wellFormed(30))),
    { maxLength: 8 },
  ),
  raw: bytes({ maxLength: 64 }),
})

const refused: fc.Arbitrary<RefusedMessage> = fc.record({
  reason: wellFormed(30),
  source: fc.constantFrom('live', 'peer:x'),
  receivedAt: fc.nat({ max: 2 ** 45 }),
  raw: bytes({ maxLength: 64 }),
})

const batchOf = (count: number): ArrayBuffer =>
  encodeVerifiedBatch(
    fc.sample(message, { numRuns: count, seed: 7 }),
    fc.sample(refused, { numRuns: 2, seed: 7 }),
  )

describe('verified batch', () => {
  test('what was encoded is read back, message by message', () => {
    fc.assert(
      fc.property(
        fc.array(message, { maxLength: 20 }),
        fc.array(refused, { maxLength: 4 }),
        (messages, refusals) => {
          const batch = readVerifiedBatch(encodeVerifiedBatch(messages, refusals))
          expect(batch.messages).toBe(messages.length)
          expect(messages.map((_, at) => messageOfBatch(batch, at))).toEqual(messages)
          expect(batch.refused).toEqual(refusals)
        },
      ),
    )
  })

  test('an encoder that is used again carries nothing over from its last batch', () => {
    fc.assert(
      fc.property(fc.array(fc.array(message, { maxLength: 300 }), { maxLength: 3 }), (batches) => {
        const encoder = new VerifiedBatchEncoder()
        for (const messages of batches) {
          for (const entry of messages) encoder.add(entry)
          expect(encoder.messages).toBe(messages.length)
          const again = readVerifiedBatch(encoder.finish())
          expect(messages.map((_, at) => messageOfBatch(again, at))).toEqual(messages)
          expect(encoder.rawBytes).toBe(0)
        }
      }),
      { numRuns: 20 },
    )
  })

  test('lone surrogates in neighbouring strings do not melt into one character', () => {
    const [first] = fc.sample(message, 1)
    if (first === undefined) throw new Error('no sample')
    const batch = readVerifiedBatch(
      encodeVerifiedBatch([
        {
          ...first,
          fields: [
            ['a', '\ud83d'],
            ['b', '\ude00'],
          ],
        },
      ]),
    )
    expect(messageOfBatch(batch, 0).fields).toEqual([
      ['a', '\ufffd'],
      ['b', '\ufffd'],
    ])
  })

  test('a batch that was cut anywhere is refused', () => {
    const whole = batchOf(3)
    for (let length = 0; length < whole.byteLength; length++) {
      expect(() => readVerifiedBatch(whole.slice(0, length))).toThrow(VerifiedBatchDamaged)
    }
  })

  test('a batch with any 32-bit word overwritten is refused or reads without leaving its bounds', () => {
    const whole = batchOf(5)
    fc.assert(
      fc.property(
        fc.nat({ max: whole.byteLength / 4 - 1 }),
        fc.oneof(fc.constantFrom(0, 1, 0xffff_ffff, 0x7fff_ffff), fc.nat()),
        (word, value) => {
          const damaged = whole.slice(0)
          new DataView(damaged).setUint32(word * 4, value, true)
          try {
            const batch = readVerifiedBatch(damaged)
            for (let at = 0; at < batch.messages; at++) {
              const read = messageOfBatch(batch, at)
              expect(read.digest.length).toBe(32)
              expect(read.raw.length).toBeLessThanOrEqual(batch.raw.length)
            }
          } catch (error) {
            if (!(error instanceof VerifiedBatchDamaged || error instanceof RangeError)) throw error
          }
        },
      ),
      { numRuns: 2_000 },
    )
  })

  test('a digest that is not 32 bytes long is refused', () => {
    const [first] = fc.sample(message, 1)
    if (first === undefined) throw new Error('no sample')
    expect(() => encodeVerifiedBatch([{ ...first, digest: new Uint8Array(31) }])).toThrow(RangeError)
  })
})
