import { IconAlertOctagon, IconAlertTriangle, IconInfoCircle } from '@tabler/icons-react'
import type { Severity } from '../../shared/rules/rule.ts'

export const SEVERITY_WORDS: Record<Severity, string> = {
  critical: 'Critical',
  warning: 'Warning',
  info: 'Info',
}

const ICONS = { critical: IconAlertOctagon, warning: IconAlertTriangle, info: IconInfoCircle }

/** The sign of a severity, beside its word or a name. */
export function SeverityIcon({ severity, size = 12 }: { severity: Severity; size?: number }) {
  const Icon = ICONS[severity]
  return <Icon size={size} aria-hidden />
}
