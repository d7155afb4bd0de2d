import type { TimeZone } from '../../../shared/format/time.ts'
import type { Tokens } from '../tokens.ts'
import { LABEL_GAP_PX, scaleLabels } from './axis-labels.ts'
import { type Brush, LABEL_FONT } from './brush.ts'
import { type Area, type TimeAxis, type TimeLabel, timeX } from './plot.ts'
import { timeTicks } from './time-ticks.ts'
import { stepsOf, type ValueScale } from './value-scale.ts'

/** Lines across the plot, at round values. */
export function paintGrid(brush: Brush, area: Area, scale: ValueScale, tokens: Tokens): void {
  const steps = stepsOf(scale)
  brush.fillStyle = tokens.line
  for (let step = 0; step <= steps; step += 1) {
    brush.globalAlpha = step === 0 ? 1 : 0.55
    brush.fillRect(area.left, stepY(area, step, steps), area.width, 1)
  }
  brush.globalAlpha = 1
}

/** The values of the lines, at the left of the plot. */
export function paintValueLabels(
  brush: Brush,
  area: Area,
  scale: ValueScale,
  unit: string | null,
  tokens: Tokens,
): void {
  const labels = scaleLabels(scale, unit)
  brush.font = LABEL_FONT
  brush.textAlign = 'right'
  brush.textBaseline = 'middle'
  brush.fillStyle = tokens.muted
  for (const [step, label] of labels.entries()) {
    brush.fillText(label, area.left - LABEL_GAP_PX, stepY(area, step, labels.length - 1) + 0.5)
  }
}

function stepY(area: Area, step: number, steps: number): number {
  return Math.round(area.top + (1 - step / steps) * area.height)
}

/** Labels of one height and digits of one width: so much room a character takes, px. */
const PX_PER_CHAR = 6.6

/**
 * Round times under the plot.
 * @returns what was told
 */
export function paintTimeAxis(
  brush: Brush,
  area: Area,
  axis: TimeAxis,
  zone: TimeZone,
  tokens: Tokens,
): TimeLabel[] {
  const bottom = area.top + area.height
  const told: TimeLabel[] = []
  brush.font = LABEL_FONT
  brush.textAlign = 'center'
  brush.textBaseline = 'alphabetic'
  for (const tick of timeTicks(axis.from, axis.to, area.width, zone)) {
    const x = timeX(axis, tick.at)
    brush.fillStyle = tokens.line
    brush.fillRect(Math.round(x), bottom, 1, 4)
    // A label that would be cut at the edge is left out.
    const halfPx = (tick.label.length * PX_PER_CHAR) / 2
    if (x - halfPx < area.left || x + halfPx > area.left + area.width) continue
    brush.fillStyle = tokens.muted
    brush.fillText(tick.label, x, bottom + 15)
    told.push({ at: tick.at, halfPx })
  }
  return told
}
