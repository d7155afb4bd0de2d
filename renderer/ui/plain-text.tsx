import classes from './plain-text.module.css'
import { MAX_SHOWN_LENGTH, visibleText } from './visible-text.ts'

export { visibleText }

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
