import { Tooltip, UnstyledButton } from '@mantine/core'
import { useClipboard } from '@mantine/hooks'
import { shortenMiddle } from '../../shared/format/identifier.ts'
import { visibleText } from './plain-text.tsx'
import classes from './short-id.module.css'

export interface ShortIdProps {
  id: string
  /** What it is the id of: "publisher", "digest". */
  what: string
  head?: number
  tail?: number
}

/** An id, shortened in the middle; full on hover, copied by a click. */
export function ShortId({ id, what, head = 6, tail = 4 }: ShortIdProps) {
  const clipboard = useClipboard({ timeout: 1_500 })
  return (
    <Tooltip
      label={<span className={classes.full}>{clipboard.copied ? 'Copied' : visibleText(id)}</span>}
      multiline
      maw={520}
    >
      <UnstyledButton
        className={classes.id}
        aria-label={`Copy ${what} ${shortenMiddle(visibleText(id), head, tail)}`}
        onClick={(event) => {
          event.stopPropagation()
          clipboard.copy(id)
        }}
      >
        <bdi>{shortenMiddle(visibleText(id), head, tail)}</bdi>
      </UnstyledButton>
    </Tooltip>
  )
}
