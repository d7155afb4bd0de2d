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

function formatSeconds(seconds: number, unit: 'ms' | 's'): string {
  const size = Math.abs(seconds)
  if (size === 0) return `0 ${unit}`
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
