import { formatSize } from '../../../shared/format/quantity.ts'

const SI = [
  { limit: 1e12, symbol: 'T' },
  { limit: 1e9, symbol: 'G' },
  { limit: 1e6, symbol: 'M' },
  { limit: 1e3, symbol: 'k' },
] as const

/** Seven characters at most, without a trailing zero: 0.0042, 3.1, 812, 12.4 k, 1.2e+18. */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return '–'
  const size = Math.abs(value)
  if (size === 0) return '0'
  if (size >= 1e15 || size < 1e-4) return value.toExponential(1)
  if (size >= 10_000) {
    const prefix = SI.find(({ limit }) => size >= limit)
    if (prefix !== undefined) return `${trim(value / prefix.limit, 1)} ${prefix.symbol}`
  }
  return trim(value, size >= 100 ? 1 : size >= 1 ? 2 : 4)
}

function trim(value: number, decimals: number): string {
  const scale = 10 ** decimals
  return String(Math.round(value * scale) / scale)
}

/** Seconds since the epoch from 2001 to 2128: as a duration they would be more than thirty years. */
const LEAST_MOMENT_S = 1e9
const MOST_MOMENT_S = 5e9

/** A duration; what can only be a moment, such as the time of a block, is told as one, in UTC. */
function formatSeconds(seconds: number, unit: 'ms' | 's'): string {
  const size = Math.abs(seconds)
  if (size === 0) return `0 ${unit}`
  if (seconds >= LEAST_MOMENT_S && seconds < MOST_MOMENT_S)
    return new Date(seconds * 1_000).toISOString().replace('T', ' ').replace('.000Z', 'Z')
  if (size < 1e-3) return `${formatNumber(seconds * 1e6)} µs`
  if (size < 1) return `${formatNumber(seconds * 1e3)} ms`
  if (size < 120) return `${formatNumber(seconds)} s`
  if (size < 7_200) return `${formatNumber(seconds / 60)} min`
  return `${formatNumber(seconds / 3_600)} h`
}

/** A value with its unit, scaled where the unit is scaled: `B`, `B/s`, `ms`, `s`, `%`; others stand behind. */
export function formatValue(value: number, unit: string | null): string {
  if (!Number.isFinite(value)) return '–'
  switch (unit) {
    case null:
    case '1':
    case '':
      return formatNumber(value)
    case '%':
      return `${formatNumber(value)}%`
    case 'B':
      return formatSize(value)
    case 'B/s':
      return `${formatSize(value)}/s`
    case 'ms':
      return formatSeconds(value / 1_000, unit)
    case 's':
      return formatSeconds(value, unit)
    default:
      return `${formatNumber(value)} ${unit}`
  }
}

const MAX_DIGITS = 12
const inFull = new Intl.NumberFormat('en', { maximumSignificantDigits: MAX_DIGITS })

/** As `formatValue`, with all its digits where it has a unit that is not scaled, or none: 123,456,789 gwei. */
export function formatExact(value: number, unit: string | null): string {
  const size = Math.abs(value)
  const isReadable = size >= 1e-4 && size < 1e15
  if (!isReadable || ['B', 'B/s', 'ms', 's'].includes(unit ?? '')) return formatValue(value, unit)
  const suffix = unit === null || unit === '' || unit === '1' ? '' : unit === '%' ? '%' : ` ${unit}`
  return `${inFull.format(value)}${suffix}`
}

/** Counts up to this are read digit by digit: heights, times, ids. */
const MAX_COUNTED = 1e13

/** As `formatValue`; counts in full: of the height of a chain the last digits are what changes. */
export function formatReading(value: number, unit: string | null): string {
  return Number.isSafeInteger(value) && Math.abs(value) < MAX_COUNTED
    ? formatExact(value, unit)
    : formatValue(value, unit)
}

/** Prefixes by thousands, for the labels of one axis, which all share one. */
function prefixFor(largest: number): { divisor: number; symbol: string } {
  // Up to 10,000 a number is read as it is.
  const prefix = largest < 10_000 ? undefined : SI.find(({ limit }) => largest >= limit)
  return prefix === undefined ? { divisor: 1, symbol: '' } : { divisor: prefix.limit, symbol: prefix.symbol }
}

const MAX_AXIS_DECIMALS = 6

/** Labels of a value axis: as many decimals as tell one line of the grid from the next, and the same for all. */
export function axisLabels(step: number, largest: number, unit: string | null): (value: number) => string {
  const decimalsOf = (distance: number) =>
    Math.min(MAX_AXIS_DECIMALS, Math.max(0, Math.ceil(-Math.log10(distance) - 1e-9)))
  // Sizes are told in whole bytes; lines that stand closer would all be told the same.
  const isFine = (unit === 'B' || unit === 'B/s') && step < 10 && !Number.isInteger(step) && step >= 1e-6
  if (isFine) return (value) => `${value.toFixed(Math.max(1, decimalsOf(step)))} ${unit}`
  if (unit === 'B' || unit === 'B/s' || unit === 'ms' || unit === 's')
    return (value) => formatValue(value, unit)
  if (largest >= 1e15 || step < 1e-6) return (value) => formatValue(value, unit)
  const { divisor, symbol } = prefixFor(largest)
  // 2.5 and 0.25 need a digit more than their power of ten.
  const scaled = step / divisor
  const isHalf = Math.abs(scaled / 10 ** Math.floor(Math.log10(scaled)) - 2.5) < 1e-6
  const decimals = decimalsOf(10 ** Math.floor(Math.log10(scaled))) + (isHalf && scaled < 10 ? 1 : 0)
  // Other units stand beside the title of the panel: here they would push the numbers out.
  const suffix = unit === '%' ? '%' : ''
  return (value) => `${(value / divisor).toFixed(decimals)}${symbol === '' ? '' : ` ${symbol}`}${suffix}`
}

/** Units that stand behind every number; the others are told once for a panel. */
const SCALED_UNITS: readonly (string | null)[] = ['%', 'B', 'B/s', 'ms', 's', '1', '', null]

/** What a panel says of its unit beside its title; null where each number says it. */
export function panelUnit(unit: string | null): string | null {
  return SCALED_UNITS.includes(unit) ? null : unit
}
