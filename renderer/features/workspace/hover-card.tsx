import { fieldValue } from '../../../shared/field-path.ts'
import { shortenMiddle } from '../../../shared/format/identifier.ts'
import { formatCount, formatDuration } from '../../../shared/format/quantity.ts'
import { formatClock, formatDate, zoneLabel } from '../../../shared/format/time.ts'
import type { ChartPoint } from '../../ui/chart/pick.ts'
import { formatValue } from '../../ui/chart/unit-format.ts'
import { type ExternalStore, useExternalStore } from '../../ui/external-store.ts'
import { PlainText } from '../../ui/plain-text.tsx'
import { useTimeZone } from '../../ui/preferences.ts'
import { VerdictBadge } from '../../ui/verdict.tsx'
import classes from './hover-card.module.css'
import type { LineNames } from './line-names.ts'
import { useNearest } from './use-nearest.ts'

export interface HoverCardProps {
  part: string
  unit: string | null
  hovered: ExternalStore<ChartPoint | null>
  names: LineNames
}

/** What the point under the crosshair says, and the real message behind it. */
export function HoverCard({ part, unit, hovered, names }: HoverCardProps) {
  const point = useExternalStore(hovered)
  const zone = useTimeZone()
  const nearest = useNearest(part, point)
  if (point === null) return null
  const { bucket, line } = point
  const isMerged = bucket.count > 1
  // Until the node has answered, the answer for the point before is not shown for this one.
  const isOfPoint =
    nearest !== null &&
    nearest.id.publisher === line.publisher &&
    nearest.id.timestamp >= Math.min(bucket.from, point.at) &&
    nearest.id.timestamp <= Math.max(bucket.to, point.at)
  const message = isOfPoint ? nearest : null
  const real = message === null ? null : fieldValue(message.content, line.field)
  const value = typeof real === 'number' ? real : point.value
  const at = message?.id.timestamp ?? point.at
  return (
    <div className={classes.card} role="status">
      <div className={classes.value}>
        <span className={classes.swatch} style={{ background: `var(--tm-series-${line.colour})` }} />
        <span className={classes.name}>
          <PlainText>{names.full(line)}</PlainText>
        </span>
        <strong>{formatValue(value, unit)}</strong>
      </div>
      <div className={classes.time}>
        {formatDate(at, zone)} {formatClock(at, zone, true)} {zoneLabel(zone, at)}
      </div>
      {isMerged ? (
        <div className={classes.merged}>
          {formatCount(bucket.count)} messages in {formatDuration(Math.max(1, bucket.to - bucket.from))}, from{' '}
          {formatValue(bucket.min, unit)} to {formatValue(bucket.max, unit)}
        </div>
      ) : null}
      <div className={classes.message}>
        {message === null ? (
          <VerdictBadge standing={bucket.worst} />
        ) : (
          <VerdictBadge standing={message.equivocation ? 'equivocation' : message.verdict} />
        )}
        <span className={classes.id}>{shortenMiddle(line.publisher, 6, 4)}</span>
        <span>{message === null ? '\u2007' : `seq ${message.id.sequence}`}</span>
      </div>
    </div>
  )
}
