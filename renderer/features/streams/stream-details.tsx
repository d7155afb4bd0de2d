import { Badge, Button } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { formatCount } from '../../../shared/format/quantity.ts'
import { streamPartId } from '../../../shared/message.ts'
import type { RegistryStreamView } from '../../../shared/registry-change.ts'
import { errorViewOf } from '../../api/error-view.ts'
import { useTRPC } from '../../api/provider.tsx'
import { CopyButton } from '../../ui/copy-button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { streamDetailsStore } from '../../ui/dialogs.ts'
import { useExternalStore } from '../../ui/external-store.ts'
import { Fold } from '../../ui/fold.tsx'
import { PlainText, visibleText } from '../../ui/plain-text.tsx'
import { ShortId } from '../../ui/short-id.tsx'
import { ErrorState, LoadingState } from '../../ui/state-views.tsx'
import classes from './stream-details.module.css'
import { StreamGaps } from './stream-gaps.tsx'
import { StreamPermissions } from './stream-permissions.tsx'
import { StreamStorage } from './stream-storage.tsx'

/** What the registry says changes by itself; the open view follows this often. */
const REFRESH_MS = 5_000

/** One stream as the registry has it: partitions, rights, storage nodes, and what this node keeps and lacks of it. */
export function StreamDetailsDialog() {
  const streamId = useExternalStore(streamDetailsStore)
  return (
    <Dialog
      opened={streamId !== null}
      onClose={() => streamDetailsStore.set(null)}
      title="Stream details"
      widthPx={760}
    >
      {streamId === null ? null : <Details key={streamId} streamId={streamId} />}
    </Dialog>
  )
}

function Details({ streamId }: { streamId: string }) {
  const trpc = useTRPC()
  const stream = useQuery(trpc.registry.stream.queryOptions({ streamId }, { refetchInterval: REFRESH_MS }))
  if (stream.data === undefined) {
    return stream.error ? (
      <ErrorState
        title="The stream cannot be shown"
        error={errorViewOf(stream.error)}
        onRetry={() => void stream.refetch()}
      />
    ) : (
      <LoadingState what="what the registry has of the stream" />
    )
  }
  const { data } = stream
  const keptParts = data.kept.map(({ partition }) => streamPartId(streamId, partition))
  const { description, partitions: _partitions, ...metadata } = data.metadata
  return (
    <div className={classes.details}>
      <Heading stream={data} description={typeof description === 'string' ? description : null} />
      <Fold title="Partitions" note={partitionsNote(data)}>
        <Partitions stream={data} />
      </Fold>
      <Fold title="Storage nodes" note={formatCount(data.storageNodes.length)}>
        <StreamStorage stream={data} />
      </Fold>
      <Fold title="Rights" note={formatCount(data.permissions.length)}>
        <StreamPermissions stream={data} />
      </Fold>
      {keptParts.map((part) => (
        <Fold
          key={part}
          title={
            keptParts.length === 1 ? 'Gaps' : `Gaps of partition ${part.slice(part.lastIndexOf('#') + 1)}`
          }
          opened={keptParts.length === 1}
        >
          <StreamGaps part={part} />
        </Fold>
      ))}
      <Fold title="Metadata" note={`${Object.keys(data.metadata).length} entries`} opened={false}>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a long text has to be scrollable by keyboard */}
        <pre className={classes.metadata} tabIndex={0}>
          {JSON.stringify(metadata, null, 2)}
        </pre>
      </Fold>
    </div>
  )
}

function Heading({ stream, description }: { stream: RegistryStreamView; description: string | null }) {
  const { owner, streamId, partitions } = stream
  return (
    <div className={classes.heading}>
      <p className={classes.id}>
        <bdi>{visibleText(streamId)}</bdi>
        <CopyButton value={streamId} what="the stream id" />
      </p>
      {description === null ? null : (
        <p>
          <PlainText clip={false}>{description}</PlainText>
        </p>
      )}
      <p className={classes.quiet}>
        {partitions === null
          ? 'The registry has no such stream, as far as it is known here. What was stored of it stays.'
          : null}
        {owner === null ? null : owner.isEns ? (
          <>
            Named by ENS: <bdi>{visibleText(owner.name)}</bdi>
          </>
        ) : (
          <>
            Under the address <ShortId id={owner.name} what="address" head={10} tail={8} />
            {owner.name.toLowerCase() === stream.nodeAddress ? ' of this node' : ''}
          </>
        )}
      </p>
    </div>
  )
}

function partitionsNote({ partitions, kept }: RegistryStreamView): string {
  const count = partitions === null ? 'unknown' : formatCount(partitions)
  return `${count}, of which this node keeps ${formatCount(kept.length)}`
}

/** More partitions than this are chosen by number in the subscribe dialog. */
const MAX_BUTTONS = 16

function Partitions({ stream }: { stream: RegistryStreamView }) {
  const trpc = useTRPC()
  const subscribe = useMutation(trpc.streams.subscribe.mutationOptions())
  const kept = new Map(stream.kept.map((entry) => [entry.partition, entry]))
  const shown = Math.min(stream.partitions ?? 0, MAX_BUTTONS)
  const numbers = new Set([...Array.from({ length: shown }, (_, index) => index), ...kept.keys()])
  return (
    <>
      <ul className={classes.rows}>
        {[...numbers]
          .sort((a, b) => a - b)
          .map((partition) => {
            const entry = kept.get(partition)
            return (
              <li key={partition}>
                <span>Partition {partition}</span>
                {entry?.subscribed ? (
                  <Badge variant="default" size="xs">
                    subscribed
                  </Badge>
                ) : null}
                {entry?.assigned ? (
                  <Badge variant="default" size="xs">
                    assigned to this node
                  </Badge>
                ) : null}
                <span className={classes.quiet}>
                  {entry === undefined
                    ? 'not kept here'
                    : `${formatCount(entry.messages)} messages of ${formatCount(entry.publishers)} ${entry.publishers === 1 ? 'publisher' : 'publishers'}`}
                </span>
                {entry?.subscribed ? null : (
                  <Button
                    variant="subtle"
                    size="compact-xs"
                    loading={subscribe.isPending && subscribe.variables.partition === partition}
                    onClick={() => subscribe.mutate({ streamId: stream.streamId, partition })}
                  >
                    Subscribe
                  </Button>
                )}
              </li>
            )
          })}
      </ul>
      {subscribe.error === null ? null : (
        <p role="alert" className={classes.refused}>
          <bdi>{errorViewOf(subscribe.error).message}</bdi> <bdi>{errorViewOf(subscribe.error).remedy}</bdi>
        </p>
      )}
      {(stream.partitions ?? 0) > MAX_BUTTONS ? (
        <p className={classes.quiet}>Others are subscribed by their number in “Subscribe to a stream”.</p>
      ) : null}
    </>
  )
}
