import type { ColumnType } from '../../../shared/sink.ts'
import { isStorable } from './column-names.ts'

export type Scalar = number | boolean | string
/** What `pg` is given for a column's value. */
export type Fitted = number | boolean | string

/** The type of column that a field gets by the first value that is seen of it. */
export function typeOfValue(value: Scalar): ColumnType {
  if (typeof value === 'number') return 'double precision'
  return typeof value === 'boolean' ? 'boolean' : 'text'
}

/** ISO 8601 to the millisecond, with a zone: without one a time would depend on who reads it. */
const INSTANT = /^(\d{4})-(\d{2})-(\d{2})[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(?:Z|[+-]\d{2}:?\d{2})$/
/** Largest number that `bigint` and a double both have. */
const MAX_WHOLE = Number.MAX_SAFE_INTEGER
const MAX_INSTANT_MS = 8_640_000_000_000_000

const FITTERS: Record<ColumnType, (value: Scalar) => Fitted | undefined> = {
  'double precision': (value) => (typeof value === 'number' && Number.isFinite(value) ? value : undefined),
  boolean: (value) => (typeof value === 'boolean' ? value : undefined),
  text: (value) => (typeof value === 'string' && isStorable(value) ? value : undefined),
  bigint: (value) =>
    typeof value === 'number' && Number.isInteger(value) && Math.abs(value) <= MAX_WHOLE ? value : undefined,
  timestamptz: (value) => {
    const at = typeof value === 'number' ? value : typeof value === 'string' ? readInstant(value) : Number.NaN
    return Number.isInteger(at) && at >= 0 && at <= MAX_INSTANT_MS ? instant(at) : undefined
  },
}

function readInstant(text: string): number {
  const [, year, month, day] = (INSTANT.exec(text) ?? []).map(Number)
  if (year === undefined || month === undefined || day === undefined) return Number.NaN
  // JavaScript takes a 31 February for a day of March.
  const isDay = new Date(Date.UTC(year, month - 1, day)).getUTCMonth() === month - 1
  return isDay ? Date.parse(text) : Number.NaN
}

/** The value as its column takes it; undefined when it does not fit without becoming another. */
export function fitValue(type: ColumnType, value: Scalar): Fitted | undefined {
  return FITTERS[type](value)
}

/** A value that fits no column, as JSON that `jsonb` takes; what has no form there is spelled out. */
export function restValue(value: Scalar): Scalar | { utf16: string } {
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value)
  if (typeof value === 'boolean' || isStorable(value)) return value
  return { utf16: Buffer.from(value, 'utf16le').swap16().toString('hex') }
}

/** A point in time as PostgreSQL reads it, exact to the millisecond; years beyond 9999 are written out. */
export function instant(ms: number): string {
  const text = new Date(ms).toISOString()
  return text.startsWith('+') ? text.slice(1).replace(/^0+/, '') : text
}
