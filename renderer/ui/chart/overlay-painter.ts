import type { Tokens } from '../tokens.ts'
import type { Cursor } from './cursor.ts'
import { type ChartFrame, PLOT, xOf } from './frame.ts'
import { bucketBeside } from './segments.ts'

/** What moves over the lines: what has not been played yet, the playhead, the open message, the crosshair. */
export function paintOverlay(
  context: CanvasRenderingContext2D,
  frame: ChartFrame,
  cursor: Cursor | null,
  size: { widthPx: number; heightPx: number },
  yOf: (value: number) => number,
  tokens: Tokens,
): void {
  const right = size.widthPx - PLOT.right
  const bottom = size.heightPx - PLOT.bottom
  if (frame.playhead !== null) {
    const x = Math.min(right, Math.max(PLOT.left, xOf(frame.playhead, frame, size.widthPx)))
    context.globalAlpha = 0.66
    context.fillStyle = tokens.panel
    context.fillRect(x, 0, right - x + 2, bottom)
    context.globalAlpha = 1
    if (frame.playhead >= frame.from && frame.playhead <= frame.to) {
      context.fillStyle = tokens.accent
      context.fillRect(Math.round(x) - 0.5, 0, 1.5, bottom)
    }
  }
  if (frame.marked !== null && frame.marked >= frame.from && frame.marked <= frame.to) {
    const x = Math.round(xOf(frame.marked, frame, size.widthPx)) + 0.5
    context.strokeStyle = tokens.accent
    context.lineWidth = 1
    context.setLineDash([3, 3])
    context.beginPath()
    context.moveTo(x, 0)
    context.lineTo(x, bottom)
    context.stroke()
    context.setLineDash([])
  }
  if (cursor === null || cursor.at < frame.from || cursor.at > frame.to) return
  const x = xOf(cursor.at, frame, size.widthPx)
  context.strokeStyle = tokens.muted
  context.lineWidth = 1
  context.beginPath()
  context.moveTo(Math.round(x) + 0.5, 0)
  context.lineTo(Math.round(x) + 0.5, bottom)
  context.stroke()
  for (const line of frame.lines) {
    const bucket = bucketBeside(line.buckets, cursor.at, frame.expectedIntervalMs)
    if (bucket === undefined) continue
    const pointX = xOf(bucket.to, frame, size.widthPx)
    if (pointX < PLOT.left || pointX > right) continue
    context.beginPath()
    context.arc(pointX, yOf(bucket.last), 3.5, 0, Math.PI * 2)
    context.fillStyle = tokens.series[line.colour] ?? tokens.text
    context.fill()
    context.lineWidth = 1.5
    context.strokeStyle = tokens.panel
    context.stroke()
  }
}
