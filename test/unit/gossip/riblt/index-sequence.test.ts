import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { advanceWalk, startWalk } from '../../../../electron/node/gossip/riblt/index-sequence.ts'
import { randomIds } from './random-ids.ts'

const MULTIPLIER = 0xda94_2042_e4dd_58b5n

function cellsOf(seedLow: number, seedHigh: number, length: number): number[] {
  const walk = { stateLow: 0, stateHigh: 0, index: 0 }
  startWalk(walk, seedLow, seedHigh)
  const cells: number[] = []
  for (let step = 0; step < length; step++) {
    cells.push(walk.index)
    advanceWalk(walk)
  }
  return cells
}

/** The paper's formula with exact integers, as a second opinion on the arithmetic in halves. */
function cellsByBigInt(seed: bigint, length: number): number[] {
  const cells: number[] = []
  let state = seed
  let index = 0
  for (let step = 0; step < length; step++) {
    cells.push(index)
    state = BigInt.asUintN(64, state * MULTIPLIER)
    index += Math.max(1, Math.ceil((index + 1.5) * (2 ** 32 / Math.sqrt(Number(state) + 1) - 1)))
  }
  return cells
}

describe('the cells an item lies in', () => {
  it('are those of the paper’s implementation', () => {
    expect(cellsOf(1, 0, 10)).toEqual([0, 1, 2, 3, 6, 11, 19, 44, 116, 122])
    expect(cellsOf(123_456_789, 0, 10)).toEqual([0, 1, 2, 6, 8, 13, 30, 39, 43, 58])
    expect(cellsOf(0x89ab_cdef, 0x0123_4567, 10)).toEqual([0, 1, 2, 4, 6, 8, 20, 24, 34, 36])
  })

  it('agree with exact 64-bit arithmetic for any seed', () => {
    fc.assert(
      fc.property(fc.nat({ max: 0xffff_ffff }), fc.nat({ max: 0xffff_ffff }), (low, high) => {
        const seed = (BigInt(high) << 32n) | BigInt(low)
        expect(cellsOf(low, high, 30)).toEqual(cellsByBigInt(seed, 30))
      }),
    )
  })

  it('rise at every step, also for states whose formula rounds to no step', () => {
    // The inverse of the multiplier makes the state after one step 2^64 - 1, the largest.
    let inverse = MULTIPLIER
    for (let round = 0; round < 6; round++)
      inverse = BigInt.asUintN(64, inverse * (2n - MULTIPLIER * inverse))
    const seed = BigInt.asUintN(64, -inverse)
    const cells = cellsOf(Number(seed & 0xffff_ffffn), Number(seed >> 32n), 3)
    expect(cells[1]).toBe(1)
    expect(cells[2]).toBeGreaterThan(1)
  })

  it('leave every sketch at once for the seed 0, whose state never changes', () => {
    expect(cellsOf(0, 0, 2)[1]).toBeGreaterThan(2 ** 32)
  })

  it('hold an item in cell i with probability 1 / (1 + i / 2), as near as the paper’s formula comes', () => {
    const items = 20_000
    const ids = randomIds(items)
    const hits = new Uint32Array(64)
    for (let item = 0; item < items; item++) {
      const walk = { stateLow: 0, stateHigh: 0, index: 0 }
      startWalk(walk, ids.low[item] ?? 0, ids.high[item] ?? 0)
      while (walk.index < hits.length) {
        hits[walk.index] = (hits[walk.index] ?? 0) + 1
        advanceWalk(walk)
      }
    }
    for (const [index, hit] of hits.entries()) {
      const p = 1 / (1 + index / 2)
      const deviation = Math.sqrt(items * p * (1 - p))
      expect(Math.abs(hit - items * p)).toBeLessThanOrEqual(6 * deviation + 0.05 * items * p)
    }
  })
})
