import { describe, expect, it } from 'vitest'
import { missingBars } from '../../../renderer/ui/missing-bars.ts'

describe('a gap in the sparkline', () => {
  it('reaches from the last bar before it to the one that names it', () => {
    expect(missingBars([4, 4, 0, 0, 4], [0, 0, 0, 0, 1])).toEqual([{ from: 2, to: 4 }])
  })

  it('is seen where messages came right before it, and in the first bar', () => {
    expect(missingBars([4, 4, 4], [0, 0, 2])).toEqual([{ from: 2, to: 3 }])
    expect(missingBars([4, 4], [1, 0])).toEqual([{ from: 0, to: 1 }])
  })

  it('is none where nothing is known to be missing, however quiet it was', () => {
    expect(missingBars([4, 0, 0, 4], [0, 0, 0, 0])).toEqual([])
  })
})
