import { notifications } from '@mantine/notifications'
import { useQuery } from '@tanstack/react-query'
import { memo, useEffect, useMemo, useRef, useState } from 'react'
import type { FieldSummary } from '../../../shared/chart.ts'
import type { MessageRow } from '../../../shared/message.ts'
import { createTimelineSource } from '../../api/chart-data.ts'
import { errorViewOf, isAbort } from '../../api/error-view.ts'
import { findStep } from '../../api/find-message.ts'
import { messageKeyOf } from '../../api/message-key.ts'
import { useApi, useTRPC } from '../../api/provider.tsx'
import { createCursorStore } from '../../ui/chart/cursor.ts'
import type { ChartPoint } from '../../ui/chart/pick.ts'
import { createExternalStore } from '../../ui/external-store.ts'
import { useShortcuts } from '../../ui/shortcuts.ts'
import { EmptyState, ErrorState, LoadingState } from '../../ui/state-views.tsx'
import { useView } from '../../ui/use-view.ts'
import { defaultPanels, panelsOf } from './default-panels.ts'
import { FieldChoice } from './field-choice.tsx'
import { Panel } from './panel.tsx'
import classes from './stream-workspace.module.css'
import { TransportBar } from './transport-bar.tsx'
import { useTransport } from './use-transport.ts'
import { workspaceShortcuts } from './workspace-shortcuts.ts'

const NO_PUBLISHERS: readonly string[] = []

type FieldSet = Pick<FieldSummary, 'path' | 'kind' | 'indexed'>[]

function withoutValues(fields: readonly FieldSummary[]): FieldSet {
  return fields.map(({ path, kind, indexed }) => ({ path, kind, indexed }))
}

export interface StreamWorkspaceProps {
  part: string
  /** First stored message, ms since the epoch. */
  first: number | null
}

/** Panels of one stream part over one time axis. */
export const StreamWorkspace = memo(function StreamWorkspace({ part, first }: StreamWorkspaceProps) {
  const trpc = useTRPC()
  const api = useApi()
  const { view, update } = useView()
  const handle = useTransport()
  const { transport } = handle
  const [cursor] = useState(createCursorStore)
  const [marked] = useState(() => createExternalStore<number | null>(null))
  const openAt = view.message?.part === part ? view.message.timestamp : null
  useEffect(() => marked.set(openAt), [marked, openAt])
  const [isPicking, setIsPicking] = useState(false)
  const fields = useQuery(trpc.chart.fields.queryOptions({ part }, { select: withoutValues }))
  const details = useQuery(trpc.streams.details.queryOptions({ part }))
  const schema = details.data?.metadata.schema

  const timeline = useMemo(
    () =>
      createTimelineSource(
        { client: api.client, feed: api.feed, onRegained: api.connection.onRegained },
        part,
      ),
    [api, part],
  )
  useEffect(() => () => timeline.dispose(), [timeline])

  // Values change with every message, the set of fields hardly ever: panels follow the set alone, and look at the
  // values once, for their size.
  const chosen = view.fields === null ? null : JSON.stringify(view.fields)
  const panels = useMemo(() => {
    if (fields.data === undefined) return []
    const list = api.queryClient.getQueryData(trpc.chart.fields.queryKey({ part })) ?? []
    return chosen === null
      ? defaultPanels(list, schema)
      : panelsOf(JSON.parse(chosen) as string[], list, schema)
  }, [fields.data, chosen, schema, api, trpc, part])

  const pending = useRef<AbortController | null>(null)
  useEffect(() => () => pending.current?.abort(), [])

  /** Asks the node for one message; a later question takes the place of one under way. */
  async function ask(
    question: (signal: AbortSignal) => Promise<MessageRow | null>,
  ): Promise<MessageRow | null> {
    pending.current?.abort()
    const controller = new AbortController()
    pending.current = controller
    try {
      const row = await question(controller.signal)
      return controller.signal.aborted ? null : row
    } catch (error) {
      if (!isAbort(error) && !controller.signal.aborted) {
        const { message, remedy } = errorViewOf(error)
        notifications.show({
          color: 'danger',
          title: 'The message could not be found',
          message: `${message} ${remedy}`,
        })
      }
      return null
    }
  }

  async function pick(point: ChartPoint): Promise<void> {
    const at = Math.round(point.at)
    const { publisher } = point.line
    const row = await ask((signal) => api.client.chart.nearest.query({ part, at, publisher }, { signal }))
    if (row !== null) update({ message: messageKeyOf(row) })
  }

  async function step(direction: 'forward' | 'back'): Promise<void> {
    const { playhead, to } = transport.now()
    const row = await ask((signal) =>
      findStep(api.client, part, Math.round(playhead ?? to), direction, signal),
    )
    if (row === null) return
    transport.pause()
    transport.seek(row.id.timestamp)
  }

  useShortcuts(workspaceShortcuts({ transport, first, step, pickFields: () => setIsPicking(true) }))

  if (fields.error && fields.data === undefined) {
    return (
      <ErrorState
        title="The fields of this stream could not be read"
        error={errorViewOf(fields.error)}
        onRetry={() => void fields.refetch()}
      />
    )
  }
  if (fields.data === undefined || details.isPending) return <LoadingState what="the fields of this stream" />
  const numericCount = fields.data.filter((field) => field.kind === 'number' && field.indexed).length
  const columns = panels.length <= 1 ? 1 : panels.length > 6 ? 3 : 2
  return (
    <div className={classes.workspace}>
      <div className={classes.toolbar}>
        <FieldChoice
          part={part}
          schema={schema}
          opened={isPicking}
          onOpen={setIsPicking}
          shown={view.fields ?? panels.flatMap((panel) => panel.fields)}
          isDefault={view.fields === null}
          onChoose={(next) => update({ fields: next })}
        />
        <span className={classes.hint}>
          {panels.reduce((sum, panel) => sum + panel.fields.length, 0)} of {numericCount} numeric fields shown
        </span>
      </div>
      {panels.length === 0 ? (
        <EmptyState title="No numbers to draw yet">
          Numeric fields appear here by themselves as soon as a message brings some. What does come in is
          listed under Messages.
        </EmptyState>
      ) : (
        <div className={classes.grid} data-columns={columns}>
          {panels.map((spec) => (
            <Panel
              key={spec.id}
              part={part}
              spec={spec}
              publishers={details.data?.publishers ?? NO_PUBLISHERS}
              schema={schema}
              handle={handle}
              timeline={timeline}
              cursor={cursor}
              marked={marked}
              onPick={(point) => void pick(point)}
            />
          ))}
        </div>
      )}
      <TransportBar part={part} first={first} handle={handle} onStep={(direction) => void step(direction)} />
    </div>
  )
})
