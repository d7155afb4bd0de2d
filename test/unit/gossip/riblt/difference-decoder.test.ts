import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CellEncoder, MAX_SKETCH_CELLS } from '../../../../electron/node/gossip/riblt/cell-encoder.ts'
import {
  type Cells,
  COUNTED_CELLS,
  cellsSizeBytes,
  decodeCells,
  emptyCells,
  encodeCells,
  idCheck,
} from '../../../../electron/node/gossip/riblt/cells.ts'
import {
  DifferenceDecoder,
  type SetDifference,
} from '../../../../electron/node/gossip/riblt/difference-decoder.ts'
import { cellsNeeded } from '../../../../electron/node/gossip/riblt/difference-estimate.ts'
import type { ShortIds } from '../../../../electron/node/gossip/riblt/short-ids.ts'
import { SketchInvalid } from '../../../../electron/node/gossip/riblt/sketch-invalid.ts'
import { concatIds, idTexts, randomIds } from './random-ids.ts'

const NOTHING = randomIds(0)

function reconcile(local: ShortIds, remote: ShortIds, step: number): { found: SetDifference; cells: number } {
  const encoder = new CellEncoder(remote)
  const decoder = new DifferenceDecoder(local)
  for (let total = step; total <= MAX_SKETCH_CELLS; total += step) {
    const found = decoder.add(decodeCells(encodeCells(encoder.extendTo(total)), total - step, total))
    if (found !== undefined) return { found, cells: total }
  }
  throw new Error('never decoded')
}

function single(low: number, high: number, length: number): Cells {
  return new CellEncoder({ low: Uint32Array.of(low), high: Uint32Array.of(high) }).extendTo(length)
}

function faultOf(act: () => unknown): string {
  try {
    act()
    return 'none'
  } catch (error) {
    if (error instanceof SketchInvalid) return error.code
    throw error
  }
}

describe('the difference decoder', () => {
  it('finds exactly the difference of any two sets, however the cells arrive', () => {
    fc.assert(
      fc.property(
        fc.nat({ max: 400 }),
        fc.nat({ max: 120 }),
        fc.nat({ max: 120 }),
        fc.integer({ min: 1, max: 90 }),
        (shared, localOnly, remoteOnly, step) => {
          const common = randomIds(shared)
          const own = randomIds(localOnly)
          const theirs = randomIds(remoteOnly)
          const local = concatIds(common, own)
          const { found } = reconcile(local, concatIds(theirs, common), step)
          expect(idTexts(found.lacking)).toEqual(idTexts(theirs))
          const surplus = [...found.surplusRows].sort((a, b) => a - b)
          expect(surplus).toEqual(Array.from({ length: localOnly }, (_, row) => shared + row))
        },
      ),
    )
  })

  it('needs one cell to see that two sets are equal', () => {
    const ids = randomIds(5_000)
    expect(reconcile(ids, ids, 1).cells).toBe(1)
    expect(reconcile(NOTHING, NOTHING, 1).cells).toBe(1)
  })

  it('decodes with the planned number of cells nearly always', () => {
    const sets = 200
    let short = 0
    for (let set = 0; set < sets; set++) {
      const decoder = new DifferenceDecoder(NOTHING)
      const encoder = new CellEncoder(randomIds(100))
      if (decoder.add(encoder.extendTo(cellsNeeded(100, 0, 2))) === undefined) short += 1
    }
    expect(short).toBeLessThan(sets * 0.1)
  })

  it('extends a sketch with the same cells that one made at once has', () => {
    const ids = randomIds(300)
    const encoder = new CellEncoder(ids)
    const stretches = [encoder.extendTo(7), encoder.extendTo(7), encoder.extendTo(200)]
    const whole = new CellEncoder(ids).extendTo(200)
    for (const column of ['idLow', 'idHigh', 'check', 'count'] as const) {
      expect(stretches.flatMap((cells) => [...cells[column]])).toEqual([...whole[column]])
    }
  })

  it('finds large differences, of which only the first cells are counted', () => {
    const common = randomIds(10_000)
    const theirs = randomIds(6_000)
    const { found, cells } = reconcile(common, concatIds(common, theirs), 1_000)
    expect(cells).toBeGreaterThan(COUNTED_CELLS)
    expect(idTexts(found.lacking)).toEqual(idTexts(theirs))
  })

  it('refuses to make or take more cells than a sketch may have', () => {
    expect(() => new CellEncoder(NOTHING).extendTo(MAX_SKETCH_CELLS + 1)).toThrow(RangeError)
    expect(() => new DifferenceDecoder(NOTHING).add(emptyCells(0, MAX_SKETCH_CELLS + 1))).toThrow(RangeError)
  })

  it('refuses bytes that are not whole cells', () => {
    expect(() => decodeCells(new Uint8Array(14), 0, 1)).toThrow(RangeError)
    expect(() => decodeCells(new Uint8Array(13), COUNTED_CELLS, COUNTED_CELLS + 1)).toThrow(RangeError)
    expect(cellsSizeBytes(0, 1)).toBe(13)
    expect(cellsSizeBytes(COUNTED_CELLS - 1, COUNTED_CELLS + 1)).toBe(25)
  })
})

describe('hostile cells', () => {
  const ours = randomIds(10)

  it('are refused when they say that an item we hold is missing here', () => {
    const cells = single(ours.low[3] ?? 0, ours.high[3] ?? 0, 4)
    const doubled = concatIds(ours, { low: ours.low.slice(3, 4), high: ours.high.slice(3, 4) })
    const remote = new CellEncoder(doubled).extendTo(4)
    expect(faultOf(() => new DifferenceDecoder(ours).add(remote))).toBe('item-held')
    expect(faultOf(() => new DifferenceDecoder(NOTHING).add(cells))).toBe('none')
  })

  it('are refused when they say that we hold an item we do not', () => {
    const cells = single(1, 2, 4)
    for (let cell = 0; cell < 4; cell++) cells.count[cell] = 0 - (cells.count[cell] ?? 0)
    expect(faultOf(() => new DifferenceDecoder(NOTHING).add(cells))).toBe('item-not-held')
  })

  it('are refused when the same item comes out of them again and again', () => {
    const cells = emptyCells(0, 64)
    for (let cell = 0; cell < 64; cell++) {
      cells.idLow[cell] = 77
      cells.idHigh[cell] = 78
      cells.check[cell] = idCheck(77, 78)
      cells.count[cell] = 1
    }
    expect(faultOf(() => new DifferenceDecoder(NOTHING).add(cells))).toBe('item-twice')
  })

  it('never decode to more items than there are cells, and never hang, whatever they are', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ low: fc.nat(7), high: fc.nat(1), count: fc.nat(255), honest: fc.boolean() }), {
          minLength: 1,
          maxLength: 200,
        }),
        (chosen) => {
          const cells = emptyCells(0, chosen.length)
          for (const [cell, { low, high, count, honest }] of chosen.entries()) {
            cells.idLow[cell] = low
            cells.idHigh[cell] = high
            cells.count[cell] = honest ? 1 : count
            cells.check[cell] = honest ? idCheck(low, high) : low
          }
          const decoder = new DifferenceDecoder(ours)
          faultOf(() => decoder.add(cells))
          expect(decoder.recovered).toBeLessThanOrEqual(chosen.length)
        },
      ),
    )
  })

  it('that are noise decode to nothing', () => {
    const noise = randomIds(2_000)
    const cells: Cells = {
      idLow: noise.low,
      idHigh: noise.high,
      check: randomIds(2_000).low,
      count: new Uint8Array(2_000).fill(1),
    }
    const decoder = new DifferenceDecoder(NOTHING)
    expect(decoder.add(cells)).toBeUndefined()
    expect(decoder.recovered).toBe(0)
  })
})
