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

/** Seconds since the epoch, roughly from 2001 to 2100: a time and no quantity. */
const EPOCH_SECONDS = { least: 1e9, most: 4.1e9 }

function isTime({ lastValue }: FieldSummary): boolean {
  if (typeof lastValue !== 'number') return false
  const isSeconds = lastValue >= EPOCH_SECONDS.least && lastValue <= EPOCH_SECONDS.most
  return isSeconds || (lastValue >= EPOCH_SECONDS.least * 1_000 && lastValue <= EPOCH_SECONDS.most * 1_000)
}

/** What changes from second to second is worth more of the first look than what is a total, an age or a time. */
function interest({ unit, fields }: Pick<Group, 'unit' | 'fields'>): number {
  if (unit === '%') return 0
  if (unit === 'ms' || unit?.endsWith('/s') === true) return 1
  if (unit !== 'B' && fields.every(isTime)) return 4
  return unit === 's' ? 3 : 2
}

const ACRONYMS = /^(cpu|gpu|ram|rpc|tps|io|id|p2p|api|url|ip|evm)$/i
/** Words at the end of a name that only repeat its unit. */
const UNIT_WORDS = /^(ms|millis|milliseconds|seconds|sec|bytes|percent|pct|gwei|celsius|hz)$/i

/** "eventLoop" reads "Event loop", "rpcLatencyMs" reads "RPC latency". */
export function humanise(key: string): string {
  const words = key
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .split(/[\s_-]+/)
    .filter((word) => word !== '')
  if (words.length > 1 && UNIT_WORDS.test(words[words.length - 1] ?? '')) words.pop()
  const text = words
    .map((word) =>
      ACRONYMS.test(word) ? word.toUpperCase() : /^[A-Z0-9]+$/.test(word) ? word : word.toLowerCase(),
    )
    .join(' ')
  return text === '' ? key : text.charAt(0).toUpperCase() + text.slice(1)
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

/** Values of like size share a scale; a height of a million beside three transactions would flatten them. */
const MAGNITUDE_GAP = 200
/** Units whose values are looked at in proportion, however small some of them are. */
const PROPORTIONAL_UNITS: readonly (string | null)[] = ['%', 'B', 'B/s', 'ms']

/** Draws values of very different size apart, unless their proportion is what matters. */
function splitByMagnitude(group: Group): Group[] {
  if (PROPORTIONAL_UNITS.includes(group.unit)) return [group]
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

/** Fields that a title names; more would not fit. */
const MAX_NAMED = 2

/** The branch of the fields; where several panels are of one branch, the fields' own names as well. */
function titleOf(
  group: Group,
  shown: readonly string[],
  siblings: readonly Group[],
  schema: unknown,
): string {
  const [only] = shown
  const title = shown.length === 1 && only !== undefined ? noteOfField(schema, only).title : null
  if (title !== null) return title
  const stem = humanise(group.stem)
  const isShared = siblings.filter((other) => other.stem === group.stem).length > 1
  if (!isShared && shown.length > 1) return stem
  const names = shown
    .map((path) => fieldKeys(path).slice(1).map(humanise).join(' ').toLowerCase())
    .filter((name) => name !== '')
  if (names.length === 0) return stem
  return `${stem} · ${names.slice(0, MAX_NAMED).join(', ')}${names.length > MAX_NAMED ? '…' : ''}`
}

function toPanel(group: Group, siblings: readonly Group[], schema: unknown): PanelSpec {
  const fields = [...group.fields].sort(
    (a, b) =>
      fieldKeys(a.path).length - fieldKeys(b.path).length ||
      compareOrder(schemaOrder(schema, a.path), schemaOrder(schema, b.path)) ||
      a.path.localeCompare(b.path, 'en', { numeric: true }),
  )
  const shown = fields.slice(0, MAX_FIELDS_PER_PANEL).map((field) => field.path)
  return {
    id: group.key,
    title: titleOf(group, shown, siblings, schema),
    unit: group.unit,
    fields: shown,
  }
}

function numeric(fields: readonly FieldSummary[]): FieldSummary[] {
  return fields.filter((field) => field.kind === 'number' && field.indexed)
}

/** Panels for a stream nobody has arranged yet: fields of one branch and unit together, the liveliest first. */
export function defaultPanels(fields: readonly FieldSummary[], schema: unknown): PanelSpec[] {
  const groups = groupFields(numeric(fields), schema)
  const chosen = new Set([...groups].sort((a, b) => interest(a) - interest(b)).slice(0, MAX_PANELS))
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
