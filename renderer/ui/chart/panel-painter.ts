import type { Tokens } from '../tokens.ts'
import { init, type PanelOption } from './echarts.ts'
import { type ChartFrame, PLOT } from './frame.ts'
import { axisOption, baseOption, seriesOption } from './panel-options.ts'
import { bucketIndexAt } from './segments.ts'
import { settleScale, shareOf, type ValueScale } from './value-scale.ts'

/** One line of the value grid takes about so much height. */
const GRID_LINE_PX = 38

export interface PanelPainter {
  /** Draws what has changed since the last frame, and only that. */
  draw(frame: ChartFrame): void
  resize(widthPx: number, heightPx: number): void
  /** Where a value stands, from the top edge of the panel. */
  yOf(value: number): number
  dispose(): void
}

/** The least and the greatest value within the window. */
export function extentOf(frame: ChartFrame): { low: number; high: number } {
  let low = Number.POSITIVE_INFINITY
  let high = Number.NEGATIVE_INFINITY
  for (const { buckets } of frame.lines) {
    // The neighbours outside count too: the line runs to them.
    const start = Math.max(0, bucketIndexAt(buckets, frame.from))
    for (let index = start; index < buckets.length; index += 1) {
      const bucket = buckets[index]
      if (bucket === undefined || bucket.from > frame.to) break
      low = Math.min(low, bucket.min)
      high = Math.max(high, bucket.max)
    }
  }
  return { low, high }
}

export function createPanelPainter(element: HTMLElement, tokens: Tokens): PanelPainter {
  const chart = init(element, null, { renderer: 'canvas', useDirtyRect: false })
  chart.setOption(baseOption(tokens))
  let size = { widthPx: element.clientWidth, heightPx: element.clientHeight }
  let scale: ValueScale | null = null
  let drawn: ChartFrame | null = null

  const plotPx = () => Math.max(1, size.widthPx - PLOT.left - PLOT.right)
  const plotHeightPx = () => Math.max(1, size.heightPx - PLOT.top - PLOT.bottom)

  function nextScale(frame: ChartFrame): ValueScale {
    const { low, high } = extentOf(frame)
    const lines = Math.max(2, Math.floor(plotHeightPx() / GRID_LINE_PX))
    const isPercent = frame.unit === '%' && low >= 0 && high <= 100
    return settleScale(scale, isPercent ? 0 : low, isPercent && high > 60 ? 100 : high, lines)
  }

  /** How far the window has moved since it was drawn, in pixels. */
  function shiftPx(frame: ChartFrame, before: ChartFrame): number {
    const msPerPx = (frame.to - frame.from) / plotPx()
    return Math.max(Math.abs(frame.from - before.from), Math.abs(frame.to - before.to)) / msPerPx
  }

  return {
    draw(frame) {
      const before = drawn
      const isNewData = before === null || frame.version !== before.version || frame.lines !== before.lines
      const isNewWindow =
        before === null ||
        frame.zone !== before.zone ||
        frame.unit !== before.unit ||
        shiftPx(frame, before) >= 0.5
      if (!isNewData && !isNewWindow) return
      const next = nextScale(frame)
      const drawing = { frame, scale: next, plotPx: plotPx(), tokens }
      const option: PanelOption = axisOption(drawing)
      // How close single points stand decides whether they are shown, so a zoom rebuilds them as well.
      const isZoomed =
        before !== null &&
        Math.abs(frame.to - frame.from - (before.to - before.from)) > (frame.to - frame.from) * 1e-6
      const isRescaled = scale === null || scale.min !== next.min || scale.max !== next.max
      const isRebuilt = isNewData || isZoomed || isRescaled
      if (isRebuilt) Object.assign(option, seriesOption(drawing))
      chart.setOption(option, isRebuilt ? { replaceMerge: ['series'], silent: true } : { silent: true })
      scale = next
      drawn = frame
    },
    resize(widthPx, heightPx) {
      size = { widthPx, heightPx }
      chart.resize({ width: widthPx, height: heightPx })
      scale = null
      drawn = null
    },
    yOf(value) {
      if (scale === null) return PLOT.top + plotHeightPx()
      return PLOT.top + (1 - shareOf(scale, value)) * plotHeightPx()
    },
    dispose: () => chart.dispose(),
  }
}
