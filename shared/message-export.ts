/** Files that messages are exported to, and what is said of them. */
import type { FieldKind } from './chart.ts'
import type { FieldCondition } from './message-filter.ts'
import type { MessageMark } from './message-mark.ts'
import type { Verdict } from './verdict.ts'

export const EXPORT_FORMATS = ['csv', 'jsonl', 'parquet'] as const
export type ExportFormat = (typeof EXPORT_FORMATS)[number]

export const EXPORT_FORMAT_WORDS: Readonly<Record<ExportFormat, string>> = {
  csv: 'CSV',
  jsonl: 'JSON lines',
  parquet: 'Parquet',
}

export const EXPORT_MEDIA_TYPES: Readonly<Record<ExportFormat, string>> = {
  csv: 'text/csv; charset=utf-8; header=present',
  jsonl: 'application/x-ndjson; charset=utf-8',
  parquet: 'application/vnd.apache.parquet',
}

/** A field as a column of the file, with the type its values have as far as the store knows. */
export interface ExportColumn {
  path: string
  kind: FieldKind
}

/** What a file holds and where it comes from: enough to ask the same again, of this node or another. */
export interface ExportCitation {
  /** Version of this form. */
  citation: 1
  stream: string
  partition: number
  /** Both included, ms since the epoch. */
  from: number
  to: number
  order: 'ascending' | 'descending'
  filters: {
    publisher: string | null
    verdicts: readonly Verdict[]
    marks: readonly MessageMark[]
    text: string | null
    conditions: readonly FieldCondition[]
  }
  /** Fields that are columns; null where each row has its whole content. */
  columns: readonly string[] | null
  format: ExportFormat
  node: { address: string; version: string; environment: string; chainId: number }
  exportedAt: number
  /** Remote logs under which the stream is published, with the page their name named at the time. */
  remoteLogs: readonly { name: string; keeper: string; head: string | null }[]
}

/** What an export came to, beside what it cites; `sha256` is of the file's bytes. */
export interface ExportOutcome {
  rows: number
  scanned: number
  sizeBytes: number
  sha256: string
  /** Values that did not have the type of their column; Parquet keeps them in the column `unfit`. */
  unfit: number
}

export interface ExportProgress {
  id: string
  fileName: string
  state: 'waiting' | 'running' | 'done' | 'failed' | 'cancelled'
  rows: number
  scanned: number
  /** Messages there are to scan, as the store counts them; null where it cannot say. */
  total: number | null
  sizeBytes: number
  /** Why it failed, and what to do. */
  error: { message: string; remedy: string } | null
  citation: ExportCitation
  outcome: ExportOutcome | null
}
