import type { MessageRow } from '../../../shared/message.ts'

const texts = new WeakMap<MessageRow, string>()

/** Everything of a row that a search looks through, in lower case. */
function textOf(row: MessageRow): string {
  const known = texts.get(row)
  if (known !== undefined) return known
  const content = typeof row.content === 'string' ? row.content : JSON.stringify(row.content)
  const text = `${content ?? ''} ${row.id.publisher} ${row.id.chain} ${row.digest}`.toLowerCase()
  texts.set(row, text)
  return text
}

/** Rows that hold the text anywhere in their content, publisher, chain or digest. */
export function matchRows(rows: readonly MessageRow[], text: string): readonly MessageRow[] {
  const wanted = text.trim().toLowerCase()
  return wanted === '' ? rows : rows.filter((row) => textOf(row).includes(wanted))
}
