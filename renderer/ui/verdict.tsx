import { IconAlertTriangle, IconCheck, IconCircleDashed, IconGitFork, IconX } from '@tabler/icons-react'
import type { ComponentType } from 'react'
import { Link } from 'wouter'
import { formatCount } from '../../shared/format/quantity.ts'
import { VERDICTS, type Verdict } from '../../shared/verdict.ts'
import classes from './verdict.module.css'

/** A verdict, or that two contents claim one message id. */
export type Standing = Verdict | 'equivocation'

export const STANDING_WORDS: Record<Standing, string> = {
  verified: 'Verified',
  pending: 'Pending',
  unauthorised: 'Unauthorised',
  forged: 'Forged',
  equivocation: 'Equivocation',
}

const ICONS: Record<Standing, ComponentType<{ size?: number; stroke?: number }>> = {
  verified: IconCheck,
  pending: IconCircleDashed,
  unauthorised: IconAlertTriangle,
  forged: IconX,
  equivocation: IconGitFork,
}

export function VerdictIcon({ standing, size = 14 }: { standing: Standing; size?: number }) {
  const Icon = ICONS[standing]
  return (
    <span className={classes.icon} data-standing={standing} aria-hidden>
      <Icon size={size} stroke={2.25} />
    </span>
  )
}

/** The verdict in one word, told by shape and word as well as by colour. */
export function VerdictBadge({ standing, large = false }: { standing: Standing; large?: boolean }) {
  return (
    <span className={classes.badge} data-standing={standing} data-large={large || undefined}>
      <VerdictIcon standing={standing} size={large ? 16 : 12} />
      <span className={classes.word}>{STANDING_WORDS[standing]}</span>
    </span>
  )
}

export interface VerdictBarProps {
  verdicts: Record<Verdict, number>
  equivocations?: number
  /** Where the messages behind a count are listed. */
  linkOf(verdict: Verdict): string
}

/** A bad verdict is seen however rare it is: its part of the bar is never thinner than this. */
const MIN_SHARE = 0.03

/** How many messages have which verdict, as a bar and in numbers. */
export function VerdictBar({ verdicts, equivocations = 0, linkOf }: VerdictBarProps) {
  const total = VERDICTS.reduce((sum, verdict) => sum + verdicts[verdict], 0)
  const present = VERDICTS.filter((verdict) => verdicts[verdict] > 0)
  const counts: [Standing, number][] = present.map((verdict) => [verdict, verdicts[verdict]])
  if (equivocations > 0) counts.push(['equivocation', equivocations])
  return (
    <div className={classes.summary}>
      <div className={classes.bar} aria-hidden>
        {present.map((verdict) => (
          <span
            key={verdict}
            data-standing={verdict}
            style={{ flexGrow: Math.max(MIN_SHARE, verdicts[verdict] / total) }}
          />
        ))}
      </div>
      <ul className={classes.counts}>
        {counts.length === 0 ? <li className={classes.none}>No messages yet</li> : null}
        {counts.map(([standing, count]) => (
          <li key={standing} data-standing={standing}>
            <VerdictIcon standing={standing} size={12} />
            {standing === 'equivocation' ? (
              <Count standing={standing} count={count} />
            ) : (
              <Link href={linkOf(standing)} className={classes.countLink}>
                <Count standing={standing} count={count} />
              </Link>
            )}
          </li>
        ))}
      </ul>
    </div>
  )
}

function Count({ standing, count }: { standing: Standing; count: number }) {
  return (
    <>
      <span className={classes.number}>{formatCount(count)}</span>{' '}
      <span className={classes.countWord}>{STANDING_WORDS[standing].toLowerCase()}</span>
    </>
  )
}
