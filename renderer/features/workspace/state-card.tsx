import { formatDuration } from '../../../shared/format/quantity.ts'
import { formatClock, formatDate, zoneLabel } from '../../../shared/format/time.ts'
import type { ChartFrame } from '../../ui/chart/frame.ts'
import { stateColours } from '../../ui/chart/state-colours.ts'
import { type ExternalStore, useExternalStore } from '../../ui/external-store.ts'
import { PlainText } from '../../ui/plain-text.tsx'
import { useTimeZone } from '../../ui/preferences.ts'
import classes from './hover-card.module.css'
import { lineNames, type SchemaOf } from './line-names.ts'

export interface StateCardProps {
  shown: ExternalStore<{ frame: ChartFrame; at: number; y: number } | null>
  schemaOf: SchemaOf
}

/** Which state each row was in at the crosshair, and since when. */
export function StateCard({ shown, schemaOf }: StateCardProps) {
  const point = useExternalStore(shown)
  const zone = useTimeZone()
  if (point === null) return null
  const { frame, at } = point
  const colourOf = stateColours(frame.states)
  const names = lineNames(frame.states, schemaOf)
  return (
    <div className={classes.card} role="status">
      <div className={classes.time}>
        {formatDate(at, zone)} {formatClock(at, zone, true)} {zoneLabel(zone, at)}
      </div>
      {frame.states.slice(0, 8).map((row) => {
        const isKnown = row.known.some(({ from, to }) => from <= at && at <= to)
        const change = isKnown ? row.changes.findLast((step) => step.at <= at) : undefined
        return (
          <div key={row.key} className={classes.value}>
            <span
              className={classes.swatch}
              style={change && { background: `var(--tm-series-${colourOf(change.state)})` }}
            />
            <span className={classes.name}>
              <PlainText>{names.short(row)}</PlainText>
            </span>
            <strong>{change === undefined ? 'not known' : <PlainText>{change.state}</PlainText>}</strong>
            {change === undefined ? null : (
              <span className={classes.time}>{formatDuration(at - change.at)}</span>
            )}
          </div>
        )
      })}
    </div>
  )
}
