import { fieldValue } from '../../../shared/field-path.ts'
import type { ExportColumn } from '../../../shared/message-export.ts'
import type { ReadRow } from './read-row.ts'
import type { RowWriter } from './row-writer.ts'

/** One JSON object a line. Content that is JSON stands as it was published, so that no digit of a number is lost. */
export function createJsonLinesWriter(columns: readonly ExportColumn[] | null): RowWriter {
  return {
    unfit: 0,
    begin: () => new Uint8Array(0),
    write: (rows) => Buffer.from(rows.map((row) => lineOf(row, columns)).join('')),
    end: () => new Uint8Array(0),
  }
}

function lineOf(row: ReadRow, columns: readonly ExportColumn[] | null): string {
  const { id, message } = row
  const { streamId, partition, timestamp, sequence, publisher, chain } = id
  const head = JSON.stringify({
    messageId: { streamId, partition, timestamp, sequence, publisher, chain },
    publisher,
  })
  const tail = JSON.stringify({
    verdict: message.verdict,
    reason: message.reason,
    equivocation: message.equivocation,
    encrypted: message.encrypted,
    sizeBytes: message.raw.length,
    receivedAt: message.receivedAt,
    source: message.source,
    digest: row.digest,
  })
  const content = columns === null ? wholeContent(row) : `"fields":${JSON.stringify(fieldsOf(row, columns))}`
  return `${head.slice(0, -1)},${content},${tail.slice(1)}\n`
}

function wholeContent(row: ReadRow): string {
  const { text, contentKind } = row
  if (contentKind === 'json' && text !== null) return `"content":${text}`
  return `"content":${JSON.stringify(text)},"contentKind":"${contentKind}"`
}

/** Pairs become an object that has no prototype, so that a field may be called anything. */
function fieldsOf(row: ReadRow, columns: readonly ExportColumn[]): Record<string, unknown> {
  const fields: Record<string, unknown> = Object.create(null)
  for (const { path } of columns) {
    const value = fieldValue(row.value, path)
    if (value !== undefined) fields[path] = value
  }
  return fields
}
