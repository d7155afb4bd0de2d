import type { TimeZone } from '../../../shared/format/time.ts'
import type { Tokens } from '../tokens.ts'
import type { DrawnAlert } from './alert-stretches.ts'
import type { StateRow } from './frame.ts'
import type { LaneStretch } from './lane-stretches.ts'
import type { PackedLine } from './packed-line.ts'
import type { Area, TimeLabel, TimePlotKind } from './plot.ts'
import type { ValueScale } from './value-scale.ts'

/** What a picture is made from, in a form that changes threads cheaply. */
export interface PackedData {
  lines: readonly PackedLine[]
  states: readonly StateRow[]
  lane: readonly LaneStretch[]
  alerts: readonly DrawnAlert[]
}

/** One picture to paint of one panel. */
export interface PaintJob {
  /** Tells the panels of a page apart. */
  seat: number
  kind: TimePlotKind
  widthPx: number
  heightPx: number
  /** Device pixels a pixel. */
  density: number
  /** The plot within the picture. */
  area: Area
  /** The time shown; it fills the picture from edge to edge. */
  from: number
  to: number
  scale: ValueScale
  zone: TimeZone
  tokens: Tokens
  /** Null where the data is that of the job before. */
  data: PackedData | null
}

export type PainterRequest =
  | { kind: 'paint'; job: PaintJob }
  /** The panel is gone: what is kept for it is let go. */
  | { kind: 'leave'; seat: number }

/** What of an `ImageBitmap` is used here. */
export interface Bitmap {
  close(): void
}

export interface PaintedPicture {
  seat: number
  /** Null where this browser gives no canvas. */
  bitmap: Bitmap | null
  labels: readonly TimeLabel[]
}
