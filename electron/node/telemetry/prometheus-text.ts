/**
 * Prometheus' text format 0.0.4: one sample a line, `name{label="value",…} value [timestamp]`, comments behind `#`.
 * Written for answers of strangers: every loop is bounded, nothing is looked up by what they say.
 */
import { MAX_EXPOSITION_LINE_LENGTH, MAX_EXPOSITION_LINES, MAX_LABELS } from './limits.ts'

export interface MetricSample {
  name: string
  /** In the order of the text; names may come twice from a careless exporter. */
  labels: readonly (readonly [name: string, value: string])[]
  /** May be NaN or infinite. */
  value: number
}

export interface Exposition {
  samples: MetricSample[]
  /** Help by metric name. */
  help: Map<string, string>
  /** Lines that are no sample and no comment: broken, too long, or with too many labels. */
  badLines: number
  /** There were more lines than are read. */
  isCut: boolean
}

const NAME = /[a-zA-Z_:][a-zA-Z0-9_:]*/y
const LABEL_NAME = /[a-zA-Z_][a-zA-Z0-9_]*/y
/** Value as Go's ParseFloat takes it, as far as exporters write it, then an optional timestamp. */
const VALUE =
  /[ \t]+([+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?|[+-]?[Ii]nf(?:inity)?|NaN|nan)(?:[ \t]+-?\d+)?[ \t]*$/y
const HELP = /^#[ \t]+HELP[ \t]+([a-zA-Z_:][a-zA-Z0-9_:]*)[ \t]+(.*)$/
const MAX_HELP_LENGTH = 200
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', '"': '"', '\\': '\\' }

/** Never throws; what cannot be read is counted. `wanted` sees each sample's name first, so that few are kept. */
export function parseExposition(text: string, wanted: (sample: MetricSample) => boolean): Exposition {
  const exposition: Exposition = { samples: [], help: new Map(), badLines: 0, isCut: false }
  let start = 0
  for (let count = 0; start < text.length; count++) {
    if (count === MAX_EXPOSITION_LINES) {
      exposition.isCut = true
      break
    }
    const end = text.indexOf('\n', start)
    const stop = end === -1 ? text.length : end
    readLine(text.slice(start, Math.min(stop, start + MAX_EXPOSITION_LINE_LENGTH + 1)), exposition, wanted)
    start = stop + 1
  }
  return exposition
}

function readLine(raw: string, exposition: Exposition, wanted: (sample: MetricSample) => boolean): void {
  const line = raw.trim()
  if (line === '') return
  if (raw.length > MAX_EXPOSITION_LINE_LENGTH) {
    exposition.badLines += 1
    return
  }
  if (line.startsWith('#')) {
    const [, name, help] = HELP.exec(line) ?? []
    if (name !== undefined && help !== undefined && exposition.help.size < MAX_EXPOSITION_LINES) {
      exposition.help.set(name, help.slice(0, MAX_HELP_LENGTH))
    }
    return
  }
  const sample = parseSample(line)
  if (sample === null) exposition.badLines += 1
  else if (wanted(sample)) exposition.samples.push(sample)
}

/** One line that is not a comment; null when it is not of the format. */
export function parseSample(line: string): MetricSample | null {
  NAME.lastIndex = 0
  const name = NAME.exec(line)?.[0]
  if (name === undefined) return null
  let at = skipSpace(line, name.length)
  const labels: [string, string][] = []
  if (line[at] === '{') {
    const end = readLabels(line, at + 1, labels)
    if (end === null) return null
    at = end
  } else {
    at = name.length
  }
  // A closing brace may stand right before its value's space or, from some exporters, the value itself.
  VALUE.lastIndex = at
  const value = VALUE.exec(line)?.[1]
  return value === undefined ? null : { name, labels, value: toNumber(value) }
}

/** Reads up to and including `}`; answers the place behind it, or null. */
function readLabels(line: string, from: number, labels: [string, string][]): number | null {
  let at = skipSpace(line, from)
  while (line[at] !== '}') {
    LABEL_NAME.lastIndex = at
    const name = LABEL_NAME.exec(line)?.[0]
    if (name === undefined || labels.length === MAX_LABELS) return null
    at = skipSpace(line, at + name.length)
    if (line[at] !== '=') return null
    at = skipSpace(line, at + 1)
    const quoted = readQuoted(line, at)
    if (quoted === null) return null
    labels.push([name, quoted.value])
    at = skipSpace(line, quoted.end)
    if (line[at] === ',') at = skipSpace(line, at + 1)
    else if (line[at] !== '}') return null
  }
  return at + 1
}

function readQuoted(line: string, from: number): { value: string; end: number } | null {
  if (line[from] !== '"') return null
  let value = ''
  for (let at = from + 1; at < line.length; at++) {
    const char = line[at] as string
    if (char === '"') return { value, end: at + 1 }
    if (char === '\\') {
      at += 1
      const next = line[at] ?? ''
      value += ESCAPES[next] ?? `\\${next}`
    } else {
      value += char
    }
  }
  return null
}

function skipSpace(line: string, from: number): number {
  let at = from
  while (line[at] === ' ' || line[at] === '\t') at += 1
  return at
}

function toNumber(text: string): number {
  if (/nan/i.test(text)) return Number.NaN
  if (/inf/i.test(text)) return text.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
  return Number(text)
}

/** A sample's full name, labels in the order of their names: `name{a="1",b="2"}`. */
export function fullName({ name, labels }: MetricSample): string {
  if (labels.length === 0) return name
  const sorted = [...labels].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
  const escaped = (value: string) =>
    value.replace(/[\\"\n]/g, (char) => (char === '\n' ? '\\n' : `\\${char}`))
  return `${name}{${sorted.map(([label, value]) => `${label}="${escaped(value)}"`).join(',')}}`
}
