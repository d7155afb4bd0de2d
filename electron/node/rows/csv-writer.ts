import { fieldValue } from '../../../shared/field-path.ts'
import { toInertText } from '../../../shared/format/inert-text.ts'
import type { ExportColumn } from '../../../shared/message-export.ts'
import type { ReadRow } from './read-row.ts'
import type { RowWriter } from './row-writer.ts'

const FIRST_COLUMNS = ['time', 'timestamp_ms', 'sequence', 'publisher', 'chain', 'verdict', 'reason'] as const
const LAST_COLUMNS = ['equivocation', 'encrypted', 'size_bytes', 'received_ms', 'source', 'digest'] as const

const NOTHING = new Uint8Array(0)

/** A cell by RFC 4180: in quotes where it holds a comma, a quote or a line break. */
function cell(text: string): string {
  return /[",\r\n;\t|]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** Numbers and truth values stand as they are; every text is made inert first. */
function valueCell(value: unknown): string {
  if (value === undefined) return ''
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  return cell(toInertText(typeof value === 'string' ? value : JSON.stringify(value)))
}

/** CSV after RFC 4180 (comma, CRLF, a header), with every text inert to spreadsheets. */
export function createCsvWriter(columns: readonly ExportColumn[] | null): RowWriter {
  const contentNames = columns === null ? ['content'] : columns.map(({ path }) => `content.${path}`)
  const header = [...FIRST_COLUMNS, ...contentNames, ...LAST_COLUMNS].map((name) => cell(toInertText(name)))

  function line(row: ReadRow): string {
    const { id, message } = row
    const cells = [
      timeCell(id.timestamp),
      String(id.timestamp),
      String(id.sequence),
      valueCell(id.publisher),
      valueCell(id.chain),
      message.verdict,
      message.reason,
      ...(columns === null
        ? [valueCell(row.text ?? undefined)]
        : columns.map(({ path }) => valueCell(fieldValue(row.value, path)))),
      String(message.equivocation),
      String(message.encrypted),
      String(message.raw.length),
      String(message.receivedAt),
      valueCell(message.source),
      row.digest,
    ]
    return `${cells.join(',')}\r\n`
  }

  return {
    unfit: 0,
    begin: () => Buffer.from(`${header.join(',')}\r\n`),
    write: (rows) => (rows.length === 0 ? NOTHING : Buffer.from(rows.map(line).join(''))),
    end: () => NOTHING,
  }
}

/** Years beyond 9999 begin with a sign in ISO 8601. */
function timeCell(timestamp: number): string {
  return toInertText(new Date(timestamp).toISOString())
}
