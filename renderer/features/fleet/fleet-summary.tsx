import { FLEET_STATES, type FleetView } from '../../../shared/fleet-standing.ts'
import { formatCount } from '../../../shared/format/quantity.ts'
import { formatValue } from '../../ui/chart/unit-format.ts'
import { type Column, DataTable } from '../../ui/data-table.tsx'
import { noteOfField } from '../../ui/field-notes.ts'
import { PlainText } from '../../ui/plain-text.tsx'
import { STATE_WORDS, StateIcon } from './fleet-state.tsx'
import classes from './fleet-summary.module.css'

/** The fleet as one: how many are in which state, where its chain stands, and what hardware it takes. */
export function FleetSummary({ fleet, schema }: { fleet: FleetView; schema: unknown }) {
  const states = FLEET_STATES.filter((state) => state !== 'stranger' || fleet.states.stranger > 0)
  return (
    <section className={classes.summary} aria-label="The fleet as one">
      <dl
        className={classes.states}
        style={{ gridTemplateColumns: `repeat(${states.length}, minmax(0, 1fr))` }}
      >
        {states.map((state) => (
          <div key={state} data-quiet={fleet.states[state] === 0 || undefined}>
            <dt>
              <StateIcon state={state} /> {STATE_WORDS[state]}
            </dt>
            <dd>{formatCount(fleet.states[state])}</dd>
          </div>
        ))}
        {fleet.fields.height === null ? null : (
          <>
            <Height title="Height, median" value={fleet.height?.median} />
            <Height title="Height, highest" value={fleet.height?.max} />
          </>
        )}
      </dl>
      {fleet.fields.resources.length === 0 ? null : (
        <div className={classes.needs}>
          <h2>What it takes, over all publishers and the window</h2>
          <DataTable
            columns={needColumns(fleet, schema)}
            rows={fleet.fields.resources.map((path, at) => ({ path, total: fleet.totals[at] ?? null }))}
            keyOf={({ path }) => path}
            label="What it takes"
          />
        </div>
      )}
    </section>
  )
}

/** Takes the room of two states, so that the two heights fill a line of their own. */
function Height({ title, value }: { title: string; value: number | undefined }) {
  return (
    <div className={classes.height} data-quiet={value === undefined || undefined}>
      <dt>{title}</dt>
      <dd>{value === undefined ? '–' : formatCount(value)}</dd>
    </div>
  )
}

interface Need {
  path: string
  total: FleetView['totals'][number]
}

function needColumns(fleet: FleetView, schema: unknown): Column<Need>[] {
  const notes = new Map(fleet.fields.resources.map((path) => [path, noteOfField(schema, path)]))
  const figure = (title: string, of: (total: NonNullable<Need['total']>) => number): Column<Need> => ({
    title,
    kind: 'number',
    cell: ({ path, total }) => (total === null ? '–' : formatValue(of(total), notes.get(path)?.unit ?? null)),
  })
  return [
    {
      title: 'Resource',
      kind: 'name',
      cell: ({ path }) => <PlainText>{notes.get(path)?.title ?? path}</PlainText>,
    },
    figure('Median', ({ p50 }) => p50),
    figure('95 %', ({ p95 }) => p95),
    figure('Highest', ({ max }) => max),
  ]
}
