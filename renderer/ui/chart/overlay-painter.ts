import type { Tokens } from '../tokens.ts'
import type { Brush } from './brush.ts'
import type { Cursor } from './cursor.ts'
import type { ChartFrame } from './frame.ts'
import type { Area } from './plot.ts'
import { bucketBeside } from './segments.ts'

/**
 * What moves over the data: what has not been played yet, the playhead, the open message, the crosshair.
 * @param yOf Where values stand; null where the panel draws no values by height.
 */
export function paintOverlay(
  brush: Brush,
  frame: ChartFrame,
  cursor: Cursor | null,
  area: Area,
  yOf: ((value: number) => number) | null,
  tokens: Tokens,
): void {
  const right = area.left + area.width
  const bottom = area.top + area.height
  const xOf = (at: number) => area.left + ((at - frame.from) / (frame.to - frame.from)) * area.width
  const isInside = (at: number) => at >= frame.from && at <= frame.to
  if (frame.playhead !== null) {
    const x = Math.min(right, Math.max(area.left, xOf(frame.playhead)))
    brush.globalAlpha = 0.66
    brush.fillStyle = tokens.panel
    brush.fillRect(x, 0, right - x + 2, bottom)
    brush.globalAlpha = 1
    if (isInside(frame.playhead)) {
      brush.fillStyle = tokens.accent
      brush.fillRect(Math.round(x) - 0.5, 0, 1.5, bottom)
    }
  }
  if (frame.marked !== null && isInside(frame.marked)) {
    brush.strokeStyle = tokens.accent
    brush.setLineDash([3, 3])
    upright(brush, xOf(frame.marked), bottom)
    brush.setLineDash([])
  }
  if (cursor === null || !isInside(cursor.at)) return
  brush.strokeStyle = cursor.isLocked ? tokens.text : tokens.muted
  const x = xOf(cursor.at)
  upright(brush, x, bottom)
  if (cursor.isLocked) {
    brush.fillStyle = tokens.text
    brush.beginPath()
    brush.moveTo(x - 4, 0)
    brush.lineTo(x + 4, 0)
    brush.lineTo(x, 6)
    brush.closePath()
    brush.fill()
  }
  if (yOf === null) return
  for (const line of frame.lines) {
    const bucket = bucketBeside(line.buckets, cursor.at, line.intervalMs)
    if (bucket === undefined) continue
    const pointX = xOf(bucket.to)
    if (pointX < area.left || pointX > right) continue
    brush.beginPath()
    brush.arc(pointX, yOf(bucket.last), line.shiftMs === 0 ? 3.5 : 2.5, 0, Math.PI * 2)
    brush.fillStyle = tokens.series[line.colour] ?? tokens.text
    brush.fill()
    brush.lineWidth = 1.5
    brush.strokeStyle = tokens.panel
    brush.stroke()
  }
}

function upright(brush: Brush, x: number, bottom: number): void {
  brush.lineWidth = 1
  brush.beginPath()
  brush.moveTo(Math.round(x) + 0.5, 0)
  brush.lineTo(Math.round(x) + 0.5, bottom)
  brush.stroke()
}
