import { IconAlertOctagon, IconAlertTriangle, IconInfoCircle } from '@tabler/icons-react'
import type { AlertState } from '../../../shared/rules/alert.ts'
import type { Severity } from '../../../shared/rules/rule.ts'
import classes from './alerts.module.css'

export const SEVERITY_WORDS: Record<Severity, string> = {
  critical: 'Critical',
  warning: 'Warning',
  info: 'Info',
}

const ICONS = { critical: IconAlertOctagon, warning: IconAlertTriangle, info: IconInfoCircle }

/** How bad it is; hollow for what is pending or over. */
export function SeverityBadge({ severity, state }: { severity: Severity; state?: AlertState }) {
  const Icon = ICONS[severity]
  const isHollow = state === 'pending' || state === 'resolved'
  return (
    <span className={classes.severity} data-severity={severity} data-hollow={isHollow || undefined}>
      <Icon size={12} aria-hidden />
      {SEVERITY_WORDS[severity]}
    </span>
  )
}
