import { Button, UnstyledButton } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import type { AuditView } from '../../../shared/audit.ts'
import { formatCount } from '../../../shared/format/quantity.ts'
import { visibleText } from '../../ui/plain-text.tsx'
import { Age } from '../../ui/time.tsx'
import classes from './audit.module.css'
import { countFindings, statusWords } from './words.ts'

export interface AuditListProps {
  audits: readonly AuditView[]
  open: string | null
  onOpen(id: string): void
  onBegin(): void
}

/** Audits of this node, the newest first. */
export function AuditList({ audits, open, onOpen, onBegin }: AuditListProps) {
  if (audits.length === 0) return null
  return (
    <nav className={classes.list} aria-label="Audits">
      <Button
        variant="default"
        size="xs"
        leftSection={<IconPlus size={14} />}
        onClick={onBegin}
        aria-pressed={open === null}
      >
        New audit
      </Button>
      <ul>
        {audits.map((audit) => (
          <li key={audit.id}>
            <UnstyledButton
              className={classes.entry}
              aria-current={audit.id === open ? 'true' : undefined}
              onClick={() => onOpen(audit.id)}
            >
              <bdi className={classes.entryName}>{shortName(audit.part)}</bdi>
              <span className={classes.entryState} data-status={audit.status}>
                {statusWords(audit)}
              </span>
              <span className={classes.entryFacts}>
                {audit.status === 'finished'
                  ? findingWords(countFindings(audit.findings))
                  : `${formatCount(audit.checked)} checked`}
              </span>
              <span className={classes.entryAge}>
                <Age at={audit.startedAt} />
              </span>
            </UnstyledButton>
          </li>
        ))}
      </ul>
    </nav>
  )
}

function findingWords(count: number): string {
  return count === 0 ? 'Nothing found' : `${formatCount(count)} found`
}

/** The path of a stream, which is what differs; the owner stands in the sheet. */
function shortName(part: string): string {
  return visibleText(part.replace(/^[^/]+\//, ''))
}
