import { type Brush, LABEL_FONT } from '../../ui/chart/brush.ts'
import type { Area } from '../../ui/chart/plot.ts'
import { formatValue } from '../../ui/chart/unit-format.ts'
import type { Tokens } from '../../ui/tokens.ts'

export interface GaugeScene {
  area: Area
  /** Null where nothing is known. */
  value: number | null
  min: number
  max: number
  /** Least and greatest value seen in the window. */
  seen: { min: number; max: number } | null
  colour: string
  unit: string | null
  estimated: boolean
}

const START = Math.PI * 0.85
const SWEEP = Math.PI * 1.3
/** How far the ends of the arc lie below its middle, in radii; and the room of the words beneath them. */
const DROP = Math.sin(START)
const LABEL_ROOM_PX = 30
const FAMILY = "'Inter Variable', system-ui, sans-serif"

/** A value between its ends, with the range it had in the window as a thinner arc outside. */
export function paintGauge(brush: Brush, scene: GaugeScene, tokens: Tokens): void {
  const { area, value, min, max, seen, colour, unit } = scene
  const radius = Math.max(10, Math.min(area.width / 2 - 10, (area.height - LABEL_ROOM_PX) / (1 + DROP)))
  const x = area.left + area.width / 2
  const y = area.top + radius + Math.max(6, (area.height - LABEL_ROOM_PX - radius * (1 + DROP)) / 2 + 6)
  const width = Math.max(5, radius * 0.17)
  const angle = (at: number) => START + SWEEP * Math.min(1, Math.max(0, (at - min) / (max - min || 1)))
  const arc = (r: number, from: number, to: number, lineWidth: number, style: string) => {
    brush.beginPath()
    brush.arc(x, y, r, from, to)
    brush.lineWidth = lineWidth
    brush.strokeStyle = style
    brush.stroke()
  }
  arc(radius - width / 2, START, START + SWEEP, width, tokens.line)
  if (value !== null) arc(radius - width / 2, START, Math.max(angle(value), START + 0.01), width, colour)
  if (seen !== null) {
    brush.globalAlpha = 0.55
    arc(radius + 3, angle(seen.min), Math.max(angle(seen.max), angle(seen.min) + 0.02), 2, colour)
    brush.globalAlpha = 1
  }
  brush.textAlign = 'center'
  brush.textBaseline = 'middle'
  brush.fillStyle = tokens.text
  brush.font = `600 ${Math.round(Math.min(34, radius * 0.42))}px ${FAMILY}`
  const text = value === null ? '–' : formatValue(value, unit)
  brush.fillText(`${scene.estimated ? '≈ ' : ''}${text}`, x, y - radius * 0.04)
  brush.fillStyle = tokens.muted
  brush.font = LABEL_FONT
  const end = { x: Math.cos(START) * (radius - width / 2), y: Math.sin(START) * (radius - width / 2) + 13 }
  brush.fillText(formatValue(min, unit), x + end.x, y + end.y)
  brush.fillText(formatValue(max, unit), x - end.x, y + end.y)
}
