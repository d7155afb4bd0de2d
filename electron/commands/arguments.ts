import { InvalidArgumentError } from 'commander'

/** Readers of what is typed behind an option. */
export function wholeNumber(text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value) || value < 0) throw new InvalidArgumentError('a whole number is expected')
  return value
}

/** Milliseconds since the epoch, or a date and time as ISO 8601. */
export function pointInTime(text: string): number {
  const value = /^\d+$/.test(text) ? Number(text) : Date.parse(text)
  if (!Number.isFinite(value)) {
    throw new InvalidArgumentError(
      'a time is expected: milliseconds since the epoch, or ISO 8601 such as 2026-01-31T12:00:00Z',
    )
  }
  return value
}
