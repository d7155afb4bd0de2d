import { type KeyboardEvent, useRef, useState } from 'react'
import { FINDING_TITLES } from '../../../shared/audit.ts'
import type { Finding } from '../../../shared/audit-report.ts'
import { shortenMiddle } from '../../../shared/format/identifier.ts'
import { formatCount } from '../../../shared/format/quantity.ts'
import { EmptyState } from '../../ui/state-views.tsx'
import classes from './audit.module.css'
import { FindingEvidence } from './finding-evidence.tsx'
import { FindingIcon } from './finding-icon.tsx'

const STEPS: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1, j: 1, k: -1 }

/** Findings, the gravest first: walked with the arrow keys, the evidence of each beside the list. */
export function Findings({ part, findings }: { part: string; findings: readonly Finding[] }) {
  const [at, setAt] = useState(0)
  const list = useRef<HTMLDivElement>(null)
  const open = findings[at]
  if (open === undefined) {
    return (
      <EmptyState title="Nothing found against them">
        Every signature is good, every publisher had the right to publish at the time, no chain names a
        message that is missing, and no clock is off.
      </EmptyState>
    )
  }

  function walk(event: KeyboardEvent): void {
    const to =
      event.key === 'Home' ? 0 : event.key === 'End' ? findings.length - 1 : at + (STEPS[event.key] ?? 0)
    if (to === at || to < 0 || to >= findings.length) return
    event.preventDefault()
    setAt(to)
    list.current?.children[to]?.scrollIntoView({ block: 'nearest' })
  }

  return (
    <div className={classes.findings}>
      <div
        ref={list}
        className={classes.findingList}
        role="listbox"
        aria-label="Findings"
        tabIndex={0}
        aria-activedescendant={`finding-${at}`}
        onKeyDown={walk}
      >
        {findings.map((finding, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the listbox has the focus and handles the keys
          // biome-ignore lint/a11y/useFocusableInteractive: the listbox has the focus, its options are walked
          <div
            key={`${finding.kind} ${finding.publisher}`}
            id={`finding-${index}`}
            role="option"
            aria-selected={index === at}
            className={classes.finding}
            onClick={() => setAt(index)}
          >
            <FindingIcon kind={finding.kind} />
            <span className={classes.findingTitle}>{FINDING_TITLES[finding.kind]}</span>
            <output className={classes.findingCount}>{formatCount(finding.count)}</output>
            <span className={classes.findingWho}>
              {finding.publisher === null ? 'further publishers' : shortenMiddle(finding.publisher, 10, 6)}
            </span>
          </div>
        ))}
      </div>
      <FindingEvidence key={at} part={part} finding={open} />
    </div>
  )
}
