import type { FieldSummary } from '../../../shared/chart.ts'
import { fieldKeys } from '../../../shared/field-path.ts'
import { noteOfField, schemaOrder } from '../../ui/field-notes.ts'

export interface PanelSpec {
  id: string
  title: string
  unit: string | null
  fields: string[]
}

/** More panels than this are too small to read on a laptop. */
export const MAX_PANELS = 6
/** More lines than this are not told apart. */
export const MAX_FIELDS_PER_PANEL = 8

/** What changes from second to second is worth more of the first look than what is a total or an age. */
function interest(unit: string | null): number {
  if (unit === '%') return 0
  if (unit === 'ms' || unit?.endsWith('/s') === true) return 1
  return unit === 's' ? 3 : 2
}

/** "eventLoop" reads "Event loop". */
export function humanise(key: string): string {
  const words = key
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/[_-]+/g, ' ')
    .trim()
  const lower = /^[A-Z0-9 ]+$/.test(words) ? words : words.toLowerCase()
  return lower === '' ? key : lower.charAt(0).toUpperCase() + lower.slice(1)
}

const ACRONYMS = /^(cpu|gpu|ram|rpc|tps|io|id|p2p|api|gas)$/i

function titleOf(key: string): string {
  return ACRONYMS.test(key) ? key.toUpperCase() : humanise(key)
}

interface Group {
  key: string
  stem: string
  unit: string | null
  fields: FieldSummary[]
  order: number[]
}

function compareOrder(a: readonly number[], b: readonly number[]): number {
  for (let index = 0; index < Math.max(a.length, b.length); index += 1) {
    const difference = (a[index] ?? -1) - (b[index] ?? -1)
    if (difference !== 0) return difference
  }
  return 0
}

/** What a field belongs with: the branch of the content it stands on, or its name without a number at the end. */
function stemOf(path: string): string {
  const keys = fieldKeys(path)
  const first = keys[0] ?? path
  return keys.length > 1 ? first : first.replace(/[_-]?\d+$/, '') || first
}

function groupFields(fields: readonly FieldSummary[], schema: unknown): Group[] {
  const groups = new Map<string, Group>()
  for (const field of fields) {
    const { unit } = noteOfField(schema, field.path)
    const stem = stemOf(field.path)
    const key = `${stem} ${unit ?? ''}`
    const order = schemaOrder(schema, field.path)
    const group = groups.get(key) ?? { key, stem, unit, fields: [], order }
    if (compareOrder(order, group.order) < 0) group.order = order
    group.fields.push(field)
    groups.set(key, group)
  }
  return [...groups.values()]
    .flatMap(splitByMagnitude)
    .sort((a, b) => compareOrder(a.order, b.order) || a.key.localeCompare(b.key))
}

/** Counts of like size share a scale; a height of a million beside three transactions would flatten them. */
const MAGNITUDE_GAP = 200

/** Values without a unit say nothing of belonging together, so those of very different size are drawn apart. */
function splitByMagnitude(group: Group): Group[] {
  if (group.unit !== null && group.unit !== '1') return [group]
  const size = (field: FieldSummary) => (typeof field.lastValue === 'number' ? Math.abs(field.lastValue) : 0)
  const parts: Group[] = []
  let largest = 0
  for (const field of [...group.fields].sort((a, b) => size(a) - size(b))) {
    const current = parts[parts.length - 1]
    const isFar = largest > 0 && size(field) > largest * MAGNITUDE_GAP
    if (current === undefined || isFar) {
      const key = parts.length === 0 ? group.key : `${group.key} ${field.path}`
      parts.push({ ...group, key, fields: [field] })
    } else {
      current.fields.push(field)
    }
    largest = Math.max(largest, size(field))
  }
  return parts
}

function toPanel(group: Group, siblings: readonly Group[], schema: unknown): PanelSpec {
  const fields = [...group.fields].sort(
    (a, b) =>
      fieldKeys(a.path).length - fieldKeys(b.path).length ||
      compareOrder(schemaOrder(schema, a.path), schemaOrder(schema, b.path)) ||
      a.path.localeCompare(b.path, 'en', { numeric: true }),
  )
  const only = fields.length === 1 ? fields[0] : undefined
  const note = only === undefined ? null : noteOfField(schema, only.path)
  const stem = titleOf(group.stem)
  // Two panels of one branch are told apart by what they measure.
  const isSplit = siblings.filter((other) => other.stem === group.stem).length > 1
  const suffix = isSplit && group.unit?.endsWith('/s') === true ? ' traffic' : ''
  return {
    id: group.key,
    title:
      note?.title ??
      (only === undefined ? `${stem}${suffix}` : fieldKeys(only.path).map(titleOf).join(' · ')),
    unit: group.unit,
    fields: fields.slice(0, MAX_FIELDS_PER_PANEL).map((field) => field.path),
  }
}

function numeric(fields: readonly FieldSummary[]): FieldSummary[] {
  return fields.filter((field) => field.kind === 'number' && field.indexed)
}

/** Panels for a stream nobody has arranged yet: fields of one branch and unit together, the liveliest first. */
export function defaultPanels(fields: readonly FieldSummary[], schema: unknown): PanelSpec[] {
  const groups = groupFields(numeric(fields), schema)
  const chosen = new Set([...groups].sort((a, b) => interest(a.unit) - interest(b.unit)).slice(0, MAX_PANELS))
  return groups.filter((group) => chosen.has(group)).map((group) => toPanel(group, groups, schema))
}

/** Panels for the fields somebody chose: all of them, grouped the same way. */
export function panelsOf(
  chosen: readonly string[],
  fields: readonly FieldSummary[],
  schema: unknown,
): PanelSpec[] {
  const known = new Map(fields.map((field) => [field.path, field]))
  const wanted = chosen.map(
    (path): FieldSummary =>
      // A field that has not been heard of yet keeps its place; the link may be older than the first message.
      known.get(path) ?? { path, kind: 'number', indexed: true, lastValue: null, lastTimestamp: 0 },
  )
  const groups = groupFields(numeric(wanted), schema)
  return groups.flatMap((group) => {
    const parts: Group[] = []
    for (let start = 0; start < group.fields.length; start += MAX_FIELDS_PER_PANEL) {
      const key = start === 0 ? group.key : `${group.key} ${start}`
      parts.push({ ...group, key, fields: group.fields.slice(start, start + MAX_FIELDS_PER_PANEL) })
    }
    return parts.map((part) => toPanel(part, groups, schema))
  })
}
