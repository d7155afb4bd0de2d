import { Button } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { formatCount, formatDuration } from '../../../shared/format/quantity.ts'
import type { GapFillView } from '../../../shared/storage.ts'
import { useTRPC } from '../../api/provider.tsx'
import { ShortId } from '../../ui/short-id.tsx'
import { useNow } from '../../ui/ticker.ts'
import { Time } from '../../ui/time.tsx'
import classes from './stream-details.module.css'

/** Gaps move by themselves; the open list follows this often. */
const REFRESH_MS = 2_000
/** A list anybody reads; the rest is counted. */
const MAX_SHOWN = 20

function stateOf(gap: GapFillView, now: number): string {
  if (gap.state === 'asking') return 'Being asked for now.'
  const tried = gap.attempts === 1 ? 'Asked for once' : `Asked for ${formatCount(gap.attempts)} times`
  if (gap.state === 'given-up') return `Given up. ${tried}, the last time without success.`
  const wait =
    gap.nextAttemptAt === null ? '' : `, next in ${formatDuration(Math.max(0, gap.nextAttemptAt - now))}`
  return gap.attempts === 0 ? `Waiting to be asked for${wait}.` : `${tried}${wait}.`
}

/** What is missing of one stream part, what is done about it, and from where it could be filled. */
export function StreamGaps({ part }: { part: string }) {
  const trpc = useTRPC()
  const now = useNow()
  const queryClient = useQueryClient()
  const gaps = useQuery(trpc.storage.gaps.queryOptions({ part }, { refetchInterval: REFRESH_MS }))
  const retry = useMutation(
    trpc.storage.retryGaps.mutationOptions({
      onSuccess: () => void queryClient.invalidateQueries({ queryKey: trpc.storage.gaps.queryKey({ part }) }),
    }),
  )
  const list = gaps.data ?? []
  if (list.length === 0) {
    return (
      <p className={classes.nothing}>
        {gaps.data === undefined
          ? 'Looking for gaps…'
          : 'Nothing is known to be missing: every message that another one names is here.'}
      </p>
    )
  }
  return (
    <>
      <ul className={classes.rows} data-tall>
        {list.slice(0, MAX_SHOWN).map((gap) => (
          <li key={`${gap.publisher} ${gap.chain} ${gap.missing.timestamp} ${gap.missing.sequence}`}>
            <span>
              Before <Time at={gap.missing.timestamp} /> of{' '}
              <ShortId id={gap.publisher} what="publisher" head={10} tail={8} />
            </span>
            <span className={classes.wide}>
              {stateOf(gap, now)} <bdi className={classes.quiet}>{gap.sentence}</bdi>
            </span>
          </li>
        ))}
      </ul>
      <div className={classes.inputs}>
        <Button variant="default" size="xs" loading={retry.isPending} onClick={() => retry.mutate({ part })}>
          Ask again now
        </Button>
        {list.length > MAX_SHOWN ? (
          <span className={classes.quiet}>and {formatCount(list.length - MAX_SHOWN)} more</span>
        ) : null}
      </div>
    </>
  )
}
