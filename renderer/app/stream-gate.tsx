import { Button } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { type ReactNode, useEffect } from 'react'
import { useLocation } from 'wouter'
import type { StreamOverview } from '../../shared/stream.ts'
import { errorViewOf } from '../api/error-view.ts'
import { useTRPC } from '../api/provider.tsx'
import { dialogStore } from '../ui/dialogs.ts'
import { EmptyState, ErrorState, LoadingState } from '../ui/state-views.tsx'
import { linkTo, type Screen, useView } from '../ui/use-view.ts'

const subscribeButton = (
  <Button leftSection={<IconPlus size={15} />} onClick={() => dialogStore.set('subscribe')}>
    Subscribe to a stream
  </Button>
)

export interface StreamGateProps {
  screen: Screen
  /** What the screen would show, for when there is nothing to show. */
  purpose: string
  children(part: string, stream: StreamOverview | undefined): ReactNode
}

/** Screens about one stream: the one in the address, or else the one that most probably is meant. */
export function StreamGate({ screen, purpose, children }: StreamGateProps) {
  const trpc = useTRPC()
  const [, go] = useLocation()
  const { view } = useView()
  const streams = useQuery(trpc.streams.list.queryOptions())
  const fallback = likeliest(streams.data ?? [])
  const { part } = view
  useEffect(() => {
    if (part === null && fallback !== undefined)
      go(linkTo(screen, { ...view, part: fallback }), { replace: true })
  }, [part, fallback, view, screen, go])

  if (part !== null) {
    const stream = streams.data?.find((candidate) => candidate.part === part)
    if (streams.data === undefined || stream !== undefined) return children(part, stream)
    return (
      <EmptyState title="This node does not keep that stream" action={subscribeButton}>
        The link names a stream that is neither subscribed nor stored here. Subscribe to it to keep what is
        published from now on.
      </EmptyState>
    )
  }
  if (streams.error) {
    return (
      <ErrorState
        title="The streams could not be listed"
        error={errorViewOf(streams.error)}
        onRetry={() => void streams.refetch()}
      />
    )
  }
  if (streams.data?.length === 0) {
    return (
      <EmptyState title="Nothing to show yet" action={subscribeButton}>
        {purpose} This node keeps no stream so far.
      </EmptyState>
    )
  }
  return <LoadingState what="streams" />
}

/** The stream somebody means who names none: the liveliest of this machine's own, else the liveliest. */
function likeliest(streams: readonly StreamOverview[]): string | undefined {
  const order = [...streams].sort(
    (a, b) =>
      Number(b.own) - Number(a.own) || b.ratePerSecond - a.ratePerSecond || (a.part < b.part ? -1 : 1),
  )
  return order[0]?.part
}
