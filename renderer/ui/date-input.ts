import type { TimeZone } from '../../shared/format/time.ts'

/** A time as an `<input type="datetime-local">` has it, in the zone chosen; bare milliseconds in zone `epoch`. */
export function toInputValue(timestamp: number, zone: TimeZone): string {
  if (zone === 'epoch') return String(Math.round(timestamp))
  const offsetMs = zone === 'local' ? new Date(timestamp).getTimezoneOffset() * 60_000 : 0
  return new Date(timestamp - offsetMs).toISOString().slice(0, 19)
}

/** The time in an input, ms since the epoch; null when it is not one. */
export function fromInputValue(value: string, zone: TimeZone): number | null {
  if (zone === 'epoch') return /^\d{1,16}$/.test(value.trim()) ? Number(value) : null
  if (!/^\d{4,6}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?$/.test(value)) return null
  const time = Date.parse(zone === 'utc' ? `${value}Z` : value)
  return Number.isNaN(time) || time < 0 ? null : time
}
