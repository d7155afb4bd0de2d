import { parseStreamPartId } from '../../shared/message.ts'
import type { MessageMark, StoredMark } from '../../shared/message-mark.ts'
import { schemaProblem } from '../../shared/rules/json-schema-bounds.ts'
import type { RowFilter } from './rows/row-filter.ts'

/** How messages with one of some marks are found. */
export interface MarkSelection {
  /** By the store itself. */
  stored: readonly StoredMark[]
  /** By reading what it selects. */
  filter: Pick<RowFilter, 'marks'>
}

/** The schema of a stream as its owner wrote it; undefined without one. */
export type SchemaOf = (streamId: string) => Promise<unknown>

/** The store knows its own marks; whether a content is what the schema allows is found by reading it. */
export async function selectByMarks(
  part: string,
  marks: readonly MessageMark[] = [],
  schemaOf: SchemaOf,
): Promise<MarkSelection> {
  const stored = marks.filter((mark) => mark !== 'schema')
  if (stored.length === marks.length) return { stored, filter: {} }
  const schema = await schemaOf(parseStreamPartId(part).streamId)
  // Nothing breaks a schema that is not there, or that nobody can hold anything to.
  const isUsable = typeof schema === 'object' && schema !== null && schemaProblem(schema) === undefined
  return { stored: [], filter: { marks: { stored, schema: isUsable ? schema : null } } }
}
