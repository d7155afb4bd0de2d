import { Button } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { errorViewOf } from '../../api/error-view.ts'
import { useTRPC } from '../../api/provider.tsx'
import { dialogStore } from '../../ui/dialogs.ts'
import { Page } from '../../ui/page.tsx'
import { EmptyState, ErrorState, LoadingState } from '../../ui/state-views.tsx'
import { useNow } from '../../ui/ticker.ts'
import classes from './overview.module.css'
import { rankStreams } from './rank.ts'
import { StreamTable } from './stream-table.tsx'
import { Totals } from './totals.tsx'

/** Ranking moves rows, so it follows the clock only this often. */
const RANK_EVERY_MS = 10_000

const subscribeButton = (
  <Button leftSection={<IconPlus size={15} />} onClick={() => dialogStore.set('subscribe')}>
    Subscribe to a stream
  </Button>
)

export interface OverviewProps {
  /** What a first visitor is told. */
  welcome: ReactNode
}

export function Overview({ welcome }: OverviewProps) {
  const trpc = useTRPC()
  const streams = useQuery(trpc.streams.list.queryOptions())
  const now = Math.floor(useNow() / RANK_EVERY_MS) * RANK_EVERY_MS
  return (
    <Page>
      {welcome}
      {streams.data ? <Totals streams={streams.data} /> : null}
      <div className={classes.heading}>
        <h2>Streams</h2>
        {streams.data && streams.data.length > 0 ? subscribeButton : null}
      </div>
      {streams.data === undefined ? (
        streams.error ? (
          <ErrorState
            title="The streams could not be listed"
            error={errorViewOf(streams.error)}
            onRetry={() => void streams.refetch()}
          />
        ) : (
          <LoadingState what="streams" />
        )
      ) : streams.data.length === 0 ? (
        <EmptyState title="No streams yet" action={subscribeButton}>
          Each stream this node keeps stands here, with how lively it is and whether what it says is proven.
          This node has not subscribed to any.
        </EmptyState>
      ) : (
        <StreamTable streams={rankStreams(streams.data, now)} />
      )}
    </Page>
  )
}
