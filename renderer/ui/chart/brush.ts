/** What painters draw with: the part of a canvas that a picture for print can have as well (`svg-brush.ts`). */
export type Brush = Pick<
  CanvasRenderingContext2D,
  | 'save'
  | 'restore'
  | 'beginPath'
  | 'closePath'
  | 'moveTo'
  | 'lineTo'
  | 'rect'
  | 'arc'
  | 'clip'
  | 'fill'
  | 'stroke'
  | 'fillRect'
  | 'strokeRect'
  | 'fillText'
  | 'setLineDash'
> & {
  fillStyle: string | CanvasGradient | CanvasPattern
  strokeStyle: string | CanvasGradient | CanvasPattern
  globalAlpha: number
  lineWidth: number
  lineJoin: CanvasLineJoin
  font: string
  textAlign: CanvasTextAlign
  textBaseline: CanvasTextBaseline
}

export const LABEL_FONT = "11px 'Inter Variable', system-ui, sans-serif"

/** Where in a picture something is drawn, px. */
export interface Area {
  left: number
  top: number
  width: number
  height: number
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
