import { toInertText } from '../../../shared/format/inert-text.ts'
import type { MessageRow } from '../../../shared/message.ts'
import { contentPreview, type FieldColumn } from './columns.ts'

/**
 * Rows as they are shown, as text with tabs: what a spreadsheet takes from the clipboard. Texts are inert there, and
 * hold no tab or line break of their own.
 */
export function rowsAsText(rows: readonly MessageRow[], columns: readonly FieldColumn[]): string {
  const heads = ['time', 'publisher', 'sequence', 'verdict', 'size']
  const names = columns.length === 0 ? ['content'] : columns.map(({ label }) => label)
  const lines = rows.map((row) => {
    const contents = columns.length === 0 ? [contentPreview(row)] : columns.map((column) => column.text(row))
    const { timestamp, publisher, sequence } = row.id
    return [
      new Date(timestamp).toISOString(),
      publisher,
      String(sequence),
      row.verdict,
      String(row.sizeBytes),
      ...contents,
    ]
  })
  return [[...heads, ...names], ...lines].map((cells) => cells.map(cell).join('\t')).join('\n')
}

function cell(text: string): string {
  return toInertText(text.replace(/[\t\r\n]+/g, ' '))
}
