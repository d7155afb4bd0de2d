import type { Tokens } from '../tokens.ts'
import { paintTimeAxis } from './axis-painter.ts'
import { prepareCanvas } from './canvas.ts'
import type { Cursor } from './cursor.ts'
import { type ChartFrame, REACH_SHARE } from './frame.ts'
import { paintOverlay } from './overlay-painter.ts'
import { paintMoving, paintStill, plotArea, type TimePlotKind } from './paint-panel.ts'
import { scaleOf } from './settle-frame.ts'
import { shareOf, type ValueScale } from './value-scale.ts'

export interface ChartCanvases {
  /** Values and grid: stands still. */
  still: HTMLCanvasElement
  /** Data, times and lane, wider than the plot: moved along with time, drawn anew only when it must be. */
  moving: HTMLCanvasElement
  /** Playhead and crosshair: drawn with every frame that has one. */
  over: HTMLCanvasElement
}

export interface ChartLayers {
  resize(widthPx: number, heightPx: number): void
  /**
   * Brings the picture to the frame. A move costs a shift; what needs drawing anew is drawn when `hasRoom` says so.
   * @returns whether drawing is still due
   */
  draw(frame: ChartFrame, cursor: Cursor | null, hasRoom: () => boolean): boolean
  /** Where a value stands, from the top edge of the panel. */
  yOf(value: number): number
  scale(): ValueScale | null
}

interface Drawn {
  frame: ChartFrame
  scale: ValueScale
  pxPerMs: number
}

/** Moves by whole device pixels, so that what is shifted is as sharp as what is drawn. */
function wholePixels(px: number): number {
  return Math.round(px * devicePixelRatio) / devicePixelRatio
}

export function createChartLayers(kind: TimePlotKind, canvases: ChartCanvases, tokens: Tokens): ChartLayers {
  let size = { widthPx: 0, heightPx: 0 }
  let drawn: Drawn | null = null
  let isOverDrawn = true

  const area = () => plotArea(size.widthPx, size.heightPx)

  function isDue(frame: ChartFrame, scale: ValueScale, pxPerMs: number): boolean {
    if (drawn === null) return true
    const before = drawn.frame
    return (
      frame.version !== before.version ||
      frame.zone !== before.zone ||
      frame.unit !== before.unit ||
      Math.abs(pxPerMs / drawn.pxPerMs - 1) > 1e-6 ||
      frame.from < before.reach.from ||
      frame.to > before.reach.to ||
      scale.min !== drawn.scale.min ||
      scale.max !== drawn.scale.max ||
      scale.step !== drawn.scale.step
    )
  }

  function paint(frame: ChartFrame, scale: ValueScale, pxPerMs: number): void {
    const plot = area()
    const scene = { kind, frame, scale }
    const still = prepareCanvas(canvases.still, size.widthPx, size.heightPx)
    if (still !== null) paintStill(still, scene, plot, tokens)
    const width = plot.width * (1 + 2 * REACH_SHARE)
    canvases.moving.style.width = `${width}px`
    const moving = prepareCanvas(canvases.moving, width, size.heightPx)
    const { reach } = frame
    if (moving !== null) {
      const axis = { from: reach.from, to: reach.to, left: 0, pxPerMs }
      const wide = { ...plot, left: 0, width }
      paintMoving(moving, scene, wide, axis, tokens)
      paintTimeAxis(moving, wide, axis, frame.zone, tokens)
    }
    drawn = { frame, scale, pxPerMs }
  }

  /** Puts what is drawn where it belongs in the window; stretched for a moment when that has another zoom. */
  function place(frame: ChartFrame, pxPerMs: number): void {
    if (drawn === null) return
    const stretch = pxPerMs / drawn.pxPerMs
    const left = (drawn.frame.reach.from - frame.from) * pxPerMs
    canvases.moving.style.transform =
      stretch === 1 ? `translateX(${wholePixels(left)}px)` : `translateX(${left}px) scaleX(${stretch})`
  }

  return {
    resize(widthPx, heightPx) {
      size = { widthPx, heightPx }
      drawn = null
      isOverDrawn = true
    },
    draw(frame, cursor, hasRoom) {
      const plot = area()
      const pxPerMs = plot.width / (frame.to - frame.from)
      const scale = scaleOf(frame, drawn?.scale ?? null, plot.height)
      let isOwed = isDue(frame, scale, pxPerMs)
      if (isOwed && hasRoom()) {
        paint(frame, scale, pxPerMs)
        isOwed = false
      }
      place(frame, pxPerMs)
      // Nothing lies over the data most of the time: then nothing is cleared or drawn.
      const hasOver = cursor !== null || frame.playhead !== null || frame.marked !== null
      if (hasOver || isOverDrawn) {
        isOverDrawn = hasOver
        const over = prepareCanvas(canvases.over, size.widthPx, size.heightPx)
        const byHeight = kind === 'line' || kind === 'area' ? this.yOf : null
        if (over !== null && drawn !== null) paintOverlay(over, frame, cursor, plot, byHeight, tokens)
      }
      return isOwed
    },
    yOf(value) {
      const plot = area()
      if (drawn === null) return plot.top + plot.height
      return plot.top + (1 - shareOf(drawn.scale, value)) * plot.height
    },
    scale: () => drawn?.scale ?? null,
  }
}
