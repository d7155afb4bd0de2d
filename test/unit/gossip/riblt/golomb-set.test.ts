import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  decodeGolombSet,
  encodeGolombSet,
  indexOfNumber,
  MAX_GOLOMB_COUNT,
  scaledIds,
} from '../../../../electron/node/gossip/riblt/golomb-set.ts'
import { randomIds } from './random-ids.ts'

describe('Golomb-coded sets', () => {
  it('read back as the numbers of all their ids, in order', () => {
    fc.assert(
      fc.property(fc.nat({ max: 200 }), fc.integer({ min: 1, max: 32 }), (count, bits) => {
        const ids = randomIds(count)
        const set = encodeGolombSet(ids, bits)
        expect([...decodeGolombSet(set)]).toEqual([...scaledIds(ids, count, bits).sort()])
      }),
    )
  })

  it('take about bits + 1.5 bits an id', () => {
    const { bytes } = encodeGolombSet(randomIds(5_000), 13)
    expect((bytes.length * 8) / 5_000).toBeLessThan(14.8)
  })

  it('pass an id that is not theirs with a chance of 2^-bits', () => {
    const numbers = decodeGolombSet(encodeGolombSet(randomIds(1_000), 6))
    const strangers = scaledIds(randomIds(20_000), 1_000, 6)
    const passed = strangers.filter((number) => indexOfNumber(numbers, number) >= 0).length
    expect(passed / 20_000).toBeGreaterThan(1 / 128)
    expect(passed / 20_000).toBeLessThan(1 / 32)
  })

  it('hold the smallest and the largest id', () => {
    const edges = { low: Uint32Array.of(0, 0xffff_ffff), high: Uint32Array.of(0, 0xffff_ffff) }
    expect([...decodeGolombSet(encodeGolombSet(edges, 32))]).toEqual([0, 2 * 2 ** 32 - 1])
  })

  it('refuse bytes of any other length, and numbers beyond their range', () => {
    const set = encodeGolombSet(randomIds(50), 8)
    expect(() => decodeGolombSet({ ...set, bytes: set.bytes.subarray(0, -1) })).toThrow(RangeError)
    expect(() => decodeGolombSet({ ...set, bytes: Buffer.concat([set.bytes, Buffer.alloc(1)]) })).toThrow(
      RangeError,
    )
    expect(() => decodeGolombSet({ ...set, count: 49 })).toThrow(RangeError)
    expect(() => decodeGolombSet({ count: 1, bits: 8, bytes: Uint8Array.of(0xff, 0xff) })).toThrow(RangeError)
    expect(() => decodeGolombSet({ count: 1, bits: 8, bytes: Uint8Array.of(0x80, 0x00) })).toThrow(RangeError)
    expect(() => decodeGolombSet({ count: MAX_GOLOMB_COUNT + 1, bits: 8, bytes: new Uint8Array(0) })).toThrow(
      RangeError,
    )
    expect(() => decodeGolombSet({ count: 1, bits: 33, bytes: new Uint8Array(9) })).toThrow(RangeError)
  })

  it('never take anything for a set that would not be written so', () => {
    fc.assert(
      fc.property(
        fc.nat({ max: 20 }),
        fc.integer({ min: 1, max: 12 }),
        fc.uint8Array({ maxLength: 40 }),
        (count, bits, bytes) => {
          let numbers: Float64Array
          try {
            numbers = decodeGolombSet({ count, bits, bytes })
          } catch (error) {
            expect(error).toBeInstanceOf(RangeError)
            return
          }
          expect(numbers.length).toBe(count)
          expect([...numbers]).toEqual([...numbers].sort((a, b) => a - b))
        },
      ),
    )
  })
})
