import { type AuditView, FINDING_KINDS, FINDING_TITLES } from '../../../shared/audit.ts'
import type { ErrorView } from '../../../shared/errors.ts'
import { formatCount } from '../../../shared/format/quantity.ts'
import { ErrorState } from '../../ui/state-views.tsx'
import classes from './audit.module.css'
import { FindingIcon } from './finding-icon.tsx'
import { percent } from './words.ts'

/** How far an audit has come, and what it has found so far. */
export function AuditProgress({ audit }: { audit: AuditView }) {
  if (audit.status === 'failed' && audit.problem !== null) {
    return <ErrorState title="The audit stopped" error={audit.problem as ErrorView} />
  }
  const found = FINDING_KINDS.filter((kind) => (audit.findings[kind] ?? 0) > 0)
  const done = percent(audit.checked, audit.expected)
  return (
    <div className={classes.progress}>
      <div
        className={classes.bar}
        role="progressbar"
        aria-label="Messages checked"
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={done}
        data-paused={audit.status === 'paused' || undefined}
      >
        <span style={{ width: `${done}%` }} />
      </div>
      <p className="tabular">
        {formatCount(audit.checked)} of about {formatCount(audit.expected)} messages checked
        {audit.status === 'paused' ? '. Paused: it goes on from here, also after a restart.' : ''}
      </p>
      <ul className={classes.soFar} aria-label="Found so far">
        {found.map((kind) => (
          <li key={kind}>
            <FindingIcon kind={kind} />
            <span>{FINDING_TITLES[kind]}</span>
            <output>{formatCount(audit.findings[kind] ?? 0)}</output>
          </li>
        ))}
      </ul>
    </div>
  )
}
