import type { SchemaStanding } from '../../../shared/inspection.ts'
import { schemaProblem } from '../../../shared/rules/json-schema-bounds.ts'
import { createSchemaJudge } from '../../../shared/schema-judge.ts'
import { parseJsonContent } from '../message/json-content.ts'

/** @param content plain; undefined while it is closed */
export function schemaStanding(schema: unknown, content: Uint8Array | undefined): SchemaStanding {
  if (schema === undefined || schema === null) return { state: 'none', words: null }
  const problem = typeof schema === 'object' ? schemaProblem(schema) : 'it is none'
  if (problem !== undefined) return { state: 'open', words: `it cannot be checked here: ${problem}` }
  if (content === undefined) return { state: 'open', words: 'the content is encrypted' }
  const { value, opaque } = parseJsonContent(content)
  if (opaque !== undefined) return { state: 'open', words: 'the content is not read as JSON' }
  try {
    const found = createSchemaJudge(schema).problemOf(value)
    if (found === undefined) return { state: 'met', words: null }
    return { state: 'broken', words: `at ${found.place}, by “${found.keyword}”` }
  } catch {
    return { state: 'open', words: 'it cannot be interpreted' }
  }
}
