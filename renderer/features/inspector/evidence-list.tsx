import { IconCheck, IconCircle, IconHelp, IconX } from '@tabler/icons-react'
import type { EvidenceLine } from '../../../shared/inspection.ts'
import classes from './evidence-list.module.css'

const ICONS: Record<EvidenceLine['standing'], typeof IconCheck> = {
  good: IconCheck,
  bad: IconX,
  open: IconHelp,
  plain: IconCircle,
}

const WORDS: Record<EvidenceLine['standing'], string> = {
  good: 'Speaks for it:',
  bad: 'Speaks against it:',
  open: 'Open:',
  plain: '',
}

/** The facts behind a verdict, each with what it says for or against the message. */
export function EvidenceList({ evidence }: { evidence: readonly EvidenceLine[] }) {
  return (
    <ul className={classes.list}>
      {evidence.map((line) => {
        const Icon = ICONS[line.standing]
        return (
          <li key={`${line.topic} ${line.text}`} data-evidence={line.standing}>
            <Icon size={line.standing === 'plain' ? 8 : 14} stroke={2.25} aria-hidden />
            <span>
              <span className={classes.hidden}>{WORDS[line.standing]} </span>
              <bdi>{line.text}</bdi>
            </span>
          </li>
        )
      })}
    </ul>
  )
}
