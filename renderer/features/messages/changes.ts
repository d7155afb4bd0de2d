import { type Change, changesBetween } from '../../../shared/content-changes.ts'
import type { MessageRow } from '../../../shared/message.ts'

/** Changes from one row to the next of its publisher; null where contents cannot be compared leaf by leaf. */
export function changesOf(row: MessageRow, before: MessageRow): Change[] | null {
  const isWhole = (one: MessageRow) => one.contentKind === 'json' && !one.contentTruncated
  return isWhole(row) && isWhole(before) ? changesBetween(before.content, row.content) : null
}
