import { fieldValue } from '../../../shared/field-path.ts'
import { shortenMiddle } from '../../../shared/format/identifier.ts'
import { formatCount, formatDuration } from '../../../shared/format/quantity.ts'
import { formatClock, formatDate, zoneLabel } from '../../../shared/format/time.ts'
import type { ChartPoint } from '../../ui/chart/pick.ts'
import { formatExact } from '../../ui/chart/unit-format.ts'
import { type ExternalStore, useExternalStore } from '../../ui/external-store.ts'
import { PlainText } from '../../ui/plain-text.tsx'
import { useTimeZone } from '../../ui/preferences.ts'
import { useSchemaJudge } from '../../ui/use-schema-judge.ts'
import { ClockMark, SchemaMark, VerdictBadge } from '../../ui/verdict.tsx'
import classes from './hover-card.module.css'
import { ORIGIN_WORDS } from './legend.tsx'
import { lineNames, type SchemaOf } from './line-names.ts'
import { useNearest } from './use-nearest.ts'

export interface HoverCardProps {
  unit: string | null
  hovered: ExternalStore<ChartPoint | null>
  schemaOf: SchemaOf
}

/** What the point under the crosshair says, and the real message behind it. */
export function HoverCard({ unit, hovered, schemaOf }: HoverCardProps) {
  const point = useExternalStore(hovered)
  const zone = useTimeZone()
  const nearest = useNearest(point)
  const judge = useSchemaJudge(point === null ? undefined : schemaOf(point.line.part))
  if (point === null) return null
  const { bucket, line } = point
  const isMerged = bucket.count > 1
  // Until the node has answered, the answer for the point before is not shown for this one.
  const isOfPoint =
    nearest !== null &&
    nearest.id.publisher === line.publisher &&
    nearest.id.timestamp >= Math.min(bucket.from, point.at) - line.shiftMs &&
    nearest.id.timestamp <= Math.max(bucket.to, point.at) - line.shiftMs
  const message = isOfPoint ? nearest : null
  const origin = ORIGIN_WORDS[line.origin]
  const real = message === null || origin !== null ? null : fieldValue(message.content, line.field)
  const value = typeof real === 'number' ? real : point.value
  const at = message?.id.timestamp ?? point.at - line.shiftMs
  const names = lineNames([line], schemaOf)
  return (
    <div className={classes.card} role="status">
      <div className={classes.value}>
        <span className={classes.swatch} style={{ background: `var(--tm-series-${line.colour})` }} />
        <span className={classes.name}>
          <PlainText>{names.full(line)}</PlainText>
        </span>
        <strong>{formatExact(value, unit)}</strong>
      </div>
      <div className={classes.time}>
        {formatDate(at, zone)} {formatClock(at, zone, true)} {zoneLabel(zone, at)}
      </div>
      {origin === null ? null : (
        <div className={classes.merged}>
          {origin === 'derived'
            ? 'Derived: worked out from every message here.'
            : 'Estimated: worked out from merged messages.'}
        </div>
      )}
      {isMerged ? (
        <div className={classes.merged}>
          {formatCount(bucket.count)} messages in {formatDuration(Math.max(1, bucket.to - bucket.from))}, from{' '}
          {formatExact(bucket.min, unit)} to {formatExact(bucket.max, unit)}
        </div>
      ) : null}
      <div className={classes.message}>
        {message === null ? (
          <VerdictBadge standing={bucket.worst} />
        ) : (
          <>
            <VerdictBadge standing={message.equivocation ? 'equivocation' : message.verdict} />
            <ClockMark row={message} />
            <SchemaMark problem={judge?.(message)} />
          </>
        )}
        <span className={classes.id}>{shortenMiddle(line.publisher, 6, 4)}</span>
        <span>{message === null ? '\u2007' : `seq ${message.id.sequence}`}</span>
      </div>
    </div>
  )
}
