import { Button } from '@mantine/core'
import { skipToken, useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { AlertView } from '../../../shared/rules/alert.ts'
import { errorViewOf } from '../../api/error-view.ts'
import { useApi, useTRPC } from '../../api/provider.tsx'
import { DataTable } from '../../ui/data-table.tsx'
import { EmptyState, ErrorState, LoadingState } from '../../ui/state-views.tsx'
import { useView } from '../../ui/use-view.ts'
import { alertColumns, isQuietAlert } from './alert-columns.tsx'
import classes from './alerts.module.css'
import { SilenceDialog } from './silence-dialog.tsx'
import { SilenceList } from './silence-list.tsx'

/** As many open alerts as are listed at once; the summary counts all. */
const MAX_OPEN = 200
const HISTORY_PAGE = 50
const TABLE_WIDTH_PX = 780

/** What fires, then what is pending, then what was. */
export function AlertList({ onRules }: { onRules: () => void }) {
  const trpc = useTRPC()
  const { client } = useApi()
  const [silenced, setSilenced] = useState<AlertView | null>(null)
  const open = useQuery(trpc.alerts.list.queryOptions({ state: 'open', limit: MAX_OPEN }))
  const rules = useQuery(trpc.alerts.rules.queryOptions())
  const past = useInfiniteQuery({
    queryKey: [...trpc.alerts.list.pathKey(), 'history'],
    queryFn: ({ pageParam, signal }) =>
      client.alerts.list.query(
        { state: 'resolved', limit: HISTORY_PAGE, ...(pageParam && { after: pageParam }) },
        { signal },
      ),
    initialPageParam: null as { since: number; id: string } | null,
    getNextPageParam(page) {
      const last = page.at(-1)
      return page.length < HISTORY_PAGE || last === undefined ? null : { since: last.since, id: last.id }
    },
  })
  if (open.error) {
    return <ErrorState title="Alerts" error={errorViewOf(open.error)} onRetry={() => void open.refetch()} />
  }
  if (open.data === undefined || rules.data === undefined) return <LoadingState what="alerts" />
  const history = past.data?.pages.flat() ?? []
  if (rules.data.length === 0 && open.data.length + history.length === 0) {
    return (
      <EmptyState title="Nothing is watched yet" action={<Button onClick={onRules}>Make a rule</Button>}>
        Here you see what your rules find in the data as it arrives: nodes that fall silent, values out of
        bounds, gaps, forged messages.
      </EmptyState>
    )
  }
  return (
    <>
      <ChosenAlert onSilence={setSilenced} />
      <section className={classes.group} aria-labelledby="alerts-open">
        <h2 id="alerts-open">Now</h2>
        {open.data.length === 0 ? (
          <p className={classes.sub}>No alert is firing or pending.</p>
        ) : (
          <Table alerts={open.data} onSilence={setSilenced} />
        )}
      </section>
      <SilenceList />
      <section className={classes.group} aria-labelledby="alerts-past">
        <h2 id="alerts-past">History</h2>
        {history.length === 0 ? (
          <p className={classes.sub}>No alert has been resolved so far.</p>
        ) : (
          <Table alerts={history} onSilence={null} />
        )}
        {past.hasNextPage ? (
          <Button
            variant="default"
            mt="sm"
            loading={past.isFetchingNextPage}
            onClick={() => void past.fetchNextPage()}
          >
            Show earlier ones
          </Button>
        ) : null}
      </section>
      {silenced === null ? null : <SilenceDialog alert={silenced} onClose={() => setSilenced(null)} />}
    </>
  )
}

/** The alert that a mark on a chart led to, wherever it stands in the lists. */
function ChosenAlert({ onSilence }: { onSilence: (alert: AlertView) => void }) {
  const trpc = useTRPC()
  const { view, update } = useView()
  const { data, error } = useQuery(
    trpc.alerts.one.queryOptions(view.alert === null ? skipToken : { id: view.alert }),
  )
  if (view.alert === null || (data === undefined && error === null)) return null
  return (
    <section className={classes.group} aria-labelledby="alerts-chosen">
      <div className={classes.chosen}>
        <h2 id="alerts-chosen">From the chart</h2>
        <Button
          variant="subtle"
          color="gray"
          size="compact-xs"
          onClick={() => update({ alert: null })}
          aria-label="Close the alert from the chart"
        >
          Close
        </Button>
      </div>
      {error !== null ? (
        <p className={classes.notice} role="alert">
          <bdi>{errorViewOf(error).message}</bdi> <bdi>{errorViewOf(error).remedy}</bdi>
        </p>
      ) : data == null ? (
        <p className={classes.sub}>This alert is no longer kept.</p>
      ) : (
        <Table
          alerts={[data]}
          label="The alert from the chart"
          onSilence={data.state === 'resolved' ? null : onSilence}
        />
      )}
    </section>
  )
}

function Table({
  alerts,
  label,
  onSilence,
}: {
  alerts: readonly AlertView[]
  label?: string
  onSilence: ((alert: AlertView) => void) | null
}) {
  return (
    <DataTable
      columns={alertColumns(onSilence)}
      rows={alerts}
      keyOf={({ id }) => id}
      label={label ?? (onSilence === null ? 'Alerts of the past' : 'Open alerts')}
      isDim={isQuietAlert}
      hasFrame
      minWidthPx={TABLE_WIDTH_PX}
      align="top"
    />
  )
}
