import { useQuery } from '@tanstack/react-query'
import type { DeliveryView } from '../../../shared/rules/channel.ts'
import { useTRPC } from '../../api/provider.tsx'
import { type Column, DataTable } from '../../ui/data-table.tsx'
import { PlainText } from '../../ui/plain-text.tsx'
import { Time } from '../../ui/time.tsx'
import classes from './alerts.module.css'

const STATE_WORDS: Record<DeliveryView['state'], string> = {
  waiting: 'Waiting',
  delivered: 'Delivered',
  'given-up': 'Given up',
}

const COLUMNS: readonly Column<DeliveryView>[] = [
  { title: 'When', width: 246, cell: ({ createdAt }) => <Time at={createdAt} /> },
  { title: 'Channel', cell: ({ channel }) => <PlainText>{channel}</PlainText> },
  { title: 'Notice', kind: 'name', width: '34%', cell: ({ title }) => <PlainText>{title}</PlainText> },
  {
    title: 'State',
    cell: ({ state, attempts, problem }) => (
      <>
        {STATE_WORDS[state]}
        {attempts > 1 ? `, ${attempts} tries` : ''}
        {problem === null ? null : (
          <p className={classes.error}>
            <PlainText clip={false}>{problem}</PlainText>
          </p>
        )}
      </>
    ),
  },
]

/** What channels were told last, and what is still to be told. */
export function DeliveryList() {
  const trpc = useTRPC()
  const { data: deliveries } = useQuery(trpc.alerts.deliveries.queryOptions())
  if (deliveries === undefined || deliveries.length === 0) return null
  return (
    <section className={classes.group} aria-labelledby="alerts-deliveries">
      <h2 id="alerts-deliveries" className={classes.spaced}>
        Deliveries
      </h2>
      <DataTable
        columns={COLUMNS}
        rows={deliveries}
        keyOf={({ id }) => String(id)}
        isDim={({ state }) => state === 'delivered'}
        hasFrame
        minWidthPx={860}
        align="top"
      />
    </section>
  )
}
