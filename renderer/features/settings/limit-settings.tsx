import { Button, NumberInput } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Link } from 'wouter'
import { shortenMiddle } from '../../../shared/format/identifier.ts'
import { formatCount, formatSize } from '../../../shared/format/quantity.ts'
import { errorViewOf } from '../../api/error-view.ts'
import { useTRPC } from '../../api/provider.tsx'
import { visibleText } from '../../ui/plain-text.tsx'
import { EmptyState, ErrorState, LoadingState } from '../../ui/state-views.tsx'
import { linkTo } from '../../ui/use-view.ts'
import classes from './limit-settings.module.css'

const DAY_MS = 86_400_000
const MB = 1_000_000
/** As the node's own bounds: a century, and what a database file can hold. */
const MAX_DAYS = 36_600
const MAX_MB = 140_000_000
/** Stream parts listed; the command line has them all. */
const MAX_SHOWN = 50

interface PartUse {
  part: string
  messages: number
  estimatedBytes: number
}

/** How much is kept of each stream, and what the network may take: each limit says what happens at it. */
export function LimitSettings() {
  const trpc = useTRPC()
  const usage = useQuery(trpc.store.usage.queryOptions())
  return (
    <section className={classes.group} aria-labelledby="settings-limits">
      <h2 id="settings-limits">Limits of storage and bandwidth</h2>
      <p className={classes.note}>
        Without a limit everything stays on disk for ever. With one, the oldest messages of the stream are
        dropped once they are older, or once the stream is larger; what was dropped shows on the time line as
        dropped and not as a gap, and is not taken in again while the limit stands. The freed space is used
        again before the file grows.
      </p>
      {usage.error ? (
        <ErrorState
          title="What the store holds cannot be told"
          error={errorViewOf(usage.error)}
          onRetry={() => void usage.refetch()}
        />
      ) : usage.data === undefined ? (
        <LoadingState what="what the store holds" />
      ) : usage.data.parts.length === 0 ? (
        <EmptyState title="Nothing is stored yet">
          Subscribe to a stream, and how long it is kept can be said here.
        </EmptyState>
      ) : (
        <ul className={classes.parts}>
          {usage.data.parts.slice(0, MAX_SHOWN).map((use) => (
            <PartLimits key={use.part} use={use} />
          ))}
        </ul>
      )}
      <p className={classes.note}>
        Bandwidth: what streams publish arrives as it is published, and is stored at once. What this node asks
        of its peers by itself is paced under{' '}
        <Link href={linkTo('network', {})}>Network, “Missing messages”</Link>: the longer the pause, the less
        is asked and the later a gap closes. What clients may take from the storage interface is set under
        “Storage interface” below.
      </p>
    </section>
  )
}

function PartLimits({ use }: { use: PartUse }) {
  const trpc = useTRPC()
  const limits = useQuery(trpc.store.retention.queryOptions({ part: use.part }))
  return (
    <li>
      <div className={classes.name}>
        <bdi title={visibleText(use.part)}>{shortenMiddle(visibleText(use.part), 12, 30)}</bdi>
        <span className={classes.size}>
          {formatCount(use.messages)} messages, about {formatSize(use.estimatedBytes)}
        </span>
      </div>
      {limits.data === undefined ? null : (
        <LimitForm
          key={JSON.stringify(limits.data)}
          part={use.part}
          days={limits.data.maxAgeMs === null ? '' : limits.data.maxAgeMs / DAY_MS}
          megabytes={limits.data.maxBytes === null ? '' : limits.data.maxBytes / MB}
        />
      )}
    </li>
  )
}

interface LimitFormProps {
  part: string
  days: number | ''
  megabytes: number | ''
}

function LimitForm({ part, days, megabytes }: LimitFormProps) {
  const trpc = useTRPC()
  const queries = useQueryClient()
  const [nextDays, setDays] = useState<number | string>(days)
  const [nextMegabytes, setMegabytes] = useState<number | string>(megabytes)
  const save = useMutation(
    trpc.store.setRetention.mutationOptions({
      onSuccess: () =>
        Promise.all([
          queries.invalidateQueries({ queryKey: trpc.store.retention.queryKey({ part }) }),
          queries.invalidateQueries({ queryKey: trpc.store.usage.queryKey() }),
        ]),
    }),
  )
  const isChanged = nextDays !== days || nextMegabytes !== megabytes
  const isTighter = isBelow(nextDays, days) || isBelow(nextMegabytes, megabytes)
  const title = visibleText(part).slice(0, 80)
  return (
    <form
      className={classes.form}
      onSubmit={(event) => {
        event.preventDefault()
        save.mutate({
          part,
          maxAgeMs: nextDays === '' ? null : Math.round(Number(nextDays) * DAY_MS),
          maxBytes: nextMegabytes === '' ? null : Math.round(Number(nextMegabytes) * MB),
        })
      }}
    >
      <NumberInput
        size="xs"
        w={140}
        aria-label={`Days that ${title} is kept`}
        placeholder="for ever"
        suffix=" days"
        min={1}
        max={MAX_DAYS}
        allowDecimal={false}
        value={nextDays}
        onChange={setDays}
      />
      <NumberInput
        size="xs"
        w={140}
        aria-label={`Megabytes that ${title} may take`}
        placeholder="any size"
        suffix=" MB"
        min={1}
        max={MAX_MB}
        allowDecimal={false}
        value={nextMegabytes}
        onChange={setMegabytes}
      />
      <Button type="submit" size="xs" variant="default" disabled={!isChanged} loading={save.isPending}>
        {isChanged && isTighter ? 'Set, and drop what is beyond' : 'Set'}
      </Button>
      {save.error ? (
        <span className={classes.problem} role="alert">
          {errorViewOf(save.error).message} {errorViewOf(save.error).remedy}
        </span>
      ) : null}
    </form>
  )
}

/** Whether a limit lets less pass than the one before; empty is none. */
function isBelow(next: number | string, before: number | ''): boolean {
  if (next === '') return false
  return before === '' || Number(next) < before
}
