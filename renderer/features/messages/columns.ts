import { fieldKeys, fieldValue } from '../../../shared/field-path.ts'
import type { MessageRow } from '../../../shared/message.ts'
import { formatValue } from '../../ui/chart/unit-format.ts'
import { noteOfField } from '../../ui/field-notes.ts'

/** More of a content than this is read in the inspector. */
const PREVIEW_LENGTH = 400

export interface FieldColumn {
  path: string
  label: string
  isNumeric: boolean
  text(row: MessageRow): string
}

/** A value as it stands in a cell. */
export function cellText(value: unknown, unit: string | null): string {
  if (value === undefined) return ''
  if (typeof value === 'number') return formatValue(value, unit)
  return typeof value === 'string'
    ? value.slice(0, PREVIEW_LENGTH)
    : (JSON.stringify(value) ?? '').slice(0, PREVIEW_LENGTH)
}

/** The content of a message in one line. */
export function contentPreview(row: MessageRow): string {
  const { content, contentKind } = row
  if (contentKind === 'encrypted') return 'encrypted'
  const text = typeof content === 'string' ? content : (JSON.stringify(content) ?? '')
  return contentKind === 'binary' ? `0x${text.slice(0, PREVIEW_LENGTH)}` : text.slice(0, PREVIEW_LENGTH)
}

export function fieldColumn(path: string, schema: unknown, isNumeric: boolean): FieldColumn {
  const { unit } = noteOfField(schema, path)
  return {
    path,
    label: fieldKeys(path).join('.'),
    isNumeric,
    text: (row) => cellText(fieldValue(row.content, path), unit),
  }
}
