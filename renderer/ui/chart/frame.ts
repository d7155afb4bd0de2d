import type { ChartBucket, StateChange, TimelineBucket } from '../../../shared/chart.ts'
import type { TimeZone } from '../../../shared/format/time.ts'
import type { DrawnAlert } from './alert-stretches.ts'
import { type LaneStretch, laneStretches } from './lane-stretches.ts'

/**
 * Where the values of a line come from: measured as they are; derived from all messages by an expression; or
 * estimated, because an expression was worked out from merged messages.
 */
export type LineOrigin = 'measured' | 'derived' | 'estimated'

/** A line of a panel. */
export interface ChartLine {
  key: string
  part: string
  publisher: string
  field: string
  /** As its owner calls it; null where the field's own name says it. */
  name: string | null
  /** Number of its colour in `Tokens.series`. */
  colour: number
  /** Ascending. */
  buckets: readonly ChartBucket[]
  /** The same in pieces that stay what they are while others come and go; where there are none, it is one. */
  pieces?: readonly (readonly ChartBucket[])[]
  /** Usual time between two of its messages, ms: longer silences are not bridged. */
  intervalMs: number
  levelMs: number
  origin: LineOrigin
  /** Laid over from an earlier time: its buckets are shifted by so much, ms; 0 for what is of the time shown. */
  shiftMs: number
}

/** A row of a state timeline. */
export interface StateRow {
  key: string
  part: string
  publisher: string
  field: string
  name: string | null
  /** Ascending; each state holds until the next. */
  changes: readonly StateChange[]
  /** Stretches from which there are messages: outside of them nothing is known. Ascending. */
  known: readonly { from: number; to: number }[]
}

/** A stretch in which an alert fired, on a chart. */
export interface ChartAlert extends DrawnAlert {
  id: string
  part: string
  /** Null where it is about the stream part as a whole. */
  publisher: string | null
  /** Name of its rule; from outside. */
  rule: string
  isFiring: boolean
}

/** What of a line its picture is made from. */
export type DrawnLine = Pick<
  ChartLine,
  'colour' | 'buckets' | 'pieces' | 'intervalMs' | 'levelMs' | 'origin' | 'shiftMs'
>

/** What of a frame the picture of the data is made from. */
export interface DrawnData {
  lines: readonly DrawnLine[]
  states: readonly StateRow[]
  lane: readonly LaneStretch[]
  alerts: readonly DrawnAlert[]
}

/** Everything one panel draws in one frame. Times are ms since the epoch. */
export interface ChartFrame {
  from: number
  to: number
  /** What is drawn beyond the window, so that a small move needs no new drawing. */
  reach: { from: number; to: number }
  /** Replay: what lies behind it has not been played yet. */
  playhead: number | null
  /** The message that is open in the inspector. */
  marked: number | null
  lines: readonly ChartLine[]
  states: readonly StateRow[]
  /** Names of the rows of states or of a heatmap, short enough for the margin. */
  rowNames: readonly string[]
  /** Alerts of what is drawn, also somewhat beyond the window. */
  alerts: readonly ChartAlert[]
  /** Changes whenever `lines`, `states`, the lane or the alerts do. */
  version: string
  lane: readonly TimelineBucket[]
  /** Silence up to this is no hole in the lane, ms. */
  laneBridgeMs: number
  unit: string | null
  /** Ends of the value axis somebody has set. */
  bounds: { min: number | null; max: number | null }
  zone: TimeZone
}

/**
 * Space around the plot, the same in every panel, so that time lines up and nothing shifts. At the left it is the least:
 * values that are wider get more, in all panels (`value-margin.ts`).
 */
export const PLOT = { left: 64, right: 14, top: 8, bottom: 20 } as const
/** The provenance lane under each plot. */
export const LANE_HEIGHT_PX = 8
/** How far beyond the window a panel is drawn on each side: a wide one a share of the window, a narrow one a share more. */
const REACH_SHARE = 0.25
const REACH_PX = 280
/** Further than a window on each side costs more data than it spares drawing. */
const MAX_REACH_SHARE = 1

/** How wide a plot is in a panel of `widthPx`; values take `leftPx` of it. */
export function plotWidth(widthPx: number, leftPx: number): number {
  return Math.max(1, widthPx - leftPx - PLOT.right)
}

/** Where a time stands in a plot between its margins, from the left edge of the panel. */
export function xOf(at: number, frame: Span, widthPx: number, leftPx: number): number {
  return leftPx + ((at - frame.from) / (frame.to - frame.from)) * plotWidth(widthPx, leftPx)
}

/** The time at a position from the left edge of the panel. */
export function timeAt(x: number, frame: Span, widthPx: number, leftPx: number): number {
  return frame.from + ((x - leftPx) / plotWidth(widthPx, leftPx)) * (frame.to - frame.from)
}

interface Span {
  from: number
  to: number
}

/** Of what is drawn beyond the window, so much more lies ahead of a hand that moves it. */
const LEAN = 0.5

/**
 * The window with what is drawn beyond it. A hand moves all panels by the same pixels: a narrow one that reached no
 * further than its share would be drawn anew every few frames, and twenty narrow ones stand side by side.
 * @param plotPx 0 where nothing is drawn over time
 * @param heading Where the window is going: -1 back, 1 forward, 0 nowhere.
 */
export function reachOf(
  window: { from: number; to: number },
  plotPx: number,
  heading: -1 | 0 | 1 = 0,
): { from: number; to: number } {
  const share = plotPx > 0 ? Math.max(REACH_SHARE, Math.min(MAX_REACH_SHARE, REACH_PX / plotPx)) : REACH_SHARE
  const more = (window.to - window.from) * share
  return { from: window.from - more * (1 - heading * LEAN), to: window.to + more * (1 + heading * LEAN) }
}

/** Panels over one stream share its lane: it is worked out once for all of them. */
const lanes = new WeakMap<readonly TimelineBucket[], { bridgeMs: number; stretches: LaneStretch[] }>()

function laneOf({ lane, laneBridgeMs: bridgeMs }: ChartFrame): LaneStretch[] {
  const known = lanes.get(lane)
  if (known?.bridgeMs === bridgeMs) return known.stretches
  const stretches = laneStretches(lane, bridgeMs)
  lanes.set(lane, { bridgeMs, stretches })
  return stretches
}

export function drawnData(frame: ChartFrame): DrawnData {
  return {
    lines: frame.lines,
    states: frame.states,
    lane: laneOf(frame),
    alerts: frame.alerts.map(({ from, to, severity }) => ({ from, to, severity })),
  }
}
