import { Badge, Tooltip } from '@mantine/core'
import { IconAlertTriangle } from '@tabler/icons-react'
import { memo } from 'react'
import { Link, useLocation } from 'wouter'
import { shortenMiddle } from '../../../shared/format/identifier.ts'
import { formatCount, formatDuration, formatRate, formatSize } from '../../../shared/format/quantity.ts'
import type { StreamOverview } from '../../../shared/stream.ts'
import type { TimeRange } from '../../../shared/view-link.ts'
import { CopyButton } from '../../ui/copy-button.tsx'
import { streamDetailsStore } from '../../ui/dialogs.ts'
import { PlainText, visibleText } from '../../ui/plain-text.tsx'
import { Sparkline } from '../../ui/sparkline.tsx'
import { useNow } from '../../ui/ticker.ts'
import { Age } from '../../ui/time.tsx'
import { linkTo } from '../../ui/use-view.ts'
import { VerdictBar } from '../../ui/verdict.tsx'
import { silenceOf } from './rank.ts'
import { StreamActions } from './stream-actions.tsx'
import classes from './stream-table.module.css'

function Silence({ stream }: { stream: StreamOverview }) {
  const now = useNow()
  const silence = silenceOf(stream, now)
  return silence === null ? null : (
    <p className={classes.problem}>
      <IconAlertTriangle size={13} aria-hidden /> Silent for {formatDuration(silence)}. It is subscribed, but
      nothing new arrives.
    </p>
  )
}

function wordsOfLastMinutes({ sparkline, sparklineGaps }: StreamOverview): string {
  const gaps = sparklineGaps.reduce((sum, count) => sum + count, 0)
  const missing = gaps === 0 ? '' : `, with ${formatCount(gaps)} gap${gaps === 1 ? '' : 's'}`
  return sparkline.some((count) => count > 0)
    ? `Messages over the last ten minutes${missing}`
    : `No messages in the last ten minutes${missing}`
}

/** As far back as anybody keeps telemetry, and moving with the present. */
const ALL_TIME: TimeRange = { kind: 'live', spanMs: 10 * 365 * 86_400_000 }

/** One stream. Drawn again only when something of it has changed. */
export const StreamRow = memo(function StreamRow({ stream }: { stream: StreamOverview }) {
  const [, go] = useLocation()
  const open = linkTo('workspace', { part: stream.part })
  return (
    // The link in the first cell does the same by keyboard.
    <tr
      className={classes.row}
      onClick={(event) => {
        const isControl = (event.target as HTMLElement).closest('a, button, [role="menu"]') !== null
        if (!isControl && getSelection()?.isCollapsed !== false) go(open)
      }}
    >
      <th scope="row" className={classes.name}>
        <div className={classes.titleLine}>
          <Link href={open} className={classes.title}>
            <PlainText>{stream.title}</PlainText>
          </Link>
          {stream.own ? (
            <Tooltip label="This node publishes it: the telemetry of your own machine">
              <Badge variant="default" size="xs" className={classes.tag}>
                own
              </Badge>
            </Tooltip>
          ) : null}
          {stream.subscribed ? null : (
            <Badge variant="default" size="xs" className={classes.tag}>
              not subscribed
            </Badge>
          )}
        </div>
        <div className={classes.id}>
          <span>{shortenMiddle(visibleText(stream.part), 8, 19)}</span>
          <CopyButton value={stream.part} what="the stream id" />
        </div>
        {stream.problem === null ? (
          <Silence stream={stream} />
        ) : (
          <p className={classes.problem}>
            <IconAlertTriangle size={13} aria-hidden />
            <span>
              <bdi>{stream.problem.message}</bdi>{' '}
              <bdi className={classes.remedy}>{stream.problem.remedy}</bdi>
            </span>
          </p>
        )}
      </th>
      <td>
        <Sparkline counts={stream.sparkline} gaps={stream.sparklineGaps} label={wordsOfLastMinutes(stream)} />
      </td>
      <td className={classes.number} data-quiet={stream.ratePerSecond === 0 || undefined}>
        {formatRate(stream.ratePerSecond)}
      </td>
      <td className={classes.age}>
        {stream.lastTimestamp === null ? '–' : <Age at={stream.lastTimestamp} />}
      </td>
      <td>
        <VerdictBar
          verdicts={stream.verdicts}
          equivocations={stream.equivocations}
          clocksOff={stream.clocksOff ?? 0}
          notBySchema={stream.notBySchema ?? null}
          linkOf={(verdict) =>
            linkTo('messages', { part: stream.part, verdicts: [verdict], range: ALL_TIME })
          }
          linkOfMark={(mark) => linkTo('messages', { part: stream.part, marks: [mark], range: ALL_TIME })}
        />
      </td>
      <td className={classes.small} data-quiet={stream.gaps === 0 || undefined}>
        {stream.gaps === 0 ? (
          '0'
        ) : (
          <button
            type="button"
            className={classes.gaps}
            title="What is missing, and what is done about it"
            onClick={() => streamDetailsStore.set(stream.streamId)}
          >
            {formatCount(stream.gaps)}
          </button>
        )}
      </td>
      <td className={classes.number}>{formatSize(stream.sizeBytes)}</td>
      <td className={classes.small}>{formatCount(stream.holders)}</td>
      <td className={classes.actions}>
        <StreamActions stream={stream} />
      </td>
    </tr>
  )
})
