import type { TimeZone } from '../../../shared/format/time.ts'
import type { Tokens } from '../tokens.ts'
import { paintAlertMarks, paintAlertTint } from './alert-painter.ts'
import { alertFlags, alertSpans } from './alert-stretches.ts'
import { labelRoom, scaleLabels } from './axis-labels.ts'
import { paintGrid, paintTimeAxis, paintValueLabels } from './axis-painter.ts'
import { type Brush, LABEL_FONT } from './brush.ts'
import { type ChartFrame, type DrawnData, drawnData, LANE_HEIGHT_PX, PLOT, plotWidth } from './frame.ts'
import { paintHeat } from './heat-painter.ts'
import { paintLane } from './lane-painter.ts'
import { paintLines } from './lines-painter.ts'
import type { PixelLayer } from './pixel-layer.ts'
import { type Area, type TimeAxis, type TimeLabel, type TimePlotKind, timeX } from './plot.ts'
import { stateColours } from './state-colours.ts'
import { paintStates, rowBand } from './states-painter.ts'
import type { ValueScale } from './value-scale.ts'

/** The plot within a panel of a size; values take `leftPx` of its width. */
export function plotArea(widthPx: number, heightPx: number, leftPx: number): Area {
  return {
    left: leftPx,
    top: PLOT.top,
    width: plotWidth(widthPx, leftPx),
    height: Math.max(1, heightPx - LANE_HEIGHT_PX - PLOT.top - PLOT.bottom),
  }
}

export interface PanelScene {
  kind: TimePlotKind
  data: DrawnData
  scale: ValueScale
  /** Width of a device pixel; null for pictures that have no pixels, or more than a screen. */
  pixel: number | null
  /** Where dense lines are put together, on a picture that has pixels. */
  layer?: PixelLayer
}

function hasBuckets({ lines }: ChartFrame): boolean {
  return lines.some(({ buckets }) => buckets.length > 0)
}

/** Room that what stands still needs at the left of the plot, px. Names of rows have a length that fits. */
export function stillRoom(kind: TimePlotKind, frame: ChartFrame, scale: ValueScale): number {
  const hasValues = (kind === 'line' || kind === 'area') && hasBuckets(frame)
  return hasValues ? labelRoom(scaleLabels(scale, frame.unit)) : PLOT.left
}

/** What stands still while time moves: values and names, at the left of the plot. */
export function paintStill(
  brush: Brush,
  kind: TimePlotKind,
  frame: ChartFrame,
  scale: ValueScale,
  area: Area,
  tokens: Tokens,
): void {
  if (kind === 'line' || kind === 'area') {
    if (hasBuckets(frame)) paintValueLabels(brush, area, scale, frame.unit, tokens)
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
}

/**
 * What moves with time: the grid, the data, the alerts on it, its provenance lane, and the times below.
 * @returns the times that are told
 */
export function paintMoving(
  brush: Brush,
  { kind, data, scale, pixel, layer }: PanelScene,
  area: Area,
  axis: TimeAxis,
  zone: TimeZone,
  tokens: Tokens,
): TimeLabel[] {
  const spans = alertSpans(data.alerts)
  const alertGeometry = {
    x: (at: number) => timeX(axis, at),
    left: area.left,
    right: area.left + area.width,
    top: area.top - PLOT.top,
    tintTop: area.top,
    bottom: area.top + area.height,
  }
  if (kind === 'line' || kind === 'area') paintGrid(brush, area, scale, tokens)
  paintAlertTint(brush, spans, alertGeometry, tokens)
  switch (kind) {
    case 'line':
    case 'area':
      paintLines(
        brush,
        { lines: data.lines, axis, area, scale, filled: kind === 'area', pixel, ...(layer && { layer }) },
        tokens,
      )
      break
    case 'states':
      paintStates(brush, { rows: data.states, axis, area, colourOf: stateColours(data.states) }, tokens)
      break
    case 'heatmap':
      paintHeat(brush, { lines: data.lines, axis, area, scale }, tokens)
      break
  }
  if (kind === 'states' || kind === 'heatmap') {
    brush.fillStyle = tokens.line
    brush.fillRect(area.left, area.top + area.height, area.width, 1)
  }
  paintAlertMarks(brush, { spans, flags: alertFlags(data.alerts, axis.pxPerMs) }, alertGeometry, tokens)
  const laneTop = area.top + area.height + PLOT.bottom
  const geometry = {
    x: (at: number) => timeX(axis, at),
    left: area.left,
    right: area.left + area.width,
    top: laneTop,
    height: LANE_HEIGHT_PX,
  }
  paintLane(brush, data.lane, geometry, tokens)
  return paintTimeAxis(brush, area, axis, zone, tokens)
}

/** A whole panel, for a picture. */
export function paintWhole(
  brush: Brush,
  kind: TimePlotKind,
  frame: ChartFrame,
  scale: ValueScale,
  area: Area,
  tokens: Tokens,
): void {
  const { from, to, zone } = frame
  const axis = { from, to, left: area.left, pxPerMs: area.width / (to - from) }
  paintStill(brush, kind, frame, scale, area, tokens)
  paintMoving(brush, { kind, data: drawnData(frame), scale, pixel: null }, area, axis, zone, tokens)
}
