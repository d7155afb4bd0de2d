/** Longer words from outside are cut here; the full text is a click away where it matters. */
export const MAX_SHOWN_LENGTH = 512

/** Characters that turn the direction of what follows or cannot be seen; joiners stay, for scripts and emoji need them. */
const INVISIBLE = /[[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]--[\u200c\u200d]]/gv

/** Shows what hides in a text: control, direction and zero-width characters become a visible mark. */
export function visibleText(text: string): string {
  return text.slice(0, MAX_SHOWN_LENGTH).replace(INVISIBLE, '\u2423')
}
