import { MAX_SCHEMA_DEPTH, MAX_SCHEMA_LENGTH, MAX_SCHEMA_NODES } from './limits.ts'

/** Expressions are run by the engine's backtracking matcher: one could hold up everything for hours. */
const REFUSED_KEYWORDS = new Set(['pattern', 'patternProperties'])
/** Recursion through references has no bound of its own, and remote ones would ask strangers. */
const REFERENCES = new Set(['$ref', '$dynamicRef', '$recursiveRef', '$id', '$anchor', '$dynamicAnchor'])
/** Keywords whose members are names of somebody's choice, not keywords. */
const NAMED = new Set(['properties', '$defs', 'definitions', 'dependentSchemas', 'dependentRequired'])
/** Keywords whose value is data. */
const DATA = new Set(['const', 'enum', 'default', 'examples'])

/** Why a JSON Schema is not taken, as the end of a sentence; undefined when it is. */
export function schemaProblem(schema: unknown): string | undefined {
  const walk = { nodes: 0 }
  const problem = problemOf(schema, 1, walk, false)
  if (problem !== undefined) return problem
  return JSON.stringify(schema).length > MAX_SCHEMA_LENGTH
    ? `the schema is longer than ${MAX_SCHEMA_LENGTH} characters`
    : undefined
}

function problemOf(
  value: unknown,
  depth: number,
  walk: { nodes: number },
  isNamed: boolean,
): string | undefined {
  walk.nodes += 1
  if (walk.nodes > MAX_SCHEMA_NODES) return `the schema has more than ${MAX_SCHEMA_NODES} parts`
  if (depth > MAX_SCHEMA_DEPTH) return `the schema is nested deeper than ${MAX_SCHEMA_DEPTH}`
  if (typeof value !== 'object' || value === null) return undefined
  for (const [key, child] of Object.entries(value)) {
    if (!isNamed && !Array.isArray(value)) {
      if (REFUSED_KEYWORDS.has(key)) return `the keyword "${key}" is not supported: matching it has no bound`
      if (REFERENCES.has(key)) return `the keyword "${key}" is not supported: write the schema out`
      if (key === 'uniqueItems') return 'the keyword "uniqueItems" is not supported: its cost has no bound'
      if (DATA.has(key)) {
        const tooMuch = problemOf(child, depth + 1, walk, true)
        if (tooMuch !== undefined) return tooMuch
        continue
      }
    }
    const isNext = !isNamed && !Array.isArray(value) && NAMED.has(key)
    const problem = problemOf(child, depth + 1, walk, isNext)
    if (problem !== undefined) return problem
  }
  return undefined
}

/** A format is an annotation, as the draft has it: checking one would run expressions over hostile text. */
export function withoutFormats(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(withoutFormats)
  if (typeof schema !== 'object' || schema === null) return schema
  return Object.fromEntries(
    Object.entries(schema)
      .filter(([key, value]) => key !== 'format' || typeof value !== 'string')
      .map(([key, value]) => [key, withoutFormats(value)]),
  )
}
