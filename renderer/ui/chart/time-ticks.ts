import { formatClock, type TimeZone } from '../../../shared/format/time.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

const STEPS_MS = [
  1,
  2,
  5,
  10,
  20,
  50,
  100,
  200,
  500,
  SECOND,
  2 * SECOND,
  5 * SECOND,
  10 * SECOND,
  15 * SECOND,
  30 * SECOND,
  MINUTE,
  2 * MINUTE,
  5 * MINUTE,
  10 * MINUTE,
  15 * MINUTE,
  30 * MINUTE,
  HOUR,
  2 * HOUR,
  3 * HOUR,
  6 * HOUR,
  12 * HOUR,
  DAY,
  2 * DAY,
  7 * DAY,
  14 * DAY,
  28 * DAY,
  91 * DAY,
  182 * DAY,
  364 * DAY,
  1_820 * DAY,
  3_640 * DAY,
  10_920 * DAY,
] as const

/** Labels stand at least so far apart. */
const LABEL_PX = 88
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const

export interface TimeTick {
  at: number
  label: string
}

function offsetMs(at: number, zone: TimeZone): number {
  return zone === 'local' ? -new Date(at).getTimezoneOffset() * MINUTE : 0
}

function dayLabel(at: number, zone: TimeZone, withYear: boolean): string {
  const time = new Date(at)
  const [day, month, year] =
    zone === 'utc'
      ? [time.getUTCDate(), time.getUTCMonth(), time.getUTCFullYear()]
      : [time.getDate(), time.getMonth(), time.getFullYear()]
  return `${day} ${MONTHS[month]}${withYear ? ` ${year}` : ''}`
}

function labelOf(at: number, stepMs: number, zone: TimeZone): string {
  if (zone === 'epoch') return String(stepMs >= SECOND ? at / SECOND : at)
  if (stepMs >= 91 * DAY) return dayLabel(at, zone, true)
  const clock = formatClock(at, zone, true)
  if (stepMs >= DAY || clock === '00:00:00.000') return dayLabel(at, zone, false)
  if (stepMs < SECOND) return clock.slice(3)
  return stepMs < MINUTE ? clock.slice(0, 8) : clock.slice(0, 5)
}

/** Round times within a window, in the zone that times are told in, as many as have room. */
export function timeTicks(from: number, to: number, widthPx: number, zone: TimeZone): TimeTick[] {
  const span = to - from
  if (!(span > 0) || widthPx < LABEL_PX) return []
  // A bare number of seconds or milliseconds is half as wide again as a time of day.
  const roomPx = zone === 'epoch' ? LABEL_PX * 1.5 : LABEL_PX
  const least = (span * roomPx) / widthPx
  const step = STEPS_MS.find((candidate) => candidate >= least) ?? 10_920 * DAY
  const ticks: TimeTick[] = []
  const offset = offsetMs(from, zone)
  for (let shifted = Math.ceil((from + offset) / step) * step; ; shifted += step) {
    // Summer time may begin or end within the window; the label follows the zone at its own tick.
    const at = shifted - offsetMs(shifted - offset, zone)
    if (at > to) break
    if (at >= from) ticks.push({ at, label: labelOf(at, step, zone) })
  }
  return ticks
}
