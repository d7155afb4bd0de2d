import type { FieldValue } from '../ports.ts'
import { type OpaqueReason, parseJsonContent } from './json-content.ts'
import {
  MAX_FIELD_ARRAY_LENGTH,
  MAX_FIELD_DEPTH,
  MAX_FIELD_PATH_LENGTH,
  MAX_FIELD_TEXT_LENGTH,
  MAX_FIELDS_PER_MESSAGE,
} from './limits.ts'

/** The fields of one content, or why it has none. */
export interface FoundFields {
  /** Leaves in document order, each path once. Numbers are finite unless the bounds say otherwise. */
  fields: FieldValue[]
  /** Values that are there but beyond a bound: too many, too deep, too long, or not finite. */
  omitted: number
  /** Set when the content could not be read as JSON; then there are no fields. */
  opaque: OpaqueReason | undefined
}

/** Which values count as fields, where the bounds of charts are not the right ones. */
export interface FieldBounds {
  /** Longest path and longest text, in UTF-16 units. */
  maxPathLength: number
  maxTextLength: number
  /** Whether numbers too large for a double, which read as infinite, are given and not only counted. */
  withInfinite: boolean
}

const CHART_BOUNDS: FieldBounds = {
  maxPathLength: MAX_FIELD_PATH_LENGTH,
  maxTextLength: MAX_FIELD_TEXT_LENGTH,
  withInfinite: false,
}

/** Path of content that is a single number, boolean or text and so has no key. */
export const ROOT_PATH = '$'

/**
 * Finds the leaves of JSON content as (path, value). A path joins keys and array indices with dots; a dot or
 * backslash within a key is escaped with a backslash, so `{"a.b": 1}` has the path `a\.b` and never collides
 * with `{"a": {"b": 1}}`. `null` is no value. Hostile keys such as `__proto__` are text like any other: nothing
 * is ever looked up or assigned by them.
 *
 * Never throws; the bounds are those of `limits.ts`.
 */
export function findFields(content: Uint8Array, bounds: FieldBounds = CHART_BOUNDS): FoundFields {
  const { value, opaque } = parseJsonContent(content)
  const found: Finding = { fields: [], omitted: 0, opaque, bounds }
  if (opaque !== undefined) return told(found)
  if (typeof value === 'object') addChildren(found, value, '', 1)
  else addLeaf(found, ROOT_PATH, value)
  return told(found)
}

interface Finding extends FoundFields {
  bounds: FieldBounds
}

function told({ fields, omitted, opaque }: Finding): FoundFields {
  return { fields, omitted, opaque }
}

function addChildren(found: Finding, node: object | null, prefix: string, depth: number): void {
  if (node === null) return
  if (depth > MAX_FIELD_DEPTH) {
    found.omitted += 1
    return
  }
  if (Array.isArray(node)) {
    const length = Math.min(node.length, MAX_FIELD_ARRAY_LENGTH)
    found.omitted += node.length - length
    for (let i = 0; i < length; i++) addValue(found, `${prefix}${i}`, node[i], depth)
    return
  }
  for (const key of Object.keys(node)) {
    addValue(found, prefix + escapeKey(key), (node as Record<string, unknown>)[key], depth)
  }
}

function addValue(found: Finding, path: string, value: unknown, depth: number): void {
  if (typeof value === 'object') addChildren(found, value, `${path}.`, depth + 1)
  else addLeaf(found, path, value)
}

function addLeaf(found: Finding, path: string, value: unknown): void {
  const hasRoom = found.fields.length < MAX_FIELDS_PER_MESSAGE && path.length <= found.bounds.maxPathLength
  if (hasRoom && isFieldValue(value, found.bounds)) found.fields.push([path, value])
  else found.omitted += 1
}

function isFieldValue(value: unknown, bounds: FieldBounds): value is FieldValue[1] {
  if (typeof value === 'number') return bounds.withInfinite || Number.isFinite(value)
  if (typeof value === 'string') return value.length <= bounds.maxTextLength
  return typeof value === 'boolean'
}

function escapeKey(key: string): string {
  return key.includes('.') || key.includes('\\') ? key.replace(/[.\\]/g, '\\$&') : key
}
