import { Tooltip } from '@mantine/core'
import { formatDuration } from '../../shared/format/quantity.ts'
import { formatClock, formatTimestamp } from '../../shared/format/time.ts'
import { useTimeZone } from './preferences.ts'
import { useNow } from './ticker.ts'

export interface TimeProps {
  at: number
  /** The time of day alone; the whole stands in the tooltip. */
  short?: boolean
}

function machineTime(at: number): string | undefined {
  return Number.isFinite(at) && Math.abs(at) <= 8_640_000_000_000_000 ? new Date(at).toISOString() : undefined
}

/** A time in the zone chosen for the whole portal, with the zone beside it. */
export function Time({ at, short = false }: TimeProps) {
  const zone = useTimeZone()
  if (!short) return <time dateTime={machineTime(at)}>{formatTimestamp(at, zone)}</time>
  return (
    <Tooltip label={formatTimestamp(at, zone)}>
      <time dateTime={machineTime(at)}>{formatClock(at, zone, true)}</time>
    </Tooltip>
  )
}

/** How long ago something was, ticking. A clock that runs ahead of ours reads "now". */
export function Age({ at }: { at: number }) {
  const now = useNow()
  const zone = useTimeZone()
  const age = Math.max(0, now - at)
  return (
    <Tooltip label={formatTimestamp(at, zone)}>
      <time dateTime={machineTime(at)}>{age < 1_000 ? 'now' : `${formatDuration(age)} ago`}</time>
    </Tooltip>
  )
}
