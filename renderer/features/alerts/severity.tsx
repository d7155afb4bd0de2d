import type { AlertState } from '../../../shared/rules/alert.ts'
import type { Severity } from '../../../shared/rules/rule.ts'
import { SEVERITY_WORDS, SeverityIcon } from '../../ui/severity.tsx'
import classes from './alerts.module.css'

/** How bad it is; hollow for what is pending or over. */
export function SeverityBadge({ severity, state }: { severity: Severity; state?: AlertState }) {
  const isHollow = state === 'pending' || state === 'resolved'
  return (
    <span className={classes.severity} data-severity={severity} data-hollow={isHollow || undefined}>
      <SeverityIcon severity={severity} />
      {SEVERITY_WORDS[severity]}
    </span>
  )
}
