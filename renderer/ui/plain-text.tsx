import classes from './plain-text.module.css'

/** Longer words from outside are cut here; the full text is a click away where it matters. */
const MAX_SHOWN_LENGTH = 512

/** Characters that turn the direction of what follows or cannot be seen; joiners stay, for scripts and emoji need them. */
const INVISIBLE = /[[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]--[\u200c\u200d]]/gv

/** Shows what hides in a text: control, direction and zero-width characters become a visible mark. */
export function visibleText(text: string): string {
  return text.slice(0, MAX_SHOWN_LENGTH).replace(INVISIBLE, '\u2423')
}

export interface PlainTextProps {
  children: string
  /** One line, cut with an ellipsis where it does not fit. */
  clip?: boolean
}

/**
 * Words that come from a stream: shown as text, isolated from the direction of their surroundings, clipped.
 */
export function PlainText({ children, clip = true }: PlainTextProps) {
  const shown = visibleText(children)
  const isCut = children.length > MAX_SHOWN_LENGTH
  return (
    <bdi className={clip ? classes.clip : undefined} title={clip && shown.length > 24 ? shown : undefined}>
      {shown}
      {isCut ? '…' : ''}
    </bdi>
  )
}
