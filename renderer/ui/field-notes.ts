import type { FieldKind } from '../../shared/chart.ts'
import { fieldKeys } from '../../shared/field-path.ts'

/** What a field holds, in a word. */
export const FIELD_TYPE_WORDS: Record<FieldKind, string> = {
  number: 'number',
  boolean: 'switch',
  text: 'text',
}

/** What is known of a field beside its values. */
export interface FieldNote {
  title: string | null
  unit: string | null
  description: string | null
}

/** Schemas come from strangers: texts longer than this are cut, and no path leads deeper than its own keys. */
const MAX_TEXT_LENGTH = 200

/** Endings of field names that tell the unit, where no schema does. */
const UNIT_ENDINGS: readonly [RegExp, string][] = [
  [/(bytes?persecond|bps)$/i, 'B/s'],
  [/bytes?$/i, 'B'],
  [/(percent|pct)$/i, '%'],
  [/(millis|milliseconds?|[a-z]Ms|_ms)$/, 'ms'],
  [/(seconds?|_s|[a-z]Sec)$/, 's'],
  [/(gwei)$/i, 'gwei'],
  [/(celsius)$/i, '°C'],
  [/(hertz|[a-z]Hz)$/, 'Hz'],
]

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value.slice(0, MAX_TEXT_LENGTH) : null
}

function childOf(node: unknown, key: string): unknown {
  if (typeof node !== 'object' || node === null) return undefined
  const schema = node as Record<string, unknown>
  const properties = schema.properties
  if (typeof properties === 'object' && properties !== null && Object.hasOwn(properties, key)) {
    return (properties as Record<string, unknown>)[key]
  }
  if (/^\d+$/.test(key) && schema.items !== undefined) return schema.items
  // A value that may be missing is published as one of two shapes.
  for (const shape of Array.isArray(schema.anyOf) ? schema.anyOf.slice(0, 8) : []) {
    const found = childOf(shape, key)
    if (found !== undefined) return found
  }
  return undefined
}

function unitByName(path: string): string | null {
  const keys = fieldKeys(path)
  const name = keys.findLast((key) => !/^\d+$/.test(key)) ?? ''
  return UNIT_ENDINGS.find(([ending]) => ending.test(name))?.[1] ?? null
}

/** Title, unit and description of a field by the stream's JSON schema, else the unit its name tells. */
export function noteOfField(schema: unknown, path: string): FieldNote {
  let node: unknown = schema
  for (const key of fieldKeys(path)) node = childOf(node, key)
  const found = typeof node === 'object' && node !== null ? (node as Record<string, unknown>) : {}
  return {
    title: textOf(found.title),
    unit: textOf(found.unit) ?? unitByName(path),
    description: textOf(found.description),
  }
}

/** Position of each field as the schema's author wrote them; fields it does not know come last. */
export function schemaOrder(schema: unknown, path: string): number[] {
  const order: number[] = []
  let node: unknown = schema
  for (const key of fieldKeys(path)) {
    const properties = (node as { properties?: unknown } | undefined)?.properties
    const index =
      typeof properties === 'object' && properties !== null
        ? Object.keys(properties).indexOf(key)
        : Number(key)
    order.push(index === -1 || Number.isNaN(index) ? Number.MAX_SAFE_INTEGER : index)
    node = childOf(node, key)
  }
  return order
}
