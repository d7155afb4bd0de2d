import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  bucketBeside,
  bucketIndexAt,
  findBreaks,
  findSegments,
  nearestBucket,
  SILENCE_INTERVALS,
  standingBucket,
} from '../../../renderer/ui/chart/segments.ts'
import type { ChartBucket } from '../../../shared/chart.ts'

function bucket(from: number, change: Partial<ChartBucket> = {}): ChartBucket {
  return {
    from,
    to: from,
    count: 1,
    first: 1,
    min: 1,
    max: 1,
    last: 1,
    sum: 1,
    worst: 'verified',
    gapBefore: false,
    ...change,
  }
}

describe('segments', () => {
  it('join messages that come at their usual interval', () => {
    expect(findSegments([bucket(0), bucket(1_000), bucket(2_100)], 1_000)).toEqual([{ first: 0, last: 2 }])
  })

  it('break where the chain has a gap, however short the silence', () => {
    const buckets = [bucket(0), bucket(1_000), bucket(1_500, { gapBefore: true }), bucket(2_000)]
    expect(findSegments(buckets, 1_000)).toEqual([
      { first: 0, last: 1 },
      { first: 2, last: 3 },
    ])
  })

  it('break where silence is longer than usual, and not where it is just as long as allowed', () => {
    const allowed = SILENCE_INTERVALS * 1_000
    expect(findSegments([bucket(0), bucket(allowed)], 1_000)).toHaveLength(1)
    expect(findSegments([bucket(0), bucket(allowed + 1)], 1_000)).toHaveLength(2)
  })

  it('measure silence from the last message of a merged bucket', () => {
    const merged = [bucket(0, { to: 59_000, count: 60 }), bucket(60_000, { to: 119_000, count: 60 })]
    expect(findSegments(merged, 1_000)).toHaveLength(1)
  })

  it('bridge everything where the usual interval is not known', () => {
    expect(findSegments([bucket(0), bucket(1e9)], 0)).toHaveLength(1)
  })

  it('cover every bucket once, in order, and break exactly where they must', () => {
    const steps = fc.array(fc.record({ step: fc.integer({ min: 1, max: 10_000 }), gap: fc.boolean() }), {
      maxLength: 60,
    })
    fc.assert(
      fc.property(steps, (list) => {
        let at = 0
        const buckets = list.map(({ step, gap }) => {
          at += step
          return bucket(at, { gapBefore: gap })
        })
        const segments = findSegments(buckets, 1_000)
        const covered = segments.flatMap(({ first, last }) => {
          return Array.from({ length: last - first + 1 }, (_, index) => first + index)
        })
        expect(covered).toEqual(buckets.map((_, index) => index))
        const starts = new Set(segments.map(({ first }) => first))
        for (const [index, { from, gapBefore }] of buckets.entries()) {
          const previous = buckets[index - 1]
          const mustBreak =
            previous === undefined || gapBefore || from - previous.to > SILENCE_INTERVALS * 1_000
          expect(starts.has(index)).toBe(mustBreak)
        }
        expect(findBreaks(buckets, segments)).toHaveLength(Math.max(0, segments.length - 1))
      }),
    )
  })
})

describe('finding a bucket', () => {
  const buckets = [bucket(10), bucket(20, { to: 24 }), bucket(40)]

  it('answers the last one that begins at or before a time', () => {
    expect([5, 10, 19, 20, 39, 40, 99].map((at) => bucketIndexAt(buckets, at))).toEqual([
      -1, 0, 0, 1, 1, 2, 2,
    ])
  })

  it('answers the nearer of two neighbours', () => {
    expect(nearestBucket(buckets, 14)?.from).toBe(10)
    expect(nearestBucket(buckets, 16)?.from).toBe(20)
    expect(nearestBucket(buckets, 31)?.from).toBe(20)
    expect(nearestBucket(buckets, 33)?.from).toBe(40)
    expect(nearestBucket([], 1)).toBeUndefined()
  })

  it('says nothing in the middle of a long silence, and the nearer one on its banks', () => {
    const apart = [bucket(0), bucket(100_000)]
    expect(bucketBeside(apart, 2_000, 1_000)?.from).toBe(0)
    expect(bucketBeside(apart, 98_000, 1_000)?.from).toBe(100_000)
    expect(bucketBeside(apart, 50_000, 1_000)).toBeUndefined()
  })

  it('lets no value stand after too long a silence', () => {
    expect(standingBucket(buckets, 40 + 30, 10)?.from).toBe(40)
    expect(standingBucket(buckets, 40 + 31, 10)).toBeUndefined()
    expect(standingBucket(buckets, 9, 10)).toBeUndefined()
  })
})
