import { Button } from '@mantine/core'
import { formatCount } from '../../../shared/format/quantity.ts'
import type { MessageListState } from '../../api/message-list.ts'
import classes from './messages.module.css'

export interface SearchProgressProps {
  state: MessageListState
  isSearch: boolean
  /** Messages there are to look through; null where nobody knows. */
  total: number | null
  onPause(): void
  onResume(): void
}

/** How many rows are held, or how far the search through contents is. */
export function SearchProgress({ state, isSearch, total, onPause, onResume }: SearchProgressProps) {
  const { rows, hasOlder, hasNewer, isLoading, isPaused, scanned, error } = state
  if (error !== null && rows.length > 0) return <span>{error.message}</span>
  const found = `${formatCount(rows.length)}${hasOlder || hasNewer ? '+' : ''} message${rows.length === 1 ? '' : 's'}`
  if (!isSearch) return <span>{found}</span>
  // Messages come while it is counted: what was looked through may be more than there was.
  const of = total === null ? '' : ` of ${formatCount(Math.max(total, scanned))}`
  return (
    <span className={classes.progress}>
      {found}, scanned {formatCount(scanned)}
      {of}
      {isLoading ? (
        <Button size="compact-xs" variant="subtle" onClick={onPause}>
          Stop
        </Button>
      ) : isPaused ? (
        <Button size="compact-xs" variant="subtle" onClick={onResume}>
          Search on
        </Button>
      ) : null}
    </span>
  )
}
