/** All publishers of one stream side by side: what each said last, how it fared over a window, and what stands out. */
import type { FieldSummary } from './chart.ts'
import { fieldKeys } from './field-path.ts'
import type { Verdict } from './verdict.ts'

/** Publishers of one answer. Those first seen come first: a flood of strangers cannot push them out. */
export const MAX_FLEET_MEMBERS = 1_000
/** Numeric fields with percentiles in one answer. */
export const MAX_FLEET_FIELDS = 8
/** Fields whose newest value is told beside them. */
export const MAX_FLEET_LATEST = 8
/** Longest window a fleet is looked at over: a year. */
export const MAX_FLEET_SPAN_MS = 366 * 86_400_000

/** A numeric field of one publisher over the window. */
export interface FleetFigure {
  last: number
  lastTimestamp: number
  count: number
  min: number
  /** Percentiles over the messages; estimated where a stretch holds more than three of them. */
  p50: number
  p95: number
  max: number
}

export interface FleetLatest {
  value: number | boolean | string
  timestamp: number
}

/** One publisher as the store knows it. */
export interface FleetMember {
  publisher: string
  /** In the window. */
  messages: { verified: number; pending: number; unauthorised: number; gaps: number }
  /** The newest message up to the window's end; null when there is none. */
  newest: { timestamp: number; verdict: Verdict } | null
  /** Usual longest pause between its messages, ms; null when it has too few. */
  pauseMs: number | null
  /** Usual time between measuring and arriving here, ms: long for one that sends in batches. */
  lagMs: number | null
  /** In the order of the fields asked for; null where it never had such a field. */
  latest: (FleetLatest | null)[]
  /** In the order of the fields asked for; null where the window has no values. */
  figures: (FleetFigure | null)[]
}

export interface FleetWindow {
  part: string
  from: number
  to: number
  /** Stretch of the statistics that were read, ms. */
  bucketMs: number
  /** Publishers there are; `members` may be fewer. */
  publishers: number
  members: FleetMember[]
  /** Each field over all members who may publish; null without values. */
  totals: (Pick<FleetFigure, 'min' | 'p50' | 'p95' | 'max' | 'count'> | null)[]
}

/** Which fields of a stream say what, as far as their names tell. */
export interface FleetFields {
  height: string | null
  version: string | null
  /** Text such as `ok`, or a flag such as `syncing`. */
  health: string | null
  resources: string[]
}

const HEIGHTS = [/(^|\.)block\.height$/, /(^|\.)height$/i, /(^|\.)slot$/, /block_?(height|number)/i]
const VERSIONS = [/^(?!agent\.).*(^|\.)version$/i, /(^|\.)version$/i]
const HEALTHS = [/^(?!clock\.).*(^|\.)health$/i, /(^|\.)(catchingUp|syncing|delinquent)$/, /(^|\.)status$/i]
const RESOURCES = [
  /(^|\.)cpu\.total$/,
  /(^|\.)memory\.used$/,
  /(^|\.)disk\.free$/,
  /(^|\.)load\.m1$/,
  /(^|\.)network\.received$/,
  /(^|\.)peers$/,
]

/** Chooses what a fleet is looked at by; `resources` of the caller's choice go first. */
export function chooseFleetFields(
  fields: readonly FieldSummary[],
  chosen: readonly string[] | null = null,
): FleetFields {
  const indexed = fields.filter(({ indexed }) => indexed)
  const numbers = indexed.filter(({ kind }) => kind === 'number').map(({ path }) => path)
  const words = indexed.filter(({ kind }) => kind !== 'number').map(({ path }) => path)
  const first = (paths: readonly string[], patterns: readonly RegExp[]): string | null => {
    for (const pattern of patterns) {
      const found = paths.find((path) => pattern.test(path))
      if (found !== undefined) return found
    }
    return null
  }
  const height = first(numbers, HEIGHTS)
  const known = RESOURCES.flatMap((pattern) => numbers.find((path) => pattern.test(path)) ?? [])
  const others = numbers.filter((path) => path !== height && fieldKeys(path).at(-1) !== 'time')
  const resources =
    chosen?.filter((path) => numbers.includes(path)) ?? (known.length > 0 ? known : others.slice(0, 4))
  return {
    height,
    version: first(words, VERSIONS),
    health: first(words, HEALTHS),
    resources: resources.slice(0, MAX_FLEET_FIELDS),
  }
}
