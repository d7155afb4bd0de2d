import { formatDuration } from '../../../shared/format/quantity.ts'
import { formatClock, formatDate } from '../../../shared/format/time.ts'
import { SEVERITIES } from '../../../shared/rules/rule.ts'
import type { ChartAlert } from '../../ui/chart/frame.ts'
import { type ExternalStore, useExternalStore } from '../../ui/external-store.ts'
import { PlainText } from '../../ui/plain-text.tsx'
import { useTimeZone } from '../../ui/preferences.ts'
import { SEVERITY_WORDS, SeverityIcon } from '../../ui/severity.tsx'
import classes from './alert-card.module.css'
import card from './hover-card.module.css'

/** More are told by their number. */
const MAX_SHOWN_ALERTS = 3

/** The alerts under the crosshair. */
export function AlertCard({ alerts }: { alerts: ExternalStore<readonly ChartAlert[]> }) {
  const meant = useExternalStore(alerts)
  if (meant.length === 0) return null
  return (
    <div className={card.card} role="status">
      {worstFirst(meant, MAX_SHOWN_ALERTS).map((alert) => (
        <AlertWords key={alert.id} alert={alert} />
      ))}
      {meant.length > MAX_SHOWN_ALERTS ? (
        <span className={card.merged}>and {meant.length - MAX_SHOWN_ALERTS} more</span>
      ) : null}
    </div>
  )
}

/** The worst of some alerts, the newest of equals first. */
export function worstFirst(alerts: readonly ChartAlert[], limit: number): ChartAlert[] {
  const rank = ({ severity }: ChartAlert) => SEVERITIES.indexOf(severity)
  return [...alerts].sort((a, b) => rank(b) - rank(a) || b.from - a.from).slice(0, limit)
}

/** The rule of an alert, how bad it is, whether it fires, and from when to when. */
export function AlertWords({ alert: { rule, severity, from, to, isFiring } }: { alert: ChartAlert }) {
  const zone = useTimeZone()
  const day = formatDate(from, zone)
  const isToday = day === formatDate(Date.now(), zone)
  return (
    <span className={classes.alert} data-over={!isFiring || undefined}>
      <span className={classes.rule}>
        <SeverityIcon severity={severity} size={13} />
        <PlainText>{rule}</PlainText>
      </span>
      <span className={classes.time}>
        {SEVERITY_WORDS[severity]}, {isFiring ? 'firing since ' : 'resolved, '}
        {isToday ? null : `${day} `}
        {formatClock(from, zone)}
        {isFiring ? null : (
          <>
            {' '}
            to {formatClock(to, zone)},{' '}
            <span className={classes.whole}>{formatDuration(Math.max(0, to - from))}</span>
          </>
        )}
      </span>
    </span>
  )
}
