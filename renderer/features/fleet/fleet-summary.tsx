import { FLEET_STATES, type FleetView } from '../../../shared/fleet-standing.ts'
import { formatCount } from '../../../shared/format/quantity.ts'
import { formatValue } from '../../ui/chart/unit-format.ts'
import { noteOfField } from '../../ui/field-notes.ts'
import { PlainText } from '../../ui/plain-text.tsx'
import { STATE_WORDS, StateIcon } from './fleet-state.tsx'
import classes from './fleet-summary.module.css'

/** The fleet as one: how many are in which state, where its chain stands, and what hardware it takes. */
export function FleetSummary({ fleet, schema }: { fleet: FleetView; schema: unknown }) {
  const states = FLEET_STATES.filter((state) => state !== 'stranger' || fleet.states.stranger > 0)
  return (
    <section className={classes.summary} aria-label="The fleet as one">
      <dl className={classes.states}>
        {states.map((state) => (
          <div key={state} data-quiet={fleet.states[state] === 0 || undefined}>
            <dt>
              <StateIcon state={state} /> {STATE_WORDS[state]}
            </dt>
            <dd>{formatCount(fleet.states[state])}</dd>
          </div>
        ))}
        <div data-quiet={fleet.height === null || undefined}>
          <dt>Height, median</dt>
          <dd>{fleet.height === null ? '–' : formatCount(fleet.height.median)}</dd>
        </div>
        <div data-quiet={fleet.height === null || undefined}>
          <dt>Height, highest</dt>
          <dd>{fleet.height === null ? '–' : formatCount(fleet.height.max)}</dd>
        </div>
      </dl>
      {fleet.fields.resources.length === 0 ? null : (
        <table className={classes.needs}>
          <caption>What it takes, over all publishers and the window</caption>
          <thead>
            <tr>
              <th scope="col">Resource</th>
              <th scope="col">Median</th>
              <th scope="col">95 %</th>
              <th scope="col">Highest</th>
            </tr>
          </thead>
          <tbody>
            {fleet.fields.resources.map((path, at) => {
              const { title, unit } = noteOfField(schema, path)
              const total = fleet.totals[at] ?? null
              return (
                <tr key={path}>
                  <th scope="row">
                    <PlainText>{title ?? path}</PlainText>
                  </th>
                  <td>{total === null ? '–' : formatValue(total.p50, unit)}</td>
                  <td>{total === null ? '–' : formatValue(total.p95, unit)}</td>
                  <td>{total === null ? '–' : formatValue(total.max, unit)}</td>
                </tr>
              )
            })}
          </tbody>
        </table>
      )}
    </section>
  )
}
