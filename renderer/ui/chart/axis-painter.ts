import type { TimeZone } from '../../../shared/format/time.ts'
import type { Tokens } from '../tokens.ts'
import { type Area, type Brush, LABEL_FONT, type TimeAxis, timeX } from './brush.ts'
import { timeTicks } from './time-ticks.ts'
import { axisLabels } from './unit-format.ts'
import { stepsOf, type ValueScale, valueOfStep } from './value-scale.ts'

/**
 * Lines across the plot and their values at its left.
 * @param told In which unit they are told; null where there are no values to tell.
 */
export function paintValueAxis(
  brush: Brush,
  area: Area,
  scale: ValueScale,
  told: { unit: string | null } | null,
  tokens: Tokens,
): void {
  const steps = stepsOf(scale)
  const label = axisLabels(scale.step, Math.max(Math.abs(scale.min), Math.abs(scale.max)), told?.unit ?? null)
  brush.font = LABEL_FONT
  brush.textAlign = 'right'
  brush.textBaseline = 'middle'
  brush.lineWidth = 1
  for (let step = 0; step <= steps; step += 1) {
    const y = Math.round(area.top + (1 - step / steps) * area.height)
    brush.globalAlpha = step === 0 ? 1 : 0.55
    brush.fillStyle = tokens.line
    brush.fillRect(area.left, y, area.width, 1)
    brush.globalAlpha = 1
    if (told === null) continue
    brush.fillStyle = tokens.muted
    brush.fillText(label(valueOfStep(scale, step)), area.left - 8, y + 0.5)
  }
}

/** Round times under the plot. */
export function paintTimeAxis(
  brush: Brush,
  area: Area,
  axis: TimeAxis,
  zone: TimeZone,
  tokens: Tokens,
): void {
  const bottom = area.top + area.height
  brush.font = LABEL_FONT
  brush.textAlign = 'center'
  brush.textBaseline = 'alphabetic'
  for (const tick of timeTicks(axis.from, axis.to, area.width, zone)) {
    const x = timeX(axis, tick.at)
    brush.fillStyle = tokens.line
    brush.fillRect(Math.round(x), bottom, 1, 4)
    // A label that would be cut at the edge is left out.
    if (x < area.left + 6 || x > area.left + area.width - 18) continue
    brush.fillStyle = tokens.muted
    brush.fillText(tick.label, x, bottom + 15)
  }
}
