import type { Tokens } from '../tokens.ts'
import { paintTimeAxis, paintValueAxis } from './axis-painter.ts'
import { type Area, type Brush, LABEL_FONT, type TimeAxis } from './brush.ts'
import { type ChartFrame, LANE_HEIGHT_PX, PLOT } from './frame.ts'
import { paintHeat } from './heat-painter.ts'
import { paintLane } from './lane-painter.ts'
import { laneStretches } from './lane-stretches.ts'
import { paintLines } from './lines-painter.ts'
import { stateColours } from './state-colours.ts'
import { paintStates, rowBand } from './states-painter.ts'
import type { ValueScale } from './value-scale.ts'

/** What a panel over time draws. */
export type TimePlotKind = 'line' | 'area' | 'states' | 'heatmap'

/** The plot within a panel of a size. */
export function plotArea(widthPx: number, heightPx: number): Area {
  return {
    left: PLOT.left,
    top: PLOT.top,
    width: Math.max(1, widthPx - PLOT.left - PLOT.right),
    height: Math.max(1, heightPx - LANE_HEIGHT_PX - PLOT.top - PLOT.bottom),
  }
}

export interface PanelScene {
  kind: TimePlotKind
  frame: ChartFrame
  scale: ValueScale
}

/** What stands still while time moves: values and names at the left. */
export function paintStill(
  brush: Brush,
  { kind, frame, scale }: PanelScene,
  area: Area,
  tokens: Tokens,
): void {
  if (kind === 'line' || kind === 'area') {
    const isEmpty = frame.lines.every((line) => line.buckets.length === 0)
    paintValueAxis(brush, area, scale, isEmpty ? null : { unit: frame.unit }, tokens)
    return
  }
  const rows = kind === 'states' ? frame.states.length : frame.lines.length
  brush.font = LABEL_FONT
  brush.textAlign = 'right'
  brush.textBaseline = 'middle'
  brush.fillStyle = tokens.muted
  for (let row = 0; row < rows; row += 1) {
    const rowHeight = area.height / rows
    const middle =
      kind === 'states'
        ? rowBand(area, rows, row).top + rowBand(area, rows, row).height / 2
        : area.top + (row + 0.5) * rowHeight
    if (rowHeight >= 11) brush.fillText(frame.rowNames[row] ?? '', area.left - 8, middle + 0.5)
  }
  brush.fillStyle = tokens.line
  brush.fillRect(area.left, area.top + area.height, area.width, 1)
}

/** What moves with time: the data and its provenance lane. */
export function paintMoving(
  brush: Brush,
  { kind, frame, scale }: PanelScene,
  area: Area,
  axis: TimeAxis,
  tokens: Tokens,
): void {
  switch (kind) {
    case 'line':
    case 'area':
      paintLines(brush, { lines: frame.lines, axis, area, scale, filled: kind === 'area' }, tokens)
      break
    case 'states':
      paintStates(brush, { rows: frame.states, axis, area, colourOf: stateColours(frame.states) }, tokens)
      break
    case 'heatmap':
      paintHeat(brush, { lines: frame.lines, axis, area, scale }, tokens)
      break
  }
  const laneTop = area.top + area.height + PLOT.bottom
  const geometry = {
    x: (at: number) => axis.left + (at - axis.from) * axis.pxPerMs,
    left: area.left,
    right: area.left + area.width,
    top: laneTop,
    height: LANE_HEIGHT_PX,
  }
  paintLane(brush, laneStretches(frame.lane, frame.laneBridgeMs), geometry, tokens)
}

/** A whole panel, for a picture. */
export function paintWhole(brush: Brush, scene: PanelScene, area: Area, tokens: Tokens): void {
  const { from, to, zone } = scene.frame
  const axis = { from, to, left: area.left, pxPerMs: area.width / (to - from) }
  paintStill(brush, scene, area, tokens)
  paintMoving(brush, scene, area, axis, tokens)
  paintTimeAxis(brush, area, axis, zone, tokens)
}
