import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { memo, useMemo } from 'react'
import type { FieldSummary } from '../../../shared/chart.ts'
import type { Layout } from '../../../shared/layout.ts'
import { errorViewOf } from '../../api/error-view.ts'
import { useApi, useTRPC } from '../../api/provider.tsx'
import { ErrorState, LoadingState } from '../../ui/state-views.tsx'
import { useView } from '../../ui/use-view.ts'
import { automaticLayout } from './automatic-layout.ts'
import { useLayout } from './use-layout.ts'
import { WorkspaceView } from './workspace-view.tsx'

type FieldSet = Pick<FieldSummary, 'path' | 'kind' | 'indexed'>[]

function withoutValues(fields: readonly FieldSummary[]): FieldSet {
  return fields.map(({ path, kind, indexed }) => ({ path, kind, indexed }))
}

const NOTHING: Layout = { version: 1, name: 'Automatic', panels: [] }

export interface StreamWorkspaceProps {
  part: string
  /** First stored message, ms since the epoch. */
  first: number | null
}

/** The workspace of one stream part: its own layout, or the one that was chosen. */
export const StreamWorkspace = memo(function StreamWorkspace({ part, first }: StreamWorkspaceProps) {
  const trpc = useTRPC()
  const api = useApi()
  const { view, update } = useView()
  const fields = useQuery(trpc.chart.fields.queryOptions({ part }, { select: withoutValues }))
  const details = useQuery(trpc.streams.details.queryOptions({ part }))
  const schema = details.data?.metadata.schema

  // Values change with every message, the set of fields hardly ever: panels follow the set alone, and look at the
  // values once, for their size.
  const chosen = view.fields === null ? null : JSON.stringify(view.fields)
  const automatic = useMemo(() => {
    if (fields.data === undefined) return NOTHING
    const list = api.queryClient.getQueryData(trpc.chart.fields.queryKey({ part })) ?? []
    return automaticLayout({
      part,
      fields: list,
      schema,
      chosen: chosen === null ? null : (JSON.parse(chosen) as string[]),
    })
  }, [fields.data, chosen, schema, api, trpc, part])
  const layout = useLayout(part, view, automatic)

  if (fields.error && fields.data === undefined) {
    return (
      <ErrorState
        title="The fields of this stream could not be read"
        error={errorViewOf(fields.error)}
        onRetry={() => void fields.refetch()}
      />
    )
  }
  if (layout.kind === 'failed') {
    return (
      <ErrorState
        title="The layout could not be opened"
        error={layout.error}
        action={
          <Button variant="default" onClick={() => update({ layout: null, shared: null })}>
            Show the automatic layout
          </Button>
        }
      />
    )
  }
  if (fields.data === undefined || details.isPending || layout.kind === 'loading') {
    return <LoadingState what="the fields of this stream" />
  }
  return <WorkspaceView part={part} first={first} layout={layout.handle} />
})
