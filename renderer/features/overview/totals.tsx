import { formatCount, formatRate, formatSize } from '../../../shared/format/quantity.ts'
import type { StreamOverview } from '../../../shared/stream.ts'
import { VERDICTS, type Verdict } from '../../../shared/verdict.ts'
import { STANDING_WORDS, VerdictIcon } from '../../ui/verdict.tsx'
import classes from './totals.module.css'

function sum(streams: readonly StreamOverview[], of: (stream: StreamOverview) => number): number {
  return streams.reduce((total, stream) => total + of(stream), 0)
}

/** All streams taken together. */
export function Totals({ streams }: { streams: readonly StreamOverview[] }) {
  const messages = sum(streams, (stream) => stream.messages)
  const counts = VERDICTS.map((verdict): [Verdict, number] => [
    verdict,
    sum(streams, (s) => s.verdicts[verdict]),
  ])
  return (
    <dl className={classes.totals}>
      <div>
        <dt>Arriving now</dt>
        <dd>{formatRate(sum(streams, (stream) => stream.ratePerSecond))}</dd>
      </div>
      <div>
        <dt>Messages kept</dt>
        <dd>{formatCount(messages)}</dd>
      </div>
      {counts.map(([verdict, count]) => (
        <div key={verdict} data-quiet={(count === 0 && verdict !== 'verified') || undefined}>
          <dt>
            <VerdictIcon standing={verdict} size={13} />
            {STANDING_WORDS[verdict]}
          </dt>
          <dd>{formatCount(count)}</dd>
        </div>
      ))}
      <div>
        <dt>On disk</dt>
        <dd>{formatSize(sum(streams, (stream) => stream.sizeBytes))}</dd>
      </div>
    </dl>
  )
}
