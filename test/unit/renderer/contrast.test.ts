import { describe, expect, it } from 'vitest'
import { DARK, LIGHT, type Tokens } from '../../../renderer/ui/tokens.ts'
import { contrast, mixed } from './colour-science.ts'

/** WCAG 2.2, level AA: text, and parts of the interface that carry meaning. */
const TEXT_RATIO = 4.5
const GRAPHICS_RATIO = 3

const MEANINGS = [
  'text',
  'muted',
  'accent',
  'verified',
  'pending',
  'unauthorised',
  'forged',
  'equivocation',
] as const
const GROUNDS = ['ground', 'panel', 'raised'] as const

describe.each([
  ['dark', DARK],
  ['light', LIGHT],
] as [string, Tokens][])('the %s theme', (_name, tokens) => {
  it.each(MEANINGS)('has readable words in %s on every ground', (meaning) => {
    for (const ground of GROUNDS)
      expect(contrast(tokens[meaning], tokens[ground])).toBeGreaterThanOrEqual(TEXT_RATIO)
  })

  it.each(['verified', 'unauthorised', 'forged', 'equivocation'] as const)(
    'has a readable badge for %s',
    (verdict) => {
      for (const ground of ['panel', 'ground'] as const) {
        const tint = mixed(tokens[verdict], tokens[ground], 0.12)
        expect(contrast(tokens[verdict], tint)).toBeGreaterThanOrEqual(TEXT_RATIO)
      }
    },
  )

  it('has readable words on what is filled with the accent', () => {
    expect(contrast(tokens.onAccent, tokens.accent)).toBeGreaterThanOrEqual(TEXT_RATIO)
  })

  it('has readable accent words on an accent tint', () => {
    expect(contrast(tokens.accent, mixed(tokens.accent, tokens.panel, 0.12))).toBeGreaterThanOrEqual(
      TEXT_RATIO,
    )
  })

  it('has lines that stand out from the panel in every series colour', () => {
    for (const colour of tokens.series)
      expect(contrast(colour, tokens.panel)).toBeGreaterThanOrEqual(GRAPHICS_RATIO)
  })
})
