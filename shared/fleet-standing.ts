import type { FleetFields, FleetLatest, FleetMember, FleetWindow } from './fleet.ts'

/** A publisher is silent when it says nothing for this many of its usual pauses. */
const SILENT_AFTER_PAUSES = 3
/** A timer may be late by as much on a busy machine. */
const SHORTEST_SILENCE_MS = 5_000
/** One whose messages come late sends in batches; an agent then still says a word of itself every minute. */
const BATCHING_LAG_MS = 5_000
const BATCHING_SILENCE_MS = 150_000
/** Of whom too little is known to say how often it speaks. */
const UNKNOWN_SILENCE_MS = 60_000
/** Blocks every node may be behind, for it was asked a moment earlier. */
const USUAL_LAG_BLOCKS = 3

const GOOD_WORDS = new Set(['ok', 'healthy', 'up', 'ready', 'synced', 'running', 'true', 'false'])

/** Worst first. */
export const FLEET_STATES = ['silent', 'unhealthy', 'lagging', 'well', 'stranger'] as const
export type FleetState = (typeof FLEET_STATES)[number]

/** One publisher, judged beside the others. */
export interface FleetStanding extends FleetMember {
  /**
   * `silent`: heard of too long ago. `unhealthy`: its own word says so. `lagging`: its height is behind the fleet's
   * median. `stranger`: its newest message is unauthorised, so it counts for nothing.
   */
  state: FleetState
  /** Since its newest message, ms; null when it has none. */
  quietMs: number | null
  /** Silence would begin after this, ms. */
  patienceMs: number
  version: FleetLatest | null
  health: FleetLatest | null
  height: FleetLatest | null
  /** Blocks behind the highest and behind the median of those who are not silent; null without a height. */
  behindMax: number | null
  behindMedian: number | null
}

export interface FleetView extends Omit<FleetWindow, 'members'> {
  fields: FleetFields
  /** Silent ones first, then by how far they are behind. */
  members: FleetStanding[]
  states: Record<FleetState, number>
  height: { max: number; median: number } | null
}

/** Fields whose newest value a fleet view needs, in the order `judgeFleet` reads them. */
export function latestFields({ height, version, health }: FleetFields): string[] {
  return [height, version, health].filter((path): path is string => path !== null)
}

/** How long a publisher may say nothing. */
export function patienceOf({ pauseMs, lagMs }: Pick<FleetMember, 'pauseMs' | 'lagMs'>): number {
  const isBatching = lagMs !== null && lagMs > BATCHING_LAG_MS
  if (pauseMs === null) return isBatching ? BATCHING_SILENCE_MS : UNKNOWN_SILENCE_MS
  const usual = Math.max(SHORTEST_SILENCE_MS, SILENT_AFTER_PAUSES * pauseMs)
  return isBatching ? Math.max(usual, BATCHING_SILENCE_MS, 2 * lagMs) : usual
}

/** @param window read with `latestFields(fields)` */
export function judgeFleet(window: FleetWindow, fields: FleetFields): FleetView {
  const order = latestFields(fields)
  const of = (member: FleetMember, path: string | null): FleetLatest | null =>
    path === null ? null : (member.latest[order.indexOf(path)] ?? null)
  const judged = window.members.map((member) => {
    const quietMs = member.newest === null ? null : Math.max(0, window.to - member.newest.timestamp)
    const patienceMs = patienceOf(member)
    const isStranger = member.newest?.verdict === 'unauthorised'
    return {
      ...member,
      quietMs,
      patienceMs,
      isStranger,
      isSilent: quietMs === null || quietMs > patienceMs,
      version: of(member, fields.version),
      health: of(member, fields.health),
      height: of(member, fields.height),
    }
  })
  const present = judged.filter(({ isStranger, isSilent }) => !isStranger && !isSilent)
  const heights = present.flatMap(({ height }) => (typeof height?.value === 'number' ? [height.value] : []))
  const height = heights.length === 0 ? null : { max: Math.max(...heights), median: medianOf(heights) }
  const members = judged.map(({ isStranger, isSilent, ...member }): FleetStanding => {
    const own = typeof member.height?.value === 'number' ? member.height.value : null
    const behindMax = own === null || height === null ? null : Math.max(0, height.max - own)
    const behindMedian = own === null || height === null ? null : Math.max(0, height.median - own)
    const isLagging = (behindMedian ?? 0) > USUAL_LAG_BLOCKS
    const state = isStranger
      ? 'stranger'
      : isSilent
        ? 'silent'
        : isUnhealthy(member.health, fields.health)
          ? 'unhealthy'
          : isLagging
            ? 'lagging'
            : 'well'
    return { ...member, state, behindMax, behindMedian }
  })
  members.sort(worstFirst)
  const states = { silent: 0, unhealthy: 0, lagging: 0, well: 0, stranger: 0 } satisfies Record<
    FleetState,
    number
  >
  for (const { state } of members) states[state] += 1
  return { ...window, fields, members, states, height }
}

function worstFirst(a: FleetStanding, b: FleetStanding): number {
  return (
    FLEET_STATES.indexOf(a.state) - FLEET_STATES.indexOf(b.state) ||
    (a.state === 'silent' ? (b.quietMs ?? Infinity) - (a.quietMs ?? Infinity) || 0 : 0) ||
    (b.behindMedian ?? 0) - (a.behindMedian ?? 0) ||
    (a.publisher < b.publisher ? -1 : 1)
  )
}

/** A word that is none of the good ones, or a flag such as `syncing` that is set. */
function isUnhealthy(health: FleetLatest | null, path: string | null): boolean {
  if (health === null) return false
  const word = String(health.value).toLowerCase()
  if (word === 'true' || word === 'false') {
    return /health|ready|up$/i.test(path ?? '') ? word === 'false' : word === 'true'
  }
  return !GOOD_WORDS.has(word)
}

/** The upper one of an even number: of two nodes the one that is behind lags, not the one ahead. */
function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? 0
}
