import { extentBetween } from './extents.ts'
import type { ChartFrame } from './frame.ts'
import { bucketIndexAt } from './segments.ts'
import { settleScale, type ValueScale } from './value-scale.ts'

/** One line of the value grid takes about so much height. */
const GRID_LINE_PX = 38

/** The least and the greatest value within the window. */
export function extentOf(frame: Pick<ChartFrame, 'lines' | 'from' | 'to'>): { low: number; high: number } {
  let low = Number.POSITIVE_INFINITY
  let high = Number.NEGATIVE_INFINITY
  for (const { buckets } of frame.lines) {
    // The neighbours outside count too: the line runs to them.
    const start = Math.max(0, bucketIndexAt(buckets, frame.from))
    const found = extentBetween(buckets, start, bucketIndexAt(buckets, frame.to) + 1)
    if (found.low < low) low = found.low
    if (found.high > high) high = found.high
  }
  return { low, high }
}

/** The value scale for a frame, given the one on screen. */
export function scaleOf(frame: ChartFrame, before: ValueScale | null, plotHeightPx: number): ValueScale {
  const { low, high } = extentOf(frame)
  const lines = Math.max(2, Math.floor(plotHeightPx / GRID_LINE_PX))
  const isPercent = frame.unit === '%' && low >= 0 && high <= 100
  const least = frame.bounds.min ?? (isPercent ? 0 : low)
  const most = frame.bounds.max ?? (isPercent && high > 60 ? 100 : high)
  return settleScale(before, least, most, lines)
}
