import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { assignColours, SERIES_COLOURS } from '../../../renderer/ui/chart/series-colours.ts'

const keys = (max: number) => fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 1, maxLength: max })

describe('colours of series', () => {
  it('are all different on one panel while there are enough', () => {
    fc.assert(
      fc.property(keys(SERIES_COLOURS), (names) => {
        expect(new Set(assignColours(names, new Map())).size).toBe(names.length)
      }),
    )
  })

  it('are the same after a restart, whatever is shown first', () => {
    fc.assert(
      fc.property(keys(SERIES_COLOURS), (names) => {
        const kept = new Map<string, number>()
        const first = assignColours(names, kept)
        const restored = new Map(JSON.parse(JSON.stringify([...kept])) as [string, number][])
        expect(assignColours(names.toReversed(), restored).toReversed()).toEqual(first)
      }),
    )
  })

  it('hold their place when a newcomer wants the same', () => {
    fc.assert(
      fc.property(keys(SERIES_COLOURS - 1), fc.string({ minLength: 1 }), (names, newcomer) => {
        fc.pre(!names.includes(newcomer))
        const kept = new Map<string, number>()
        const before = assignColours(names, kept)
        expect(assignColours([newcomer, ...names], kept).slice(1)).toEqual(before)
      }),
    )
  })

  it('stay within the palette when there are more series than colours', () => {
    fc.assert(
      fc.property(keys(40), (names) => {
        for (const colour of assignColours(names, new Map())) {
          expect(Number.isInteger(colour) && colour >= 0 && colour < SERIES_COLOURS).toBe(true)
        }
      }),
    )
  })
})
