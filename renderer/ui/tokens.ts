import type { Verdict } from '../../shared/verdict.ts'

/** Colours of one theme, each with one meaning. `test/unit/renderer/contrast.test.ts` holds their contrast. */
export interface Tokens {
  ground: string
  panel: string
  raised: string
  line: string
  text: string
  muted: string
  /** Interaction only. */
  accent: string
  /** Text on a filled accent surface. */
  onAccent: string
  verified: string
  pending: string
  unauthorised: string
  forged: string
  equivocation: string
  /** Ten colours told apart with any of the common colour-vision deficiencies, and from every verdict colour. */
  series: readonly string[]
}

export const DARK: Tokens = {
  ground: '#0E1116',
  panel: '#151A21',
  raised: '#1C232C',
  line: '#27303B',
  text: '#E6EAF0',
  muted: '#93A0B1',
  accent: '#5AA9FF',
  onAccent: '#0E1116',
  verified: '#35C08E',
  pending: '#93A0B1',
  unauthorised: '#E3A73B',
  forged: '#F4615C',
  equivocation: '#C78BFA',
  series: [
    '#28D2ED',
    '#FBE792',
    '#F768B1',
    '#5C7AFF',
    '#BEDB3B',
    '#C43BBF',
    '#FDBDA6',
    '#829B27',
    '#B9F5EA',
    '#ED998A',
  ],
}

export const LIGHT: Tokens = {
  ground: '#F5F6F8',
  panel: '#FFFFFF',
  raised: '#FFFFFF',
  line: '#DDE1E7',
  text: '#151A21',
  muted: '#5A6675',
  accent: '#1666D6',
  onAccent: '#FFFFFF',
  // #0E8A5F reaches 4.03:1 on the ground; this reaches AA there and on its own tint.
  verified: '#0A7350',
  pending: '#5A6675',
  // #9A6400 reaches AA on the ground, and misses it on its own tint.
  unauthorised: '#8A5900',
  // #C22A25 reaches AA on the ground, and misses it on its own tint.
  forged: '#BC2823',
  equivocation: '#7C3AC4',
  series: [
    '#1E9FB2',
    '#D43079',
    '#0E2272',
    '#EE6B08',
    '#6E65F9',
    '#505600',
    '#BC33C8',
    '#0D486F',
    '#AF8D6C',
    '#800F49',
  ],
}

export function verdictColour(tokens: Tokens, verdict: Verdict): string {
  return tokens[verdict]
}
