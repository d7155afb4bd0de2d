import { useComputedColorScheme } from '@mantine/core'
import { DARK, LIGHT, type Tokens } from './tokens.ts'

/** The colours of the theme on screen, for what is painted on canvas and cannot read CSS. */
export function useTokens(): Tokens {
  return useComputedColorScheme('dark') === 'light' ? LIGHT : DARK
}
