/** How every time on screen is told: in the zone of this machine, in UTC, or as milliseconds since the epoch. */
export const TIME_ZONES = ['local', 'utc', 'epoch'] as const
export type TimeZone = (typeof TIME_ZONES)[number]

function pad(value: number, width = 2): string {
  return String(value).padStart(width, '0')
}

interface TimeParts {
  date: string
  clock: string
  milliseconds: string
}

function partsOf(timestamp: number, zone: 'local' | 'utc'): TimeParts {
  const time = new Date(timestamp)
  return zone === 'utc'
    ? {
        date: `${time.getUTCFullYear()}-${pad(time.getUTCMonth() + 1)}-${pad(time.getUTCDate())}`,
        clock: `${pad(time.getUTCHours())}:${pad(time.getUTCMinutes())}:${pad(time.getUTCSeconds())}`,
        milliseconds: pad(time.getUTCMilliseconds(), 3),
      }
    : {
        date: `${time.getFullYear()}-${pad(time.getMonth() + 1)}-${pad(time.getDate())}`,
        clock: `${pad(time.getHours())}:${pad(time.getMinutes())}:${pad(time.getSeconds())}`,
        milliseconds: pad(time.getMilliseconds(), 3),
      }
}

/** The zone as it stands behind a time: "UTC", "UTC+2", "UTC-3:30", "epoch ms". */
export function zoneLabel(zone: TimeZone, timestamp: number): string {
  if (zone === 'epoch') return 'epoch ms'
  if (zone === 'utc') return 'UTC'
  const offset = -new Date(timestamp).getTimezoneOffset()
  if (offset === 0) return 'UTC'
  const minutes = Math.abs(offset) % 60
  const hours = Math.floor(Math.abs(offset) / 60)
  return `UTC${offset < 0 ? '-' : '+'}${hours}${minutes === 0 ? '' : `:${pad(minutes)}`}`
}

function isShowable(timestamp: number): boolean {
  return Number.isFinite(timestamp) && Math.abs(timestamp) <= 8_640_000_000_000_000
}

/** "2026-03-01 14:03:21.123 UTC+1", or the bare milliseconds in zone `epoch`. */
export function formatTimestamp(timestamp: number, zone: TimeZone): string {
  if (!isShowable(timestamp)) return '–'
  if (zone === 'epoch') return String(Math.round(timestamp))
  const { date, clock, milliseconds } = partsOf(timestamp, zone)
  return `${date} ${clock}.${milliseconds} ${zoneLabel(zone, timestamp)}`
}

/** The time of day alone, to the millisecond when asked: "14:03:21.123". In zone `epoch` all of it. */
export function formatClock(timestamp: number, zone: TimeZone, withMilliseconds = false): string {
  if (!isShowable(timestamp)) return '–'
  if (zone === 'epoch') return String(Math.round(timestamp))
  const { clock, milliseconds } = partsOf(timestamp, zone)
  return withMilliseconds ? `${clock}.${milliseconds}` : clock
}

/** "2026-03-01"; empty in zone `epoch`, where the number says it all. */
export function formatDate(timestamp: number, zone: TimeZone): string {
  return zone === 'epoch' || !isShowable(timestamp) ? '' : partsOf(timestamp, zone).date
}
