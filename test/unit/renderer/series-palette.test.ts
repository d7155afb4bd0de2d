import { describe, expect, it } from 'vitest'
import { SERIES_COLOURS } from '../../../renderer/ui/chart/series-colours.ts'
import { DARK, LIGHT, type Tokens } from '../../../renderer/ui/tokens.ts'
import { seenDistance, VISIONS } from './colour-science.ts'

/** Several times what is just noticeable, so that lines a legend apart are still told apart. */
const LEAST_SERIES_DISTANCE = 0.084
const LEAST_VERDICT_DISTANCE = 0.1

describe.each([
  ['dark', DARK],
  ['light', LIGHT],
] as [string, Tokens][])('the series colours of the %s theme', (_name, tokens) => {
  it('are as many as series are spread over', () => {
    expect(new Set(tokens.series).size).toBe(SERIES_COLOURS)
  })

  it.each(Object.entries(VISIONS))('are told apart with %s vision', (_vision, matrix) => {
    for (const [index, colour] of tokens.series.entries()) {
      for (const other of tokens.series.slice(index + 1)) {
        expect(seenDistance(colour, other, matrix), `${colour} ${other}`).toBeGreaterThanOrEqual(
          LEAST_SERIES_DISTANCE,
        )
      }
    }
  })

  it('are no verdict colours and not the accent', () => {
    const meanings = [tokens.verified, tokens.unauthorised, tokens.forged, tokens.equivocation, tokens.accent]
    for (const colour of tokens.series) {
      for (const meaning of meanings) {
        expect(
          seenDistance(colour, meaning, VISIONS.usual ?? []),
          `${colour} ${meaning}`,
        ).toBeGreaterThanOrEqual(LEAST_VERDICT_DISTANCE)
      }
    }
  })
})
