import { labelWidth, scaleLabels } from '../../ui/chart/axis-labels.ts'
import { type Brush, LABEL_FONT } from '../../ui/chart/brush.ts'
import type { Area } from '../../ui/chart/plot.ts'
import { stepsOf, valueOfStep, valueScale } from '../../ui/chart/value-scale.ts'
import type { Tokens } from '../../ui/tokens.ts'
import type { Histogram } from './histogram.ts'

/** Between two labels under the bars, px. */
const LABEL_GAP_PX = 14
/** How far a label may reach beyond the bars, px. */
const OVERHANG_PX = 24

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
  const countLabels = scaleLabels(counts, null)
  for (let step = 0; step <= stepsOf(counts); step += 1) {
    const value = valueOfStep(counts, step)
    const y = Math.round(bottom - (value / counts.max) * area.height)
    brush.globalAlpha = step === 0 ? 1 : 0.55
    brush.fillStyle = tokens.line
    brush.fillRect(area.left, y, area.width, 1)
    brush.globalAlpha = 1
    brush.fillStyle = tokens.muted
    brush.fillText(countLabels[step] ?? '', area.left - 8, y + 0.5)
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
  const labels = scaleLabels(scale, unit)
  const steps = stepsOf(scale)
  const widest = Math.max(...labels.map(labelWidth))
  const every = Math.max(1, Math.ceil(((widest + LABEL_GAP_PX) * steps) / area.width))
  const right = area.left + area.width + OVERHANG_PX
  for (let step = 0; step <= steps; step += every) {
    const label = labels[step] ?? ''
    const x = area.left + (step / steps) * area.width
    // One at the edge is moved in rather than cut.
    brush.fillText(label, Math.min(x, right - labelWidth(label) / 2), bottom + 15)
  }
}
