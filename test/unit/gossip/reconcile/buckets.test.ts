import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  bucketIndex,
  gridEnd,
  gridFor,
  readGrid,
} from '../../../../electron/node/gossip/reconcile/bucket-grid.ts'
import { fingerprintsOf, sumsOf } from '../../../../electron/node/gossip/reconcile/bucket-sums.ts'
import { DigestCache } from '../../../../electron/node/gossip/reconcile/digest-cache.ts'
import { planFirstSketch } from '../../../../electron/node/gossip/reconcile/first-sketch.ts'
import { PYRAMID_LEVELS_MS } from '../../../../shared/chart.ts'

const instant = fc.nat({ max: 4e12 })
const span = fc.oneof(fc.integer({ min: 1, max: 1e6 }), fc.integer({ min: 1, max: 1e12 }))

describe('the grid of a range', () => {
  it('covers the range in at most 256 buckets of whole pyramid buckets, at multiples of their width', () => {
    fc.assert(
      fc.property(instant, span, (from, length) => {
        const grid = gridFor(from, from + length)
        expect(grid.start).toBeLessThanOrEqual(from)
        expect(gridEnd(grid)).toBeGreaterThanOrEqual(from + length)
        expect(grid.buckets).toBeLessThanOrEqual(256)
        if (length >= 256_000) expect(grid.buckets).toBeGreaterThanOrEqual(128)
        expect(PYRAMID_LEVELS_MS as readonly number[]).toContain(grid.levelMs)
        expect(grid.widthMs % grid.levelMs).toBe(0)
        expect(grid.start % grid.widthMs).toBe(0)
        expect(bucketIndex(grid, from)).toBe(
          bucketIndex(grid, from + length) === 0 ? 0 : Math.floor((from - grid.start) / grid.widthMs),
        )
        expect(readGrid(grid.start, grid.widthMs, grid.buckets)).toEqual(grid)
      }),
    )
  })

  it('is refused from a peer when it is not one', () => {
    for (const [start, widthMs, buckets] of [
      [0, 0, 1],
      [0, 999, 1],
      [1, 1_000, 1],
      [0, 1_000, 513],
      [0, 1_000, 0],
      [0, 8.64e15, 512],
      [0, 86_399_000, 256],
    ] as const) {
      expect(() => readGrid(start, widthMs, buckets)).toThrow(RangeError)
    }
  })
})

describe('bucket fingerprints', () => {
  it('are the hash of nonce, sum of digests modulo 2^256, and count, whatever buckets the sum was made of', () => {
    const digest = fc.uint8Array({ minLength: 32, maxLength: 32 })
    fc.assert(
      fc.property(fc.array(digest, { minLength: 1, maxLength: 20 }), (digests) => {
        const grid = readGrid(0, 20_000, 1)
        const rows = {
          starts: Float64Array.from(digests, (_, index) => Math.floor(index / 2) * 1_000),
          counts: Float64Array.from(digests, () => 1),
          sums: Buffer.concat(digests),
        }
        const total = digests.reduce((sum, bytes) => sum + littleEndian(bytes), 0n) % (1n << 256n)
        const input = Buffer.alloc(40)
        for (let byte = 0; byte < 32; byte++) input[byte] = Number((total >> BigInt(8 * byte)) & 0xffn)
        input.writeBigUInt64LE(BigInt(digests.length), 32)
        const nonce = Buffer.alloc(16, 7)
        const hash = createHash('sha256')
          .update('tidemark/reconcile/1 fingerprint')
          .update(nonce)
          .update(input)
          .digest()
        expect(Buffer.from(fingerprintsOf(sumsOf(grid, rows), nonce))).toEqual(hash.subarray(0, 6))
      }),
    )
  })

  it('leave out rows that lie outside of the grid', () => {
    const rows = {
      starts: Float64Array.of(0, 60_000),
      counts: Float64Array.of(1, 1),
      sums: new Uint8Array(64),
    }
    expect([...sumsOf(readGrid(10_000, 10_000, 2), rows).counts]).toEqual([0, 0])
  })
})

function littleEndian(bytes: Uint8Array): bigint {
  return bytes.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n)
}

describe('the digest cache', () => {
  const columns = (rows: number) => ({
    timestamps: new Float64Array(rows),
    prefixes: new Uint8Array(rows * 16),
  })

  it('drops what was not used for longest, and keeps within its bytes', () => {
    const cache = new DigestCache(24 * 30)
    for (const key of ['a', 'b', 'c']) cache.put(key, columns(10))
    cache.get('a')
    cache.put('d', columns(10))
    expect(['a', 'b', 'c', 'd'].filter((key) => cache.has(key))).toEqual(['a', 'c', 'd'])
    expect(cache.sizeBytes).toBe(24 * 30)
    cache.put('huge', columns(31))
    expect(cache.has('huge')).toBe(false)
  })
})

describe('the first sketch', () => {
  const equal = { askerCount: 4_000, answererCount: 4_000, differs: false }

  it('is a list where most ids differ', () => {
    expect(planFirstSketch([{ askerCount: 5, answererCount: 2_000, differs: true }]).kind).toBe('list')
  })

  it('has room for all differences that the counts show', () => {
    const buckets = [
      ...Array.from({ length: 200 }, () => equal),
      { askerCount: 9_000, answererCount: 10_000, differs: true },
    ]
    expect(planFirstSketch(buckets)).toMatchObject({ kind: 'cells' })
    const plan = planFirstSketch(buckets)
    if (plan.kind === 'cells') expect(plan.cells).toBeGreaterThan(1_000)
  })

  it('guesses scattered differences from the share of equal buckets', () => {
    const differing = { ...equal, differs: true }
    const plan = planFirstSketch([
      ...Array.from({ length: 128 }, () => equal),
      ...Array.from({ length: 128 }, () => differing),
    ])
    if (plan.kind !== 'cells') throw new Error('a list was planned')
    expect(plan.cells).toBeGreaterThan(256 * Math.log(2))
    expect(plan.cells).toBeLessThan(256 * Math.log(2) * 2)
  })
})
