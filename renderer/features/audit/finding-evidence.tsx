import { UnstyledButton } from '@mantine/core'
import { Link } from 'wouter'
import { FINDING_SENTENCES } from '../../../shared/audit.ts'
import type { Finding, FindingExample, PublisherRight } from '../../../shared/audit-report.ts'
import { findingWords } from '../../../shared/finding-words.ts'
import { formatCount } from '../../../shared/format/quantity.ts'
import { formatTimestamp } from '../../../shared/format/time.ts'
import type { MessageMark } from '../../../shared/message-mark.ts'
import { VERDICTS } from '../../../shared/verdict.ts'
import { visibleText } from '../../ui/plain-text.tsx'
import { useTimeZone } from '../../ui/preferences.ts'
import { ShortId } from '../../ui/short-id.tsx'
import { Time } from '../../ui/time.tsx'
import { linkTo, useView } from '../../ui/use-view.ts'
import classes from './audit.module.css'

/** A link shows whole messages; a stretch of no length would show none. */
const LEAST_SPAN_MS = 1_000

/** By what the messages of a finding are listed, where a mark tells them from others. */
const MARKS_OF: Partial<Record<Finding['kind'], MessageMark[]>> = {
  equivocation: ['equivocation'],
  'clock-ahead': ['clock'],
  'clock-behind': ['clock'],
  'schema-violation': ['schema'],
}

/** What speaks for a finding: its messages, each to be opened in the inspector, and the registry's word. */
export function FindingEvidence({ part, finding }: { part: string; finding: Finding }) {
  const { view, inspect } = useView()
  const zone = useTimeZone()
  const { kind, publisher, count, firstTimestamp, lastTimestamp, examples, rights } = finding
  const openExample = ({ timestamp, sequence, publisher: of, chain, digest }: FindingExample) =>
    inspect({ part, timestamp, sequence, publisher: of, chain, digest })
  const verdicts = VERDICTS.filter((verdict) => verdict === kind)
  const range = {
    kind: 'fixed' as const,
    from: firstTimestamp,
    to: Math.max(lastTimestamp, firstTimestamp + LEAST_SPAN_MS),
  }
  return (
    <section className={classes.evidence} aria-label="Evidence">
      <p className={classes.sentence}>{FINDING_SENTENCES[kind]}</p>
      <dl className={classes.facts}>
        {publisher === null ? null : (
          <div>
            <dt>Publisher</dt>
            <dd>
              <ShortId id={publisher} what="publisher" head={14} tail={8} />
            </dd>
          </div>
        )}
        <div>
          <dt>Between</dt>
          <dd>
            <Time at={firstTimestamp} /> – <Time at={lastTimestamp} />
          </dd>
        </div>
        {rights.map((right) => (
          <Right key={right.from} right={right} />
        ))}
      </dl>
      <div className={classes.examplesHead}>
        <h3>{examples.length < count ? `The first of ${formatCount(count)}` : 'Messages'}</h3>
        <Link href={linkTo('messages', { part, range, publisher, verdicts, marks: MARKS_OF[kind] ?? [] })}>
          Show in Messages
        </Link>
      </div>
      <ul className={classes.examples}>
        {examples.map((example) => (
          <li key={`${example.digest} ${example.timestamp}`}>
            <UnstyledButton
              className={classes.example}
              data-open={view.message?.digest === example.digest || undefined}
              onClick={() => openExample(example)}
            >
              <Time at={example.timestamp} short />
              <span className={classes.digest}>{example.digest.slice(0, 12)}</span>
              <bdi className={classes.detail}>
                {visibleText(findingWords(kind, example, (at) => formatTimestamp(at, zone)))}
              </bdi>
            </UnstyledButton>
          </li>
        ))}
      </ul>
    </section>
  )
}

const RIGHT_WORDS: Record<PublisherRight['state'], string> = {
  permitted: 'could publish',
  denied: 'no right to publish',
  expired: 'right had expired',
  unknown: 'not known',
  'no-stream': 'no such stream',
}

function Right({ right: { state, evidence } }: { right: PublisherRight }) {
  return (
    <div>
      <dt>Registry</dt>
      <dd>
        {RIGHT_WORDS[state]}
        {evidence === null ? null : (
          <>
            {' '}
            since block {formatCount(evidence.block)}, transaction{' '}
            <ShortId id={evidence.transaction} what="transaction" head={10} tail={6} />
          </>
        )}
      </dd>
    </div>
  )
}
