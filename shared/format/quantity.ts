const SIZE_UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] as const
const SECOND_MS = 1_000
const MINUTE_MS = 60 * SECOND_MS
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

const grouped = new Intl.NumberFormat('en', { maximumFractionDigits: 0 })

/** `4210` reads "4,210". Anything that is no finite number reads "–". */
export function formatCount(count: number): string {
  return Number.isFinite(count) ? grouped.format(count) : '–'
}

/** Three significant digits at most, without a trailing zero: 4.2, 17, 812. */
function compact(value: number): string {
  return value >= 99.95 ? String(Math.round(value)) : String(Math.round(value * 10) / 10)
}

/** Decimal units, as disks are sold: `4_200_000` reads "4.2 MB". */
export function formatSize(bytes: number): string {
  if (!Number.isFinite(bytes)) return '–'
  let value = Math.abs(bytes)
  let unit = 0
  while (unit < SIZE_UNITS.length - 1 && Math.round(value * 10) / 10 >= 1_000) {
    value /= 1_000
    unit += 1
  }
  const number = unit === 0 ? String(Math.round(value)) : compact(value)
  return `${bytes < 0 ? '-' : ''}${number} ${SIZE_UNITS[unit]}`
}

/** "12.4 msg/s"; rates too slow to show a second at a time are told by the minute or the hour. */
export function formatRate(perSecond: number): string {
  if (!Number.isFinite(perSecond)) return '–'
  if (perSecond === 0) return '0 msg/s'
  if (perSecond >= 0.1) return `${perSecond >= 1_000 ? formatCount(perSecond) : compact(perSecond)} msg/s`
  if (perSecond * 60 >= 0.1) return `${compact(perSecond * 60)} msg/min`
  return `${compact(perSecond * 3_600)} msg/h`
}

function pair(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`
}

/** The two largest units that say something: "420 ms", "12 s", "3 m 20 s", "5 h 12 m", "3 d 4 h". */
export function formatDuration(durationMs: number): string {
  if (!Number.isFinite(durationMs)) return '–'
  if (durationMs < 0) return `-${formatDuration(-durationMs)}`
  if (durationMs < SECOND_MS) return `${Math.floor(durationMs)} ms`
  if (durationMs < MINUTE_MS) return `${Math.floor(durationMs / SECOND_MS)} s`
  if (durationMs < HOUR_MS) {
    return pair(
      Math.floor(durationMs / MINUTE_MS),
      'm',
      Math.floor((durationMs % MINUTE_MS) / SECOND_MS),
      's',
    )
  }
  if (durationMs < DAY_MS) {
    return pair(Math.floor(durationMs / HOUR_MS), 'h', Math.floor((durationMs % HOUR_MS) / MINUTE_MS), 'm')
  }
  return pair(Math.floor(durationMs / DAY_MS), 'd', Math.floor((durationMs % DAY_MS) / HOUR_MS), 'h')
}
