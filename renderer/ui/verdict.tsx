import {
  IconAlertTriangle,
  IconBraces,
  IconCheck,
  IconCircleDashed,
  IconClockExclamation,
  IconGitFork,
  IconX,
} from '@tabler/icons-react'
import type { ComponentType } from 'react'
import { Link } from 'wouter'
import { clockStanding } from '../../shared/clock-standing.ts'
import { formatCount, formatDuration } from '../../shared/format/quantity.ts'
import type { MessageRow } from '../../shared/message.ts'
import type { MessageMark } from '../../shared/message-mark.ts'
import type { SchemaProblem } from '../../shared/schema-judge.ts'
import type { SchemaCount } from '../../shared/stream.ts'
import { VERDICTS, type Verdict } from '../../shared/verdict.ts'
import classes from './verdict.module.css'
import { visibleText } from './visible-text.ts'

/** A verdict, or that two contents claim one message id. */
export type Standing = Verdict | 'equivocation'

export const STANDING_WORDS: Record<Standing, string> = {
  verified: 'Verified',
  pending: 'Pending',
  unauthorised: 'Unauthorised',
  forged: 'Forged',
  equivocation: 'Equivocation',
}

/** What is said of a message beside its verdict. */
export const MARK_WORDS: Record<MessageMark, string> = {
  equivocation: 'Equivocation',
  clock: 'Clock off',
  schema: 'Not by schema',
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

/** A clock in plain ink, told by its shape: colours are for verdicts. */
export function ClockIcon({ size = 13 }: { size?: number }) {
  return (
    <span className={classes.clock} aria-hidden>
      <IconClockExclamation size={size} stroke={2} />
    </span>
  )
}

/** Beside a message whose clock is out of bounds: how far; nothing beside others. */
export function ClockMark({
  row,
  size = 13,
}: {
  row: Pick<MessageRow, 'id' | 'receivedAt' | 'source'>
  size?: number
}) {
  const { timestamp } = row.id
  const standing = clockStanding(timestamp, row.receivedAt, row.source)
  if (standing === 'in-bounds') return null
  const offBy = formatDuration(Math.abs(timestamp - row.receivedAt))
  const words =
    standing === 'ahead'
      ? `Clock ahead: claims a time ${offBy} after it was first seen`
      : `Clock behind: came live, ${offBy} after the time it claims`
  return (
    <span role="img" aria-label={words} title={words} className={classes.clock}>
      <IconClockExclamation size={size} stroke={2} aria-hidden />
    </span>
  )
}

/** Braces in plain ink, as an audit has them. */
export function SchemaIcon({ size = 13 }: { size?: number }) {
  return (
    <span className={classes.clock} aria-hidden>
      <IconBraces size={size} stroke={2} />
    </span>
  )
}

export function MarkIcon({ mark }: { mark: MessageMark }) {
  if (mark === 'clock') return <ClockIcon />
  return mark === 'schema' ? <SchemaIcon /> : <VerdictIcon standing={mark} size={13} />
}

/** Says of a message that its content is not what the stream's schema allows; nothing of others. */
export function SchemaMark({ problem }: { problem: SchemaProblem | undefined }) {
  if (problem === undefined) return null
  const words = `Not what the schema allows at ${visibleText(problem.place)}, by “${visibleText(problem.keyword)}”`
  return (
    <span role="img" aria-label={words} title={words} className={classes.clock}>
      <IconBraces size={13} stroke={2} aria-hidden />
    </span>
  )
}

export interface VerdictBarProps {
  verdicts: Record<Verdict, number>
  equivocations?: number
  /** Messages whose clock is out of bounds. */
  clocksOff?: number
  notBySchema?: SchemaCount | null
  /** Where the messages behind a count are listed. */
  linkOf(verdict: Verdict): string
  linkOfMark(mark: MessageMark): string
}

/** A bad verdict is seen however rare it is: its part of the bar is never thinner than this. */
const MIN_SHARE = 0.03

/** How many messages have which verdict, as a bar and in numbers. */
export function VerdictBar(props: VerdictBarProps) {
  const { verdicts, equivocations = 0, clocksOff = 0, notBySchema = null, linkOf, linkOfMark } = props
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
            <Link
              href={standing === 'equivocation' ? linkOfMark(standing) : linkOf(standing)}
              className={classes.countLink}
            >
              <Count count={count} word={STANDING_WORDS[standing]} />
            </Link>
          </li>
        ))}
        {clocksOff === 0 ? null : (
          <li>
            <ClockIcon size={12} />
            <Link href={linkOfMark('clock')} className={classes.countLink}>
              <Count count={clocksOff} word={MARK_WORDS.clock} />
            </Link>
          </li>
        )}
        {notBySchema === null || notBySchema.broken === 0 ? null : (
          <li title={notBySchema.isComplete ? undefined : 'Not all messages are held to the schema yet'}>
            <SchemaIcon size={12} />
            <Link href={linkOfMark('schema')} className={classes.countLink}>
              <Count
                count={notBySchema.broken}
                word={`${MARK_WORDS.schema}${notBySchema.isComplete ? '' : ' so far'}`}
              />
            </Link>
          </li>
        )}
      </ul>
    </div>
  )
}

function Count({ count, word }: { count: number; word: string }) {
  return (
    <>
      <span className={classes.number}>{formatCount(count)}</span>{' '}
      <span className={classes.countWord}>{word.toLowerCase()}</span>
    </>
  )
}
