import { Button } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import type { SilenceView } from '../../../shared/rules/alert.ts'
import { useTRPC } from '../../api/provider.tsx'
import { type Column, DataTable } from '../../ui/data-table.tsx'
import { PlainText } from '../../ui/plain-text.tsx'
import { ShortId } from '../../ui/short-id.tsx'
import { Time } from '../../ui/time.tsx'
import classes from './alerts.module.css'

/** Silences in force; nothing when there are none. */
export function SilenceList() {
  const trpc = useTRPC()
  const silences = useQuery(trpc.alerts.silences.queryOptions())
  const rules = useQuery(trpc.alerts.rules.queryOptions())
  const end = useMutation(trpc.alerts.endSilence.mutationOptions())
  if (silences.data === undefined || silences.data.length === 0) return null
  const nameOf = (id: string | null) =>
    id === null ? 'All rules' : (rules.data?.find((rule) => rule.id === id)?.name ?? id)
  const columns: Column<SilenceView>[] = [
    { title: 'Rule', kind: 'name', cell: ({ ruleId }) => <PlainText>{nameOf(ruleId)}</PlainText> },
    {
      title: 'Publisher',
      cell: ({ publisher }) => (publisher === null ? 'All' : <ShortId id={publisher} what="publisher" />),
    },
    { title: 'Why', width: '34%', cell: ({ reason }) => <PlainText>{reason}</PlainText> },
    { title: 'Up to', width: 246, cell: ({ endsAt }) => <Time at={endsAt} /> },
    {
      title: 'Actions',
      kind: 'actions',
      width: 120,
      cell: ({ id }) => (
        <div className={classes.buttons}>
          <Button variant="default" size="compact-xs" onClick={() => end.mutate({ id })}>
            End now
          </Button>
        </div>
      ),
    },
  ]
  return (
    <section className={classes.group} aria-labelledby="alerts-silences">
      <h2 id="alerts-silences">Silences</h2>
      <DataTable
        columns={columns}
        rows={silences.data}
        keyOf={({ id }) => String(id)}
        hasFrame
        minWidthPx={860}
      />
    </section>
  )
}
