import { describe, expect, it } from 'vitest'
import type { ChartFrame, ChartLine } from '../../../renderer/ui/chart/frame.ts'
import { unknownStretches } from '../../../renderer/ui/chart/lane-stretches.ts'
import { hasValues, meantPoint } from '../../../renderer/ui/chart/pick.ts'
import type { ChartBucket } from '../../../shared/chart.ts'

const bucket = (from: number, to = from): ChartBucket => ({
  from,
  to,
  count: 1,
  first: 1,
  min: 1,
  max: 1,
  last: 1,
  sum: 1,
  worst: 'verified',
  gapBefore: false,
})

/** A frame whose one line has messages at these seconds, and shows the window between two seconds. */
function frameOf(seconds: readonly number[], from: number, to: number): ChartFrame {
  const line = {
    intervalMs: 1_000,
    buckets: seconds.map((second) => bucket(second * 1_000)),
  } as unknown as ChartLine
  return { from: from * 1_000, to: to * 1_000, lines: [line] } as unknown as ChartFrame
}

describe('the message a key means', () => {
  it.each([
    ['the nearest one', [1, 2, 3], 0, 5, 2.2, 2],
    ['the last one before a silence', [1, 20], 0, 30, 12, 1],
    ['the one after, where there is none before in sight', [1, 20], 10, 30, 12, 20],
    ['none out of sight', [1, 20], 5, 15, 12, null],
    ['none where there is none', [], 0, 10, 5, null],
  ])('is %s', (_, seconds, from, to, at, expected) => {
    const point = meantPoint(frameOf(seconds, from, to), at * 1_000)
    expect(point && point.at / 1_000).toBe(expected)
  })

  it('is one of many that were merged, though they reach over the edge of the window', () => {
    const frame = frameOf([], 10, 20)
    const merged = {
      ...frame,
      lines: [{ intervalMs: 1_000, buckets: [bucket(15_000, 25_000)] } as unknown as ChartLine],
    }
    expect(meantPoint(merged, 20_000)?.at).toBe(25_000)
  })
})

describe('a window', () => {
  it.each([
    ['with a message in it', [5], 0, 10, true],
    ['before the first message', [15], 0, 10, false],
    ['after the last one', [5], 10, 20, false],
    ['that a line passes through', [5, 25], 10, 20, true],
  ])('%s says whether it has values', (_, seconds, from, to, expected) => {
    expect(hasValues(frameOf(seconds, from, to))).toBe(expected)
  })
})

describe('a row of states', () => {
  it('lacks what lies between messages, not what came before them or is still to come', () => {
    const known = [
      { from: 10, to: 20 },
      { from: 30, to: 40 },
    ]
    expect(unknownStretches(known)).toEqual([{ from: 20, to: 30 }])
    expect(unknownStretches([])).toEqual([])
  })
})
