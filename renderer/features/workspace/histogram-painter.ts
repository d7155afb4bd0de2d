import { type Brush, LABEL_FONT } from '../../ui/chart/brush.ts'
import type { Area } from '../../ui/chart/plot.ts'
import { axisLabels } from '../../ui/chart/unit-format.ts'
import { stepsOf, valueOfStep, valueScale } from '../../ui/chart/value-scale.ts'
import type { Tokens } from '../../ui/tokens.ts'
import type { Histogram } from './histogram.ts'

const LABEL_PX = 64

/** Bars of one bin stand on each other, by series. */
export function paintHistogram(
  brush: Brush,
  area: Area,
  { scale, bars, top }: Histogram,
  unit: string | null,
  tokens: Tokens,
): void {
  const counts = valueScale(0, Math.max(1, top), Math.max(2, Math.floor(area.height / 38)))
  const bottom = area.top + area.height
  brush.font = LABEL_FONT
  brush.textBaseline = 'middle'
  brush.textAlign = 'right'
  const countLabel = axisLabels(counts.step, counts.max, null)
  for (let step = 0; step <= stepsOf(counts); step += 1) {
    const value = valueOfStep(counts, step)
    const y = Math.round(bottom - (value / counts.max) * area.height)
    brush.globalAlpha = step === 0 ? 1 : 0.55
    brush.fillStyle = tokens.line
    brush.fillRect(area.left, y, area.width, 1)
    brush.globalAlpha = 1
    brush.fillStyle = tokens.muted
    brush.fillText(countLabel(value), area.left - 8, y + 0.5)
  }
  const bins = bars[0]?.counts.length ?? 0
  const width = area.width / Math.max(1, bins)
  for (let bin = 0; bin < bins; bin += 1) {
    let y = bottom
    for (const { counts: own, colour } of bars) {
      const height = ((own[bin] ?? 0) / counts.max) * area.height
      if (height <= 0) continue
      brush.fillStyle = tokens.series[colour] ?? tokens.text
      brush.globalAlpha = 0.78
      // What is there is seen, however seldom it came.
      const shown = Math.max(1, height)
      brush.fillRect(area.left + bin * width + 0.5, y - shown, Math.max(1, width - 1), shown)
      y -= height
    }
  }
  brush.globalAlpha = 1
  brush.textAlign = 'center'
  brush.textBaseline = 'alphabetic'
  brush.fillStyle = tokens.muted
  const label = axisLabels(scale.step, Math.max(Math.abs(scale.min), Math.abs(scale.max)), unit)
  const steps = stepsOf(scale)
  const every = Math.max(1, Math.ceil((LABEL_PX * steps) / area.width))
  for (let step = 0; step <= steps; step += every) {
    brush.fillText(label(valueOfStep(scale, step)), area.left + (step / steps) * area.width, bottom + 15)
  }
}
