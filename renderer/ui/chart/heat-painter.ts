import type { ChartBucket } from '../../../shared/chart.ts'
import type { Tokens } from '../tokens.ts'
import type { Brush } from './brush.ts'
import type { DrawnLine } from './frame.ts'
import { hatch } from './lane-painter.ts'
import { type Area, type TimeAxis, timeX } from './plot.ts'
import { bucketIndexAt, longestBridgeMs } from './segments.ts'
import { shareOf, type ValueScale } from './value-scale.ts'

/** Cells are at least so wide, so that a colour can be seen. */
const CELL_PX = 4
const LEAST_ALPHA = 0.07

export interface HeatScene {
  lines: readonly DrawnLine[]
  axis: TimeAxis
  area: Area
  scale: ValueScale
}

/** Mean of what was measured in a stretch: exact, from sums and counts. */
function meanOf(buckets: readonly ChartBucket[]): number | null {
  let [sum, count] = [0, 0]
  for (const bucket of buckets) {
    sum += bucket.sum
    count += bucket.count
  }
  return count === 0 ? null : sum / count
}

/** A row for each line, a cell for each stretch of time: the stronger, the higher its mean. */
export function paintHeat(brush: Brush, { lines, axis, area, scale }: HeatScene, tokens: Tokens): void {
  const rowHeight = area.height / Math.max(1, lines.length)
  // Cells begin at multiples of their length, so that they stand still while the window moves.
  const cellMs = CELL_PX / axis.pxPerMs
  brush.save()
  brush.beginPath()
  brush.rect(area.left, area.top, area.width, area.height)
  brush.clip()
  brush.strokeStyle = tokens.line
  brush.lineWidth = 1
  hatch(brush, area.left, area.top, area.width, area.height)
  lines.forEach((line, row) => {
    const top = area.top + row * rowHeight
    const height = Math.max(1, rowHeight - (rowHeight > 6 ? 1 : 0))
    const bridge = longestBridgeMs(line.intervalMs)
    const colour = tokens.series[line.colour] ?? tokens.text
    const start = Math.floor(axis.from / cellMs) * cellMs
    let held: { mean: number; until: number } | null = null
    for (let at = start; at < axis.to; at += cellMs) {
      const first = bucketIndexAt(line.buckets, at - 1e-6) + 1
      const last = bucketIndexAt(line.buckets, at + cellMs - 1e-6)
      const found = line.buckets.slice(first, last + 1)
      const own = meanOf(found)
      const end = found.at(-1)
      if (own !== null && end !== undefined) held = { mean: own, until: end.to + bridge }
      // Between two messages at their usual distance the value stands; in a silence nothing does.
      const mean = own ?? (held !== null && held.until >= at ? held.mean : null)
      if (mean === null) continue
      // Whole pixels: cells that overlapped would show as stripes.
      const x = Math.round(timeX(axis, at))
      const width = Math.round(timeX(axis, at + cellMs)) - x
      brush.globalAlpha = 1
      brush.fillStyle = tokens.panel
      brush.fillRect(x, top, width, height)
      brush.globalAlpha = LEAST_ALPHA + (1 - LEAST_ALPHA) * Math.min(1, Math.max(0, shareOf(scale, mean)))
      brush.fillStyle = colour
      brush.fillRect(x, top, width, height)
    }
  })
  brush.globalAlpha = 1
  brush.restore()
}
