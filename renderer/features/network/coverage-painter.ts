import type { TimeZone } from '../../../shared/format/time.ts'
import type { CoverageMatrix, CoverageRow } from '../../api/network-types.ts'
import { hatch } from '../../ui/chart/lane-painter.ts'
import { timeTicks } from '../../ui/chart/time-ticks.ts'
import type { Tokens } from '../../ui/tokens.ts'
import { shareHeld } from './coverage-share.ts'

export const ROW_PX = 24
const GAP_PX = 3
const AXIS_PX = 22
/** A share above nothing can always be told from nothing. */
const LEAST_ALPHA = 0.16

export interface MatrixScene {
  matrix: CoverageMatrix
  /** The union first, then the nodes. */
  rows: readonly CoverageRow[]
  widthPx: number
  zone: TimeZone
  cursor: { row: number; bucket: number } | null
}

export function matrixHeight(rows: number): number {
  return rows * ROW_PX + AXIS_PX
}

/** Nodes down, time across: the stronger, the larger the share held; hatched where others hold and this one does not. */
export function paintMatrix(context: CanvasRenderingContext2D, scene: MatrixScene, tokens: Tokens): void {
  const { matrix, rows, widthPx, cursor } = scene
  const cellPx = widthPx / matrix.atLeast.length
  context.lineWidth = 1
  rows.forEach((row, index) => {
    const top = index * ROW_PX + GAP_PX / 2
    const height = ROW_PX - GAP_PX
    context.fillStyle = tokens.ground
    context.fillRect(0, top, widthPx, height)
    matrix.atLeast.forEach((_, bucket) => {
      const share = shareHeld(matrix, row, bucket)
      if (share === null) return
      const left = bucket * cellPx
      if (share === 0) {
        context.strokeStyle = tokens.line
        hatch(context, left, top, cellPx, height)
        return
      }
      context.globalAlpha = LEAST_ALPHA + (1 - LEAST_ALPHA) * share
      context.fillStyle = index === 0 ? tokens.text : (tokens.series[0] ?? tokens.text)
      context.fillRect(left, top, cellPx + 0.4, height)
      context.globalAlpha = 1
    })
  })
  paintAxis(context, scene, tokens)
  if (cursor === null) return
  context.strokeStyle = tokens.accent
  context.lineWidth = 2
  context.strokeRect(cursor.bucket * cellPx, cursor.row * ROW_PX + 1, Math.max(3, cellPx), ROW_PX - 2)
}

function paintAxis(
  context: CanvasRenderingContext2D,
  { matrix, rows, widthPx, zone }: MatrixScene,
  tokens: Tokens,
): void {
  const to = matrix.start + matrix.widthMs * matrix.atLeast.length
  context.fillStyle = tokens.muted
  context.font = "11px 'Inter Variable', system-ui, sans-serif"
  context.textAlign = 'center'
  for (const { at, label } of timeTicks(matrix.start, to, widthPx, zone)) {
    const x = ((at - matrix.start) / (to - matrix.start)) * widthPx
    if (x > 28 && x < widthPx - 28) context.fillText(label, x, rows.length * ROW_PX + 15)
  }
}
