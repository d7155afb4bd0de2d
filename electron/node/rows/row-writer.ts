import type { ExportColumn, ExportFormat } from '../../../shared/message-export.ts'
import { createCsvWriter } from './csv-writer.ts'
import { createJsonLinesWriter } from './json-lines-writer.ts'
import { createParquetWriter } from './parquet-writer.ts'
import type { ReadRow } from './read-row.ts'

/** Writes one file, piece by piece. What it answers is ready to go out; it keeps no more than one row group. */
export interface RowWriter {
  begin(): Uint8Array
  write(rows: readonly ReadRow[]): Uint8Array
  end(facts: Readonly<Record<string, string>>): Uint8Array
  /** Values so far that did not have the type of their column. */
  readonly unfit: number
}

export interface RowWriterOptions {
  format: ExportFormat
  /** Fields as columns; null for the whole content. */
  columns: readonly ExportColumn[] | null
  /** What the file says of itself where its format has a place for it. */
  facts: Readonly<Record<string, string>>
}

export function createRowWriter({ format, columns, facts }: RowWriterOptions): RowWriter {
  switch (format) {
    case 'csv':
      return createCsvWriter(columns)
    case 'jsonl':
      return createJsonLinesWriter(columns)
    case 'parquet':
      return createParquetWriter(columns, facts)
  }
}
