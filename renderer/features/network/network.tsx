import { Select } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { errorViewOf } from '../../api/error-view.ts'
import { useTRPC } from '../../api/provider.tsx'
import { Page } from '../../ui/page.tsx'
import { EmptyState, ErrorState, LoadingState } from '../../ui/state-views.tsx'
import { useView } from '../../ui/use-view.ts'
import { Coverage } from './coverage.tsx'
import classes from './network.module.css'
import { PeerGraph } from './peer-graph.tsx'
import { Peers } from './peers.tsx'
import { Queries } from './queries.tsx'
import { ThisNode } from './this-node.tsx'

/** This node among its peers: who they are, who holds what, and queries that all of them answer. */
export function Network() {
  const trpc = useTRPC()
  const { view, update } = useView()
  const self = useQuery(trpc.network.self.queryOptions(undefined, { refetchInterval: 5_000 }))
  const peers = useQuery(trpc.network.peers.queryOptions(undefined, { refetchInterval: 2_000 }))
  const failed = self.error ?? peers.error
  if (failed) {
    const retry = () => void Promise.all([self.refetch(), peers.refetch()])
    return <ErrorState title="The network could not be read" error={errorViewOf(failed)} onRetry={retry} />
  }
  if (self.data === undefined || peers.data === undefined) return <LoadingState what="the network" />
  const { parts } = self.data
  const part = parts.find((candidate) => candidate === view.part) ?? parts[0]
  return (
    <Page>
      <div className={classes.selfAndGraph}>
        <ThisNode self={self.data} />
        <PeerGraph self={self.data} peers={peers.data} />
      </div>
      <Peers self={self.data} peers={peers.data} />
      {part === undefined ? (
        <EmptyState title="No stream is shared yet">
          Here you see who holds what of a stream. Subscribe to one, and this node answers for it.
        </EmptyState>
      ) : (
        <>
          <div className={classes.choice}>
            <h2>Stream</h2>
            <Select
              aria-label="Stream"
              className={classes.stream ?? ''}
              data={parts}
              value={part}
              onChange={(chosen) => update({ part: chosen })}
              allowDeselect={false}
              searchable
            />
          </div>
          <Coverage key={`coverage ${part}`} part={part} own={self.data.address} />
          <Queries key={`queries ${part}`} part={part} isKept={!self.data.settings.notKept.includes(part)} />
        </>
      )}
    </Page>
  )
}
