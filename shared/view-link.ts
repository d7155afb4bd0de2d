/**
 * The state of a view as text, for the address bar and for links people send each other. Whatever cannot be
 * read is left out: a hand-edited or newer link opens as much as it can and never fails.
 */
import { CONDITION_TESTS, type FieldCondition, MAX_CONDITIONS, MAX_SEARCH_LENGTH } from './message-filter.ts'
import { MESSAGE_MARKS, type MessageMark } from './message-mark.ts'
import { MAX_PLAYBACK_SPEED, MIN_PLAYBACK_SPEED } from './playback-clock.ts'
import { VERDICTS, type Verdict } from './verdict.ts'

/** Shorter stretches hold less than a millisecond a pixel, longer ones pass any history there is. */
export const MIN_SPAN_MS = 100
export const MAX_SPAN_MS = 20 * 365 * 86_400_000
const MAX_TIMESTAMP_MS = 8_640_000_000_000_000
/** As the node's own bounds on what may be asked (`shared/inputs.ts`). */
const MAX_FIELDS = 32
const MAX_FIELD_LENGTH = 1_024
const MAX_PART_LENGTH = 1_028
const MAX_PUBLISHER_LENGTH = 6_000
const MAX_CHAIN_LENGTH = 256
const ALERT_ID = /^[\w-]{22}$/
const LAYOUT_ID = /^[0-9a-f]{16}$/
const SHARED_LAYOUT = /^[\w-]{1,16384}$/

export const DEFAULT_SPAN_MS = 300_000

/** Live: the newest `spanMs`, moving. Fixed: from `from` to `to`, ms since the epoch. */
export type TimeRange = { kind: 'live'; spanMs: number } | { kind: 'fixed'; from: number; to: number }

/** One stored message; the digest tells equivocations apart. */
export interface MessageKey {
  part: string
  timestamp: number
  sequence: number
  publisher: string
  chain: string
  digest: string | null
}

export interface View {
  part: string | null
  /** Fields drawn in the workspace; `null` leaves the choice to it. */
  fields: readonly string[] | null
  /** The kept layout of the workspace; `null` is the automatic one. */
  layout: string | null
  /** A layout sent in the link itself (`layout-link.ts`). */
  shared: string | null
  /** Fields shown as columns of the messages; `null` shows the content as a whole. */
  columns: readonly string[] | null
  range: TimeRange
  playhead: number | null
  playing: boolean
  speed: number
  /** The stretch a replay goes through again and again, ms since the epoch. */
  loop: { from: number; to: number } | null
  /** Distance to the earlier period laid over, ms; null for none. */
  compareMs: number | null
  /** The message open in the inspector. */
  message: MessageKey | null
  /** The alert a mark on a chart led to. */
  alert: string | null
  publisher: string | null
  verdicts: readonly Verdict[]
  /** Only messages with one of these marks are listed. */
  marks: readonly MessageMark[]
  text: string
  /** Conditions on fields of the messages that are listed. */
  conditions: readonly FieldCondition[]
  /** Each listed message says what changed since the one before it of the same publisher. */
  changes: boolean
}

export const DEFAULT_VIEW: View = {
  part: null,
  fields: null,
  layout: null,
  shared: null,
  columns: null,
  range: { kind: 'live', spanMs: DEFAULT_SPAN_MS },
  playhead: null,
  playing: false,
  speed: 1,
  loop: null,
  compareMs: null,
  message: null,
  alert: null,
  publisher: null,
  verdicts: [],
  marks: [],
  text: '',
  conditions: [],
  changes: false,
}

function readInteger(text: string | null, min: number, max: number): number | null {
  if (text === null || !/^\d{1,16}$/.test(text)) return null
  const value = Number(text)
  return value >= min && value <= max ? value : null
}

function readSpeed(text: string | null): number {
  const value = text !== null && /^\d{1,4}(\.\d{1,3})?$/.test(text) ? Number(text) : DEFAULT_VIEW.speed
  return value >= MIN_PLAYBACK_SPEED && value <= MAX_PLAYBACK_SPEED ? value : DEFAULT_VIEW.speed
}

function readPart(text: string | null): string | null {
  return text !== null && text.length <= MAX_PART_LENGTH && /^.+#\d{1,2}$/su.test(text) ? text : null
}

function readPublisher(text: string | null): string | null {
  return text !== null && text.length <= MAX_PUBLISHER_LENGTH && /^0x[0-9a-f]{2,}$/.test(text) ? text : null
}

function readFields(query: URLSearchParams, name: string): string[] | null {
  const fields = query.getAll(name).filter((field) => field.length > 0 && field.length <= MAX_FIELD_LENGTH)
  return fields.length === 0 ? null : [...new Set(fields)].slice(0, MAX_FIELDS)
}

/** `test:path:value`, where the path escapes its own colons. */
function readCondition(text: string): FieldCondition | null {
  const [test = '', path = '', ...rest] = text.split(':')
  const known = CONDITION_TESTS.find((candidate) => candidate === test)
  const value = rest.join(':')
  if (known === undefined || value.length > MAX_SEARCH_LENGTH) return null
  let decoded: string
  try {
    decoded = decodeURIComponent(path)
  } catch {
    return null
  }
  if (decoded.length === 0 || decoded.length > MAX_FIELD_LENGTH) return null
  return { test: known, path: decoded, value }
}

function writeCondition({ test, path, value }: FieldCondition): string {
  return `${test}:${path.replaceAll('%', '%25').replaceAll(':', '%3A')}:${value}`
}

function readMatch(text: string | null, pattern: RegExp): string | null {
  return text !== null && pattern.test(text) ? text : null
}

function readRange(query: URLSearchParams): TimeRange {
  const from = readInteger(query.get('from'), 0, MAX_TIMESTAMP_MS)
  const to = readInteger(query.get('to'), 0, MAX_TIMESTAMP_MS)
  if (from !== null && to !== null && to - from >= MIN_SPAN_MS && to - from <= MAX_SPAN_MS) {
    return { kind: 'fixed', from, to }
  }
  return { kind: 'live', spanMs: readInteger(query.get('live'), MIN_SPAN_MS, MAX_SPAN_MS) ?? DEFAULT_SPAN_MS }
}

function readLoop(text: string | null): View['loop'] {
  const [from = null, to = null] = text?.split('-', 2) ?? []
  const start = readInteger(from, 0, MAX_TIMESTAMP_MS)
  const end = readInteger(to, 0, MAX_TIMESTAMP_MS)
  if (start === null || end === null) return null
  return end - start >= MIN_SPAN_MS && end - start <= MAX_SPAN_MS ? { from: start, to: end } : null
}

const MESSAGE_KEY = /^(\d{1,16})-(\d{1,10})-(0x[0-9a-f]{2,})-([0-9a-f]{64})?-(.*)$/su

function readMessage(query: URLSearchParams): MessageKey | null {
  const part = readPart(query.get('message-part')) ?? readPart(query.get('part'))
  const text = query.get('message')
  if (part === null || text === null || text.length > MAX_PUBLISHER_LENGTH + MAX_CHAIN_LENGTH + 128)
    return null
  const match = MESSAGE_KEY.exec(text)
  if (match === null) return null
  const timestamp = readInteger(match[1] ?? null, 0, MAX_TIMESTAMP_MS)
  const sequence = readInteger(match[2] ?? null, 0, 2_147_483_647)
  const publisher = readPublisher(match[3] ?? null)
  const chain = match[5] ?? ''
  if (timestamp === null || sequence === null || publisher === null || chain.length > MAX_CHAIN_LENGTH)
    return null
  return { part, timestamp, sequence, publisher, chain, digest: match[4] ?? null }
}

/** Reads the query part of a link; never throws. */
export function decodeView(search: string): View {
  const query = new URLSearchParams(search)
  const range = readRange(query)
  const playhead = range.kind === 'fixed' ? readInteger(query.get('at'), 0, MAX_TIMESTAMP_MS) : null
  return {
    part: readPart(query.get('part')),
    fields: readFields(query, 'field'),
    layout: readMatch(query.get('layout'), LAYOUT_ID),
    shared: readMatch(query.get('shared'), SHARED_LAYOUT),
    columns: readFields(query, 'column'),
    range,
    playhead,
    playing: playhead !== null && query.get('play') === '1',
    speed: readSpeed(query.get('speed')),
    loop: range.kind === 'fixed' ? readLoop(query.get('loop')) : null,
    compareMs: readInteger(query.get('compare'), 1, MAX_SPAN_MS),
    message: readMessage(query),
    alert: readMatch(query.get('alert'), ALERT_ID),
    publisher: readPublisher(query.get('publisher')),
    verdicts: VERDICTS.filter((verdict) => query.getAll('verdict').includes(verdict)),
    marks: MESSAGE_MARKS.filter((mark) => query.getAll('mark').includes(mark)),
    text: (query.get('text') ?? '').slice(0, MAX_SEARCH_LENGTH),
    conditions: query
      .getAll('where')
      .map(readCondition)
      .filter((condition) => condition !== null)
      .slice(0, MAX_CONDITIONS),
    changes: query.get('changes') === '1',
  }
}

/** The query part of a link, without `?`; defaults are left out. */
export function encodeView(view: View): string {
  const query = new URLSearchParams()
  if (view.part !== null) query.set('part', view.part)
  for (const field of view.fields ?? []) query.append('field', field)
  if (view.layout !== null) query.set('layout', view.layout)
  if (view.shared !== null) query.set('shared', view.shared)
  for (const column of view.columns ?? []) query.append('column', column)
  if (view.range.kind === 'fixed') {
    query.set('from', String(Math.round(view.range.from)))
    query.set('to', String(Math.round(view.range.to)))
    if (view.playhead !== null) query.set('at', String(Math.round(view.playhead)))
    if (view.playing) query.set('play', '1')
    if (view.loop !== null) query.set('loop', `${Math.round(view.loop.from)}-${Math.round(view.loop.to)}`)
  } else if (view.range.spanMs !== DEFAULT_SPAN_MS) {
    query.set('live', String(Math.round(view.range.spanMs)))
  }
  if (view.speed !== DEFAULT_VIEW.speed) query.set('speed', String(view.speed))
  if (view.compareMs !== null) query.set('compare', String(Math.round(view.compareMs)))
  if (view.message !== null) {
    const { part, timestamp, sequence, publisher, chain, digest } = view.message
    if (part !== view.part) query.set('message-part', part)
    query.set('message', `${timestamp}-${sequence}-${publisher}-${digest ?? ''}-${chain}`)
  }
  if (view.alert !== null) query.set('alert', view.alert)
  if (view.publisher !== null) query.set('publisher', view.publisher)
  for (const verdict of view.verdicts) query.append('verdict', verdict)
  for (const mark of view.marks) query.append('mark', mark)
  if (view.text !== '') query.set('text', view.text)
  for (const condition of view.conditions) query.append('where', writeCondition(condition))
  if (view.changes) query.set('changes', '1')
  return query.toString()
}
