import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { encodeBucketRow } from '../../../electron/node/store/pyramid/bucket-row-encoder.ts'
import { BucketRowReader } from '../../../electron/node/store/pyramid/bucket-row-reader.ts'
import { FIELDS_PER_CHUNK, STRIDE } from '../../../electron/node/store/pyramid/field-statistics.ts'
import { DigestSum } from '../../../electron/node/store/pyramid/fingerprint.ts'
import { levelMs } from '../../../electron/node/store/pyramid/levels.ts'
import { PublisherBucket } from '../../../electron/node/store/pyramid/publisher-bucket.ts'

interface Value {
  slot: number
  value: number | string
  offset: number
  sequence: number
}

const value: fc.Arbitrary<Value> = fc.record({
  slot: fc.oneof(fc.nat({ max: 40 }), fc.constantFrom(0, 15, 16, 255)),
  value: fc.oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.constantFrom(1, 1, 0.1),
    fc.string({ unit: 'binary', maxLength: 12 }),
  ),
  offset: fc.nat({ max: 999 }),
  sequence: fc.nat({ max: 2 ** 31 - 1 }),
})

const row = fc.record({
  step: fc.oneof(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 2 ** 40 })),
  verified: fc.nat(),
  pending: fc.nat({ max: 9 }),
  unauthorised: fc.nat({ max: 9 }),
  gaps: fc.nat({ max: 9 }),
  values: fc.array(value, { maxLength: 30 }),
})

function bucketOf(
  number: number,
  level: number,
  shape: typeof row extends fc.Arbitrary<infer T> ? T : never,
) {
  const bucket = new PublisherBucket(number)
  bucket.verified = shape.verified + 1
  bucket.pending = shape.pending
  bucket.unauthorised = shape.unauthorised
  bucket.gaps = shape.gaps
  for (const { slot, value: measured, offset, sequence } of shape.values) {
    const timestamp = number * levelMs(level) + offset
    if (typeof measured === 'number') bucket.fields.addNumber(slot, measured, timestamp, sequence)
    else bucket.fields.addState(slot, measured, timestamp, sequence)
  }
  return bucket
}

const numbersOf = ({ fields: { numbers } }: PublisherBucket, slot: number): number[] =>
  [...numbers.subarray(slot * STRIDE, (slot + 1) * STRIDE)].some((figure) => figure !== 0)
    ? [...numbers.subarray(slot * STRIDE, (slot + 1) * STRIDE)]
    : []

describe('rows of the pyramid', () => {
  test('many rows behind each other are read as they were written, whole and field by field', () => {
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 6 }), fc.nat({ max: 5 }), (shapes, level) => {
        let number = 0
        const buckets = shapes.map((shape) => {
          number += shape.step
          return bucketOf(number, level, shape)
        })
        const back = new Map(buckets.map(({ bucket }) => [bucket, new PublisherBucket(bucket)]))
        for (let chunk = 0; chunk < 16; chunk++) {
          const rows = buckets.map((bucket) => Buffer.from(encodeBucketRow(bucket, level, chunk) ?? []))
          const reader = new BucketRowReader(Buffer.concat(rows), level, chunk)
          const figures = new Float64Array(STRIDE)
          while (reader.next()) {
            const original = buckets.find(({ bucket }) => bucket === reader.bucket)
            if (original === undefined) throw new Error('a row of no bucket')
            for (let slot = chunk * FIELDS_PER_CHUNK; slot < (chunk + 1) * FIELDS_PER_CHUNK; slot++) {
              const found = reader.readNumber(slot, figures) ? [...figures] : []
              expect(found).toEqual(numbersOf(original, slot))
              expect(reader.readStates(slot)).toEqual(original.fields.states.get(slot))
            }
            reader.putInto(back.get(reader.bucket) as PublisherBucket)
          }
        }
        for (const original of buckets) {
          const copy = back.get(original.bucket) as PublisherBucket
          expect({ ...copy, fields: null }).toEqual({ ...original, fields: null })
          expect(copy.fields.states).toEqual(original.fields.states)
          for (let slot = 0; slot < 256; slot++)
            expect(numbersOf(copy, slot)).toEqual(numbersOf(original, slot))
        }
      }),
      { numRuns: 60 },
    )
  })

  test('rows that were cut, changed or put in another order are refused or read within their bounds', () => {
    const [first, second] = fc.sample(row, { numRuns: 2, seed: 4 }).map((shape, index) => {
      const encoded = encodeBucketRow(bucketOf(100 + index, 0, shape), 0, 0)
      return Buffer.from(encoded ?? [])
    }) as [Buffer, Buffer]
    const drain = (bytes: Buffer): void => {
      const reader = new BucketRowReader(bytes, 0, 0)
      while (reader.next()) reader.putInto(new PublisherBucket(reader.bucket))
    }
    expect(() => drain(Buffer.concat([second, first]))).toThrow(RangeError)
    expect(() => drain(Buffer.concat([first, first]))).toThrow(RangeError)
    const both = Buffer.concat([first, second])
    for (let length = 1; length < both.length; length++) {
      if (length !== first.length) expect(() => drain(both.subarray(0, length))).toThrow(RangeError)
    }
    fc.assert(
      fc.property(fc.nat({ max: both.length - 1 }), fc.nat({ max: 255 }), (at, byte) => {
        const damaged = Buffer.from(both)
        damaged[at] = byte
        try {
          drain(damaged)
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError)
        }
      }),
      { numRuns: 2_000 },
    )
  })
})

describe('fingerprint', () => {
  const digests = fc.array(fc.uint8Array({ minLength: 32, maxLength: 32 }), { maxLength: 40 })
  const asNumber = (bytes: Uint8Array): bigint =>
    bytes.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n)

  test('is the sum of the digests as little-endian numbers modulo 2^256, in any order', () => {
    fc.assert(
      fc.property(digests, (all) => {
        const sum = new DigestSum()
        for (const digest of all) sum.addDigest(digest, 1)
        const expected = all.reduce((total, digest) => (total + asNumber(digest)) & ((1n << 256n) - 1n), 0n)
        expect(asNumber(sum.toBytes())).toBe(expected)
      }),
    )
  })

  test('loses what is taken away again, also after it was stored and read', () => {
    fc.assert(
      fc.property(digests, digests, (stay, go) => {
        const sum = new DigestSum()
        for (const digest of [...go, ...stay]) sum.addDigest(digest, 1)
        const read = DigestSum.fromBytes(sum.toBytes())
        for (const digest of go) read.addDigest(digest, -1)
        const expected = new DigestSum()
        for (const digest of stay) expected.addDigest(digest, 1)
        expect(read.toBytes()).toEqual(expected.toBytes())
      }),
    )
  })
})
