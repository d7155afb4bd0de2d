/** What a panel draws over time. */
export type TimePlotKind = 'line' | 'area' | 'states' | 'heatmap'

/** Where in a picture something is drawn, px. */
export interface Area {
  left: number
  top: number
  width: number
  height: number
}

/** A time that is told under the plot, and the half of the room its words take, px. */
export interface TimeLabel {
  at: number
  halfPx: number
}

/** How time lies on a picture. */
export interface TimeAxis {
  from: number
  to: number
  /** Position of `from`, px. */
  left: number
  pxPerMs: number
}

export function timeX(axis: TimeAxis, at: number): number {
  return axis.left + (at - axis.from) * axis.pxPerMs
}
