import type { ChartBucket, TimelineBucket } from '../../../shared/chart.ts'
import type { TimeZone } from '../../../shared/format/time.ts'

/** A line of a panel. */
export interface ChartLine {
  key: string
  publisher: string
  field: string
  /** Number of its colour in `Tokens.series`. */
  colour: number
  /** Ascending. */
  buckets: readonly ChartBucket[]
}

/** Everything one panel draws in one frame. Times are ms since the epoch. */
export interface ChartFrame {
  from: number
  to: number
  /** Replay: what lies behind it has not been played yet. */
  playhead: number | null
  /** The message that is open in the inspector. */
  marked: number | null
  lines: readonly ChartLine[]
  /** Changes whenever `lines` do. */
  version: number
  levelMs: number
  expectedIntervalMs: number
  lane: readonly TimelineBucket[]
  laneVersion: number
  unit: string | null
  zone: TimeZone
}

/** Space around the plot, the same in every panel, so that time lines up and nothing shifts. */
export const PLOT = { left: 64, right: 14, top: 8, bottom: 20 } as const

/** Where a time stands in a plot of `widthPx` between its margins, from the left edge of the panel. */
export function xOf(at: number, frame: { from: number; to: number }, widthPx: number): number {
  return PLOT.left + ((at - frame.from) / (frame.to - frame.from)) * (widthPx - PLOT.left - PLOT.right)
}

/** The time at a position from the left edge of the panel. */
export function timeAt(x: number, frame: { from: number; to: number }, widthPx: number): number {
  const share = (x - PLOT.left) / Math.max(1, widthPx - PLOT.left - PLOT.right)
  return frame.from + share * (frame.to - frame.from)
}
