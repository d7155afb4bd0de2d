import type { ChartBucket } from '../../../shared/chart.ts'
import { type TimeAxis, timeX } from './plot.ts'
import type { Segment } from './segments.ts'

/** From so many buckets a pixel on a line is a row of upright strokes, and is drawn as such. */
const LEAST_PER_PX = 0.75
const STROKE_PX = 1.5
const OUT_OF_SIGHT_PX = 4

/** What of a brush is used here. */
export interface ColumnsBrush {
  globalAlpha: number
  fillRect(x: number, y: number, width: number, height: number): void
}

export interface ColumnsScene {
  brush: ColumnsBrush
  buckets: readonly ChartBucket[]
  segments: readonly Segment[]
  axis: TimeAxis
  yOf(value: number): number
  /** Width of a device pixel. */
  pixel: number
}

/** Whether buckets stand so close that columns show the same as strokes would. */
export function isDense(buckets: readonly ChartBucket[], axis: TimeAxis): boolean {
  const [first, last] = [buckets[0], buckets.at(-1)]
  if (first === undefined || last === undefined) return false
  return buckets.length >= (last.to - first.to) * axis.pxPerMs * LEAST_PER_PX && buckets.length > 2
}

/** What a line and its spread cover of each column of pixels: top and bottom of both, column by column. */
export interface Columns {
  /** Numbers of the columns, ascending. */
  at: number[]
  lineTop: number[]
  lineBottom: number[]
  spreadTop: number[]
  spreadBottom: number[]
}

/**
 * A dense line, column by column: the same as stroking it, for a small part of the work, for a stroke that goes up
 * and down in every pixel is the most expensive there is.
 */
export function columnsOf({ buckets, segments, axis, yOf, pixel }: ColumnsScene): Columns {
  const columns: Columns = { at: [], lineTop: [], lineBottom: [], spreadTop: [], spreadBottom: [] }
  let open = -1
  // A neighbour far out of sight has no columns to fill on its way.
  const left = axis.left - OUT_OF_SIGHT_PX
  const right = axis.left + (axis.to - axis.from) * axis.pxPerMs + OUT_OF_SIGHT_PX

  function cover(column: number, from: number, to: number, top: number, bottom: number): void {
    if (columns.at[open] !== column) {
      open += 1
      columns.at.push(column)
      columns.lineTop.push(Math.min(from, to))
      columns.lineBottom.push(Math.max(from, to))
      columns.spreadTop.push(top)
      columns.spreadBottom.push(bottom)
      return
    }
    columns.lineTop[open] = Math.min(columns.lineTop[open] ?? from, from, to)
    columns.lineBottom[open] = Math.max(columns.lineBottom[open] ?? from, from, to)
    columns.spreadTop[open] = Math.min(columns.spreadTop[open] ?? top, top)
    columns.spreadBottom[open] = Math.max(columns.spreadBottom[open] ?? bottom, bottom)
  }

  for (const { first, last } of segments) {
    let before: { column: number; y: number; top: number; bottom: number } | null = null
    for (let index = first; index <= last; index += 1) {
      const bucket = buckets[index]
      if (bucket === undefined) continue
      const column = Math.floor(Math.min(right, Math.max(left, timeX(axis, bucket.to))) / pixel)
      const y = yOf(bucket.last)
      // Where nothing was merged, all heights are one.
      const top = bucket.max === bucket.last ? y : yOf(bucket.max)
      const bottom = bucket.min === bucket.last ? y : yOf(bucket.min)
      const now = { column, y, top, bottom }
      const start = before ?? now
      const steps = Math.max(1, column - start.column)
      // Columns between two points belong to the line between them.
      for (let step = 1; step <= steps; step += 1) {
        const share = step / steps
        cover(
          start.column + (before === null ? 0 : Math.min(step, column - start.column)),
          start.y + (y - start.y) * ((step - 1) / steps),
          start.y + (y - start.y) * share,
          start.top + (top - start.top) * share,
          start.bottom + (bottom - start.bottom) * share,
        )
      }
      before = now
    }
  }
  return columns
}

export interface ColumnsLook {
  alpha: number
  /** Of the spread, in relation to `alpha`; null draws none. */
  spreadAlpha: number | null
  /** Fills the room down to this height; null fills none. */
  zero: number | null
  fillAlpha: number
  /** Lengths drawn and left out in turn; empty for an unbroken line. */
  dashes: readonly number[]
}

/** Draws columns in the fill colour of the brush. */
export function paintColumns({ brush, pixel }: ColumnsScene, columns: Columns, look: ColumnsLook): void {
  const snap = (px: number) => Math.round(px / pixel) * pixel
  const { at, lineTop, lineBottom, spreadTop, spreadBottom } = columns
  const upright = (column: number, top: number, bottom: number) => {
    const start = snap(top)
    brush.fillRect(column * pixel, start, pixel, Math.max(pixel, snap(bottom) - start))
  }
  if (look.zero !== null) {
    brush.globalAlpha = look.fillAlpha
    for (let index = 0; index < at.length; index += 1) {
      const middle = ((lineTop[index] ?? 0) + (lineBottom[index] ?? 0)) / 2
      upright(at[index] ?? 0, Math.min(middle, look.zero), Math.max(middle, look.zero))
    }
  }
  if (look.spreadAlpha !== null) {
    brush.globalAlpha = look.spreadAlpha * look.alpha
    for (let index = 0; index < at.length; index += 1) {
      upright(at[index] ?? 0, spreadTop[index] ?? 0, spreadBottom[index] ?? 0)
    }
  }
  const [on = 1, off = 0] = look.dashes
  brush.globalAlpha = look.alpha
  for (let index = 0; index < at.length; index += 1) {
    const column = at[index] ?? 0
    if (off > 0 && (column * pixel) % (on + off) >= on) continue
    upright(column, (lineTop[index] ?? 0) - STROKE_PX / 2, (lineBottom[index] ?? 0) + STROKE_PX / 2)
  }
}
