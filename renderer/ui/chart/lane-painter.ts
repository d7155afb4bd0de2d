import type { Tokens } from '../tokens.ts'
import type { Brush } from './brush.ts'
import type { LaneStretch } from './lane-stretches.ts'

export interface LaneGeometry {
  /** Position of a time, px. */
  x(at: number): number
  left: number
  right: number
  top: number
  height: number
}

const HATCH_PX = 5
const TICK_PX = 4
const TOOTH_PX = 3

/** Slanted lines within a box. */
export function hatch(context: Brush, x: number, y: number, width: number, height: number): void {
  context.save()
  context.beginPath()
  context.rect(x, y, width, height)
  context.clip()
  context.beginPath()
  // The lines stand still in the window of the lane and do not crawl with its left edge.
  const start = Math.floor((x - height) / HATCH_PX) * HATCH_PX
  for (let position = start; position < x + width; position += HATCH_PX) {
    context.moveTo(position, y + height)
    context.lineTo(position + height, y)
  }
  context.stroke()
  context.restore()
}

/** Ticks along the upper edge, as on a dial: the clock is off, whatever the verdict. */
function notch(context: Brush, x: number, y: number, width: number, ink: string): void {
  context.fillStyle = ink
  for (let tick = x; tick < x + width; tick += TICK_PX) context.fillRect(tick, y, 1.5, 3)
}

/** Teeth along the lower edge, as of a key that does not fit: the content is not what the schema allows. */
function teeth(context: Brush, x: number, bottom: number, width: number, { panel, text }: Tokens): void {
  context.fillStyle = panel
  context.fillRect(x, bottom - TOOTH_PX, width, TOOTH_PX)
  context.fillStyle = text
  context.beginPath()
  const end = x + Math.max(width, TOOTH_PX)
  for (let tooth = x; tooth < end - 1; tooth += TICK_PX) {
    context.moveTo(tooth, bottom)
    context.lineTo(tooth + TOOTH_PX / 2, bottom - TOOTH_PX)
    context.lineTo(tooth + TOOTH_PX, bottom)
  }
  context.fill()
}

/** Draws the stretches: colour, and a shape for each, so that no verdict is told by colour alone. */
export function paintLane(
  context: Brush,
  stretches: readonly LaneStretch[],
  { x, left, right, top, height }: LaneGeometry,
  tokens: Tokens,
): void {
  context.lineWidth = 1
  context.strokeStyle = tokens.line
  context.strokeRect(left + 0.5, top + 0.5, right - left - 1, height - 1)
  for (const { from, to, kind, clockOff, notBySchema } of stretches) {
    const start = Math.max(left, x(from))
    // A single bad message in a week is still one pixel and a half of truth.
    const width = Math.min(right, Math.max(x(to), start + 1.5)) - start
    if (start >= right || width <= 0 || x(to) < left) continue
    switch (kind) {
      case 'gap':
        context.fillStyle = tokens.panel
        context.fillRect(start, top, width, height)
        context.strokeStyle = tokens.muted
        context.globalAlpha = 0.75
        hatch(context, start, top, width, height)
        context.globalAlpha = 1
        break
      case 'dropped':
        context.fillStyle = tokens.line
        for (let dot = start; dot < start + width; dot += 4) context.fillRect(dot, top + height / 2 - 1, 2, 2)
        break
      case 'pending':
        context.strokeStyle = tokens.pending
        context.fillStyle = tokens.panel
        context.fillRect(start, top, width, height)
        context.strokeRect(start + 0.5, top + 0.5, Math.max(1, width - 1), height - 1)
        break
      case 'forged':
        context.fillStyle = tokens.forged
        context.fillRect(start, top, width, height)
        context.fillStyle = tokens.panel
        context.fillRect(start, top + height / 2 - 0.5, width, 1)
        break
      default:
        context.fillStyle = tokens[kind]
        context.fillRect(start, top, width, height)
    }
    if (clockOff) notch(context, start, top, width, tokens.text)
    if (notBySchema) teeth(context, start, top + height, width, tokens)
  }
}
