import type { Severity } from '../../../shared/rules/rule.ts'
import type { Tokens } from '../tokens.ts'
import { type AlertFlag, type AlertSpan, FLAG_PX, flagCount, flagExtent } from './alert-stretches.ts'
import type { Brush } from './brush.ts'

export interface AlertGeometry {
  /** Position of a time, px. */
  x(at: number): number
  left: number
  right: number
  /** Upper edge of the marks. */
  top: number
  /** What is tinted reaches from `tintTop` to here. */
  bottom: number
  tintTop: number
}

/** How strongly a stretch is tinted: seen, and never louder than the data on it. */
const TINT: Record<Severity, number> = { critical: 0.08, warning: 0.055, info: 0.035 }
/** The line along a stretch says how bad it is without a colour. */
const DASHES: Record<Severity, number[]> = { critical: [], warning: [6, 3], info: [1.5, 3.5] }
const LINE_PX = 2
/** A stretch is seen however short it is. */
const LEAST_PX = 1.5
const END_PX = 7
const COUNT_FONT = "600 10px 'Inter Variable', system-ui, sans-serif"

/** Verdicts have colours of their own; alerts are told by strength, line and sign. */
function inkOf(severity: Severity, tokens: Tokens): string {
  return severity === 'info' ? tokens.muted : tokens.text
}

/** Tints the stretches in which something fires; to be drawn below the data. */
export function paintAlertTint(
  brush: Brush,
  spans: readonly AlertSpan[],
  { x, left, right, tintTop, bottom }: AlertGeometry,
  tokens: Tokens,
): void {
  for (const { from, to, severity } of spans) {
    const start = Math.max(left, x(from))
    const end = Math.min(right, Math.max(x(to), x(from) + LEAST_PX))
    if (end <= start) continue
    brush.fillStyle = inkOf(severity, tokens)
    brush.globalAlpha = TINT[severity]
    brush.fillRect(start, tintTop, end - start, bottom - tintTop)
  }
  brush.globalAlpha = 1
}

/** A mark where alerts begin, and a line for as long as they last; to be drawn over the data. */
export function paintAlertMarks(
  brush: Brush,
  { spans, flags }: { spans: readonly AlertSpan[]; flags: readonly AlertFlag[] },
  geometry: AlertGeometry,
  tokens: Tokens,
): void {
  const { x, left, right, top, bottom } = geometry
  const middle = top + FLAG_PX / 2
  for (const { from, to, severity } of spans) {
    const start = Math.max(left, x(from))
    const end = Math.min(right, Math.max(x(to), x(from) + LEAST_PX))
    if (end <= start) continue
    brush.strokeStyle = inkOf(severity, tokens)
    brush.lineWidth = LINE_PX
    brush.setLineDash(DASHES[severity])
    brush.beginPath()
    brush.moveTo(start, middle)
    brush.lineTo(end, middle)
    brush.stroke()
    brush.setLineDash([])
    // Where it ended; what goes on runs into the edge.
    if (x(to) <= right) {
      brush.fillStyle = inkOf(severity, tokens)
      brush.fillRect(Math.round(end) - 1, middle - END_PX / 2, 1.5, END_PX)
    }
  }
  for (const flag of flags) {
    const at = x(flag.at)
    if (at < left || at > right) continue
    brush.fillStyle = inkOf(flag.severity, tokens)
    brush.globalAlpha = 0.35
    brush.fillRect(Math.round(at), top + FLAG_PX, 1, bottom - top - FLAG_PX)
    brush.globalAlpha = 1
    paintFlag(brush, flag, Math.round(at) + 0.5, top, tokens)
  }
}

function paintFlag(brush: Brush, flag: AlertFlag, x: number, top: number, tokens: Tokens): void {
  const count = flagCount(flag)
  const middle = top + FLAG_PX / 2
  const ink = inkOf(flag.severity, tokens)
  if (count !== '') {
    const { right } = flagExtent(flag)
    brush.fillStyle = tokens.panel
    brush.fillRect(x, top, right, FLAG_PX)
    brush.strokeStyle = ink
    brush.lineWidth = 1
    brush.strokeRect(x, top + 0.5, right - 0.5, FLAG_PX - 1)
    brush.fillStyle = ink
    brush.font = COUNT_FONT
    brush.textAlign = 'right'
    brush.textBaseline = 'middle'
    brush.fillText(count, x + right - 4, middle + 0.5)
  }
  paintSign(brush, flag.severity, x, middle, tokens)
}

/** A full octagon, a triangle, a circle: as the signs beside the words for severity. */
function paintSign(brush: Brush, severity: Severity, x: number, y: number, tokens: Tokens): void {
  const half = FLAG_PX / 2
  const ink = inkOf(severity, tokens)
  brush.beginPath()
  if (severity === 'critical') {
    const cut = half * 0.42
    brush.moveTo(x - cut, y - half)
    brush.lineTo(x + cut, y - half)
    brush.lineTo(x + half, y - cut)
    brush.lineTo(x + half, y + cut)
    brush.lineTo(x + cut, y + half)
    brush.lineTo(x - cut, y + half)
    brush.lineTo(x - half, y + cut)
    brush.lineTo(x - half, y - cut)
  } else if (severity === 'warning') {
    brush.moveTo(x, y - half + 0.5)
    brush.lineTo(x + half + 0.5, y + half - 0.5)
    brush.lineTo(x - half - 0.5, y + half - 0.5)
  } else brush.arc(x, y, half - 0.75, 0, Math.PI * 2)
  brush.closePath()
  brush.fillStyle = severity === 'critical' ? ink : tokens.panel
  brush.fill()
  if (severity !== 'critical') {
    brush.strokeStyle = ink
    brush.lineWidth = 1.25
    brush.stroke()
  }
  brush.fillStyle = severity === 'critical' ? tokens.panel : ink
  if (severity === 'info') {
    brush.fillRect(x - 0.75, y - 3.25, 1.5, 1.5)
    brush.fillRect(x - 0.75, y - 0.75, 1.5, 4)
    return
  }
  // The dot of a triangle stands where there is room for it.
  const [stem, dot] = severity === 'warning' ? [y - 2, y + 2.5] : [y - 3.5, y + 2]
  brush.fillRect(x - 0.75, stem, 1.5, dot - stem - 1)
  brush.fillRect(x - 0.75, dot, 1.5, 1.5)
}
