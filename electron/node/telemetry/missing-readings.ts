import type { MissingReadings } from '../../../shared/sources.ts'

/** What a sample lacks, as it says itself; null when it lacks nothing. */
export function missingReadings(sample: object): MissingReadings | null {
  const { unavailable, ...readings } = sample as { unavailable?: Record<string, string> }
  const words = Object.values(unavailable ?? {})
  if (words.length === 0) return null
  return { count: words.length, reasons: [...new Set(words)].sort(), isEverything: !hasReading(readings) }
}

function hasReading(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return value !== null && value !== undefined
  return Object.values(value).some(hasReading)
}
