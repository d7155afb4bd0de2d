import { type FieldCondition, meetsCondition } from '../../../shared/message-filter.ts'
import type { ReadRow } from './read-row.ts'

/** What is looked for in messages beyond what the store selects by itself. */
export interface RowFilter {
  /** Anywhere in content, publisher, chain or digest; upper and lower case are the same. */
  text?: string | undefined
  /** All of them hold. */
  conditions?: readonly FieldCondition[] | undefined
}

/** Whether a filter lets everything pass. */
export function isOpenFilter({ text, conditions }: RowFilter): boolean {
  return (text ?? '').trim() === '' && (conditions ?? []).length === 0
}

/** Judges row by row; the cheap tests come first. */
export function createRowFilter({ text, conditions = [] }: RowFilter): (row: ReadRow) => boolean {
  const wanted = (text ?? '').trim().toLowerCase()
  return (row) => {
    if (wanted !== '' && !holdsText(row, wanted)) return false
    if (conditions.length === 0) return true
    return row.isJson && conditions.every((condition) => meetsCondition(row.value, condition))
  }
}

function holdsText(row: ReadRow, wanted: string): boolean {
  const { publisher, chain } = row.id
  if (publisher.includes(wanted) || chain.toLowerCase().includes(wanted)) return true
  const { text } = row
  if (text?.toLowerCase().includes(wanted) === true) return true
  // JSON may write any character by its number: then it is compared as it is shown.
  if (text?.includes('\\') === true && row.isJson) {
    if (JSON.stringify(row.value).toLowerCase().includes(wanted)) return true
  }
  return /^[0-9a-f]+$/.test(wanted) && row.digest.includes(wanted)
}
