import { useComputedColorScheme } from '@mantine/core'
import { DARK, LIGHT, type Tokens } from './tokens.ts'

/** The colours of the theme on screen, for what is painted on canvas and cannot read CSS. */
export function useTokens(): Tokens {
  return useComputedColorScheme('dark') === 'light' ? LIGHT : DARK
}

/** The same outside of React. */
export function currentTokens(): Tokens {
  return document.documentElement.dataset.mantineColorScheme === 'light' ? LIGHT : DARK
}
