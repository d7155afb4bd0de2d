import { useElementSize } from '@mantine/hooks'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import type { KeyboardEvent } from 'react'
import type { TimelineBucket } from '../../../shared/chart.ts'
import { formatTimestamp } from '../../../shared/format/time.ts'
import { useTRPC } from '../../api/provider.tsx'
import { gapStretches } from '../../ui/chart/lane-stretches.ts'
import { useTimeZone } from '../../ui/preferences.ts'
import classes from './density-rail.module.css'

/** One mark is so many pixels high. */
const MARK_PX = 3
const MIN_MARKS = 32
/** Of the rail's width; what is full still reads as a mark on it. */
const WIDEST = 0.7

export interface DensityRailProps {
  part: string
  from: number
  to: number
  /** Times of the rows in sight, newest and oldest; null while there are none. */
  visible: { newest: number; oldest: number } | null
  onJump(at: number): void
}

/** The whole range beside the table, newest on top: how much lies where, what is wrong with it, and where one is. */
export function DensityRail({ part, from, to, visible, onJump }: DensityRailProps) {
  const trpc = useTRPC()
  const zone = useTimeZone()
  const { ref, height } = useElementSize<HTMLDivElement>()
  const maxBuckets = Math.max(MIN_MARKS, Math.floor(height / MARK_PX))
  const timeline = useQuery(
    trpc.chart.timeline.queryOptions(
      { part, from, to, maxBuckets },
      { placeholderData: keepPreviousData, enabled: to > from },
    ),
  )
  const buckets = timeline.data?.buckets ?? []
  const most = buckets.reduce((max, { count }) => Math.max(max, count), 1)
  const span = Math.max(1, to - from)
  const share = (time: number) => Math.min(1, Math.max(0, (to - time) / span))
  const at = visible?.newest ?? to

  function onKeyDown(event: KeyboardEvent): void {
    const step = span / (event.shiftKey ? 10 : 50)
    const target =
      event.key === 'ArrowDown'
        ? at - step
        : event.key === 'ArrowUp'
          ? at + step
          : event.key === 'PageDown'
            ? at - span / 10
            : event.key === 'PageUp'
              ? at + span / 10
              : event.key === 'Home'
                ? to
                : event.key === 'End'
                  ? from
                  : null
    if (target === null) return
    event.preventDefault()
    onJump(Math.min(to, Math.max(from, target)))
  }

  return (
    <div
      ref={ref}
      className={classes.rail}
      role="slider"
      aria-orientation="vertical"
      aria-label="Place in the range"
      aria-valuemin={from}
      aria-valuemax={to}
      aria-valuenow={at}
      aria-valuetext={formatTimestamp(at, zone)}
      tabIndex={0}
      title="Click to jump to this time"
      onKeyDown={onKeyDown}
      onPointerDown={(event) => {
        const box = event.currentTarget.getBoundingClientRect()
        onJump(to - ((event.clientY - box.top) / box.height) * span)
      }}
    >
      <svg width="100%" height="100%" preserveAspectRatio="none" viewBox="0 0 1 1" aria-hidden>
        {buckets.map((bucket) => (
          <rect
            key={bucket.from}
            x={0}
            y={share(bucket.to)}
            width={Math.sqrt(bucket.count / most) * WIDEST}
            height={Math.max(0.002, share(bucket.from) - share(bucket.to))}
            fill={colourOf(bucket)}
          />
        ))}
        {buckets.map((bucket) =>
          bucket.clockOff ? (
            <rect
              key={`clock ${bucket.from}`}
              x={0}
              y={share(bucket.to)}
              width={0.12}
              height={Math.max(0.002, share(bucket.from) - share(bucket.to))}
              fill="var(--tm-text)"
            />
          ) : null,
        )}
        {buckets.map((bucket) =>
          bucket.notBySchema === undefined ? null : (
            <rect
              key={`schema ${bucket.from}`}
              x={1 - 0.12}
              y={share(bucket.to)}
              width={0.12}
              height={Math.max(0.002, share(bucket.from) - share(bucket.to))}
              fill="var(--tm-text)"
            />
          ),
        )}
      </svg>
      {gapStretches(buckets).map((gap) => (
        <span
          key={gap.from}
          className={classes.gap}
          style={{ top: `${share(gap.to) * 100}%`, height: `${(share(gap.from) - share(gap.to)) * 100}%` }}
        />
      ))}
      {visible === null ? null : (
        <span
          className={classes.window}
          style={{
            top: `${share(visible.newest) * 100}%`,
            height: `${(share(visible.oldest) - share(visible.newest)) * 100}%`,
          }}
        />
      )}
    </div>
  )
}

function colourOf({ verdicts, equivocations }: TimelineBucket): string {
  if (verdicts.forged > 0) return 'var(--tm-forged)'
  if (equivocations > 0) return 'var(--tm-equivocation)'
  if (verdicts.unauthorised > 0) return 'var(--tm-unauthorised)'
  return verdicts.pending > 0 ? 'var(--tm-pending)' : 'var(--tm-verified)'
}
