import { clockStanding } from '../../../shared/clock-standing.ts'
import { type FieldCondition, meetsCondition } from '../../../shared/message-filter.ts'
import type { StoredMark } from '../../../shared/message-mark.ts'
import { createSchemaJudge, type SchemaJudge } from '../../../shared/schema-judge.ts'
import type { ReadRow } from './read-row.ts'

/** What is looked for in messages beyond what the store selects by itself. */
export interface RowFilter {
  /** Anywhere in content, publisher, chain or digest; upper and lower case are the same. */
  text?: string | undefined
  /** All of them hold. */
  conditions?: readonly FieldCondition[] | undefined
  /** It has one of the stored marks, or its content is not what the schema allows; null allows everything. */
  marks?: { stored: readonly StoredMark[]; schema: object | null } | undefined
}

/** Whether a filter lets everything pass. */
export function isOpenFilter({ text, conditions, marks }: RowFilter): boolean {
  return (text ?? '').trim() === '' && (conditions ?? []).length === 0 && marks === undefined
}

/** Judges row by row; the cheap tests come first. */
export function createRowFilter({ text, conditions = [], marks }: RowFilter): (row: ReadRow) => boolean {
  const wanted = (text ?? '').trim().toLowerCase()
  const judge = marks?.schema == null ? null : createSchemaJudge(marks.schema)
  return (row) => {
    if (wanted !== '' && !holdsText(row, wanted)) return false
    if (marks !== undefined && !hasMark(row, marks.stored, judge)) return false
    if (conditions.length === 0) return true
    return row.isJson && conditions.every((condition) => meetsCondition(row.value, condition))
  }
}

function hasMark(row: ReadRow, stored: readonly StoredMark[], judge: SchemaJudge | null): boolean {
  const { id, equivocation, receivedAt, source } = row.message
  if (equivocation && stored.includes('equivocation')) return true
  const isClockAsked = stored.includes('clock')
  if (isClockAsked && clockStanding(id.timestamp, receivedAt, source) !== 'in-bounds') return true
  return judge !== null && row.isJson && judge.problemOf(row.value) !== undefined
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
