import { SegmentedControl } from '@mantine/core'
import { useState } from 'react'
import { formatCount, formatDuration } from '../../../shared/format/quantity.ts'
import type { PreviewReport } from '../../../shared/rules/preview.ts'
import type { Rule } from '../../../shared/rules/rule.ts'
import { PlainText } from '../../ui/plain-text.tsx'
import { ShortId } from '../../ui/short-id.tsx'
import { Time } from '../../ui/time.tsx'
import classes from './alerts.module.css'
import { usePreview } from './use-preview.ts'

const SPANS = [
  { value: '1', label: '1 day', words: 'in the last day' },
  { value: '7', label: '1 week', words: 'last week' },
  { value: '30', label: '30 days', words: 'in the last 30 days' },
]

/** What the rule as it stands would have done over history. */
export function RulePreview({ rule, problem }: { rule: Rule | null; problem: string | null }) {
  const [days, setDays] = useState('7')
  const { report, error } = usePreview(rule, Number(days))
  const words = SPANS.find(({ value }) => value === days)?.words ?? ''
  return (
    <section className={classes.preview} aria-labelledby="rule-preview">
      <h3 id="rule-preview">Over history</h3>
      <SegmentedControl aria-label="How far back" size="xs" value={days} onChange={setDays} data={SPANS} />
      <p className={classes.verdictLine} role="status">
        {rule === null ? (
          problem
        ) : error !== null ? (
          <bdi>{error.message}</bdi>
        ) : report === null ? (
          'Looking through history…'
        ) : (
          <Found report={report} words={words} />
        )}
      </p>
      <ul className={classes.list}>
        {(report?.alerts ?? []).map((alert) => (
          <li key={`${alert.publisher} ${alert.since}`}>
            <Time at={alert.firedAt} />{' '}
            {alert.publisher === null ? null : <ShortId id={alert.publisher} what="publisher" />}
            <p>
              <PlainText clip={false}>{alert.sentence}</PlainText>{' '}
              {alert.resolvedAt === null
                ? 'Not over yet.'
                : `Over after ${formatDuration(Math.max(0, alert.resolvedAt - alert.since))}.`}
            </p>
          </li>
        ))}
      </ul>
    </section>
  )
}

function Found({ report, words }: { report: PreviewReport; words: string }) {
  const { fired, messages, isDone, isCut, upTo } = report
  return (
    <>
      <strong>
        {isDone ? 'Would have fired ' : 'Fired so far: '}
        {fired === 0 && isDone ? 'never' : `${formatCount(fired)} ${fired === 1 ? 'time' : 'times'}`}
      </strong>
      <br />
      {words}, over {formatCount(messages)} messages
      {isCut ? (
        <>
          ; it was ended at <Time at={upTo} />, there is too much to look through
        </>
      ) : isDone ? (
        ''
      ) : (
        '…'
      )}
    </>
  )
}
