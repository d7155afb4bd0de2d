import type { AuditBody } from '../../../shared/audit-report.ts'

const COLUMNS = [
  'publisher',
  'messages',
  'bytes',
  'messageShare',
  'byteShare',
  'firstTimestamp',
  'lastTimestamp',
  'activeIntervals',
  'intervals',
  'longestSilenceMs',
  'chains',
  'gaps',
] as const

/** Contributions as CSV (RFC 4180). Every value is a number or hex, so that none needs quotes or starts a formula. */
export function contributionsCsv({ publishers }: Pick<AuditBody, 'publishers'>): string {
  const lines = publishers.map((row) => COLUMNS.map((column) => String(row[column])).join(','))
  return `${[COLUMNS.join(','), ...lines].join('\r\n')}\r\n`
}
