import { Button } from '@mantine/core'
import { IconColumns3 } from '@tabler/icons-react'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { MAX_FLEET_FIELDS, MAX_FLEET_SPAN_MS } from '../../../shared/fleet.ts'
import { formatCount } from '../../../shared/format/quantity.ts'
import type { TimeRange } from '../../../shared/view-link.ts'
import { errorViewOf } from '../../api/error-view.ts'
import { useTRPC } from '../../api/provider.tsx'
import { FieldPicker } from '../../ui/field-picker.tsx'
import { Page } from '../../ui/page.tsx'
import { EmptyState, ErrorState, LoadingState } from '../../ui/state-views.tsx'
import { useView } from '../../ui/use-view.ts'
import classes from './fleet.module.css'
import { FleetSummary } from './fleet-summary.tsx'
import { FleetTable } from './fleet-table.tsx'

/** Silence shows within seconds; more often would only move numbers about. */
const REFRESH_MS = 2_000
const SHORTEST_SPAN_MS = 1_000

/** Live: up to now, asked again and again. Fixed: as it was at the end of the window. */
function windowOf(range: TimeRange): { spanMs: number; to?: number } {
  const spanMs = range.kind === 'live' ? range.spanMs : range.to - range.from
  const bounded = Math.round(Math.min(MAX_FLEET_SPAN_MS, Math.max(SHORTEST_SPAN_MS, spanMs)))
  return range.kind === 'live' ? { spanMs: bounded } : { spanMs: bounded, to: range.to }
}

/** All publishers of a stream side by side: who fell silent, who is unwell, who lags, and what they all need. */
export function Fleet({ part }: { part: string }) {
  const trpc = useTRPC()
  const { view, update } = useView()
  const [isPicking, setIsPicking] = useState(false)
  const chosen = view.fields?.slice(0, MAX_FLEET_FIELDS)
  const fleet = useQuery(
    trpc.fleet.view.queryOptions(
      { part, ...windowOf(view.range), ...(chosen === undefined ? {} : { fields: chosen }) },
      { refetchInterval: view.range.kind === 'live' ? REFRESH_MS : false, placeholderData: keepPreviousData },
    ),
  )
  const fields = useQuery(trpc.chart.fields.queryOptions({ part }))
  const details = useQuery(trpc.streams.details.queryOptions({ part }, { staleTime: 60_000 }))
  const schema = details.data?.metadata?.schema
  if (fleet.data === undefined) {
    return fleet.error === null ? (
      <LoadingState what="the fleet" />
    ) : (
      <ErrorState
        title="The fleet could not be read"
        error={errorViewOf(fleet.error)}
        onRetry={() => void fleet.refetch()}
      />
    )
  }
  if (fleet.data.members.length === 0) {
    return (
      <EmptyState title="Nobody has published here yet">
        Each publisher of this stream stands here with its health, version, height and resources as soon as
        one of its messages is kept. An agent on a server is a publisher: the README says how to start one.
      </EmptyState>
    )
  }
  const hidden = fleet.data.publishers - fleet.data.members.length
  return (
    <Page>
      <FleetSummary fleet={fleet.data} schema={schema} />
      <div className={classes.heading}>
        <h2>Publishers</h2>
        {fleet.data.fields.resources.length === 0 ? null : (
          <span className={classes.note}>Of each resource the median, below it 95 % · highest</span>
        )}
        <FieldPicker
          opened={isPicking}
          onOpen={setIsPicking}
          fields={(fields.data ?? []).filter(({ kind, indexed }) => kind === 'number' && indexed)}
          schema={schema}
          chosen={fleet.data.fields.resources}
          onChoose={(next) => update({ fields: next.slice(0, MAX_FLEET_FIELDS) })}
          onReset={view.fields === null ? null : () => update({ fields: null })}
          resetLabel="Usual resources"
          target={
            <Button
              size="xs"
              variant="default"
              leftSection={<IconColumns3 size={14} />}
              onClick={() => setIsPicking(!isPicking)}
            >
              Resources
            </Button>
          }
        />
      </div>
      <FleetTable fleet={fleet.data} schema={schema} range={view.range} />
      {hidden > 0 ? (
        <p className={classes.note}>
          {formatCount(hidden)} further publishers are not listed: those seen first come first.
        </p>
      ) : null}
    </Page>
  )
}
