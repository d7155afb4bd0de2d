import { describe, expect, it } from 'vitest'
import { CellEncoder } from '../../../../electron/node/gossip/riblt/cell-encoder.ts'
import { DifferenceDecoder } from '../../../../electron/node/gossip/riblt/difference-decoder.ts'
import {
  cellsNeeded,
  estimateDifference,
} from '../../../../electron/node/gossip/riblt/difference-estimate.ts'
import { randomIds } from './random-ids.ts'

function estimateFor(local: number, remote: number, cells: number) {
  const decoder = new DifferenceDecoder(randomIds(local))
  decoder.add(new CellEncoder(randomIds(remote)).extendTo(cells))
  return estimateDifference(decoder.countDifferences, remote - local)
}

describe('the estimate of a difference from cells that could not decode it', () => {
  it.each([
    [200, 200, 60],
    [3_000, 3_000, 800],
    [0, 5_000, 800],
    [9_000, 1_000, 800],
    [40_000, 40_000, 1_000],
  ])('is right within its error for %i local and %i remote items', (local, remote, cells) => {
    const estimate = estimateFor(local, remote, cells)
    const { difference, relativeError } = estimate ?? { difference: 0, relativeError: 0 }
    expect(Math.abs(difference / (local + remote) - 1)).toBeLessThan(5 * relativeError)
  })

  it('is never below what the sizes of the sets say', () => {
    expect(estimateDifference(new Int8Array(10), -40)?.difference).toBeGreaterThanOrEqual(40)
  })

  it('needs two cells', () => {
    expect(estimateDifference(new Int8Array(1), 3)).toBeUndefined()
  })
})

describe('the number of cells planned for a difference', () => {
  it('rises with the difference, from 1 cell on', () => {
    expect(cellsNeeded(0, 0, 2)).toBe(1)
    let previous = 1
    for (let difference = 1; difference < 200_000; difference = Math.ceil(difference * 1.3)) {
      const cells = cellsNeeded(difference, 0, 0)
      expect(cells).toBeGreaterThanOrEqual(Math.max(previous, difference))
      previous = cells
    }
  })
})
