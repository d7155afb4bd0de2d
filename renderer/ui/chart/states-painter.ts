import type { Tokens } from '../tokens.ts'
import { visibleText } from '../visible-text.ts'
import { type Brush, LABEL_FONT } from './brush.ts'
import type { StateRow } from './frame.ts'
import { hatch } from './lane-painter.ts'
import { unknownStretches } from './lane-stretches.ts'
import { type Area, type TimeAxis, timeX } from './plot.ts'

const ROW_GAP_PX = 4
const MOST_ROW_PX = 34
/** A word needs so much room beside its edges. */
const WORD_PADDING_PX = 6
const PX_PER_CHAR = 6.2
const MAX_WORD = 40

export interface StatesScene {
  rows: readonly StateRow[]
  axis: TimeAxis
  area: Area
  colourOf(state: string): number
}

export interface RowBand {
  top: number
  height: number
}

/** Where the row with this number lies. */
export function rowBand(area: Area, rows: number, index: number): RowBand {
  const height = Math.min(MOST_ROW_PX, area.height / Math.max(1, rows) - ROW_GAP_PX)
  return { top: area.top + index * (height + ROW_GAP_PX), height: Math.max(2, height) }
}

/** A bar for each time a state was in force; hatched where no message says so. */
export function paintStates(brush: Brush, { rows, axis, area, colourOf }: StatesScene, tokens: Tokens): void {
  brush.save()
  brush.beginPath()
  brush.rect(area.left, area.top, area.width, area.height)
  brush.clip()
  brush.font = LABEL_FONT
  brush.textAlign = 'left'
  brush.textBaseline = 'middle'
  rows.forEach((row, index) => {
    const band = rowBand(area, rows.length, index)
    brush.strokeStyle = tokens.line
    brush.lineWidth = 1
    for (const { from, to } of unknownStretches(row.known)) {
      const left = Math.max(area.left, timeX(axis, from))
      const width = Math.min(area.left + area.width, timeX(axis, to)) - left
      if (width > 0) hatch(brush, left, band.top, width, band.height)
    }
    for (const known of row.known) paintKnown(brush, row, known, { band, axis, colourOf }, tokens)
  })
  brush.restore()
}

interface RowScene {
  band: RowBand
  axis: TimeAxis
  colourOf(state: string): number
}

function paintKnown(
  brush: Brush,
  row: StateRow,
  known: { from: number; to: number },
  { band, axis, colourOf }: RowScene,
  tokens: Tokens,
): void {
  if (known.to < axis.from || known.from > axis.to) return
  row.changes.forEach((change, index) => {
    const from = Math.max(change.at, known.from, axis.from)
    const to = Math.min(row.changes[index + 1]?.at ?? known.to, known.to, axis.to)
    if (to <= from && !(change.at >= known.from && change.at <= known.to)) return
    const x = timeX(axis, from)
    const width = Math.max(1, timeX(axis, to) - x)
    const colour = tokens.series[colourOf(change.state)] ?? tokens.text
    brush.fillStyle = tokens.panel
    brush.fillRect(x, band.top, width, band.height)
    brush.fillStyle = colour
    brush.globalAlpha = 0.34
    brush.fillRect(x, band.top, width, band.height)
    brush.globalAlpha = 1
    brush.fillRect(x, band.top, Math.min(2, width), band.height)
    const word = visibleText(change.state).slice(0, MAX_WORD)
    if (band.height >= 13 && word.length * PX_PER_CHAR + WORD_PADDING_PX * 2 < width) {
      brush.fillStyle = tokens.text
      brush.fillText(word, x + WORD_PADDING_PX, band.top + band.height / 2 + 0.5)
    }
  })
}
