import type { ChartBucket } from '../../../shared/chart.ts'
import type { Verdict } from '../../../shared/verdict.ts'
import type { Tokens } from '../tokens.ts'
import type { CustomSeriesOption, LineSeriesOption, PanelOption, ScatterSeriesOption } from './echarts.ts'
import { type ChartFrame, type ChartLine, PLOT } from './frame.ts'
import { findSegments, type Segment } from './segments.ts'
import { timeTicks } from './time-ticks.ts'
import { axisLabels } from './unit-format.ts'
import { shareOf, stepsOf, type ValueScale, valueOfStep } from './value-scale.ts'

/** Single messages that stand at least so far apart are shown as points of their own. */
const POINT_SPACING_PX = 14

type ScatterDot = {
  value: number[]
  symbol?: string
  symbolSize: number
  itemStyle?: { color: string; borderColor?: string; borderWidth?: number }
}

type Series = LineSeriesOption | ScatterSeriesOption | CustomSeriesOption

function alpha(colour: string, opacity: number): string {
  return `${colour}${Math.round(opacity * 255)
    .toString(16)
    .padStart(2, '0')}`
}

/** What a frame is drawn with. */
export interface Drawing {
  frame: ChartFrame
  scale: ValueScale
  /** Width of the plot within its margins. */
  plotPx: number
  tokens: Tokens
}

/** The line through the last value of each bucket: every point of it was measured. Breaks are holes. */
function linePoints(line: ChartLine, segments: readonly Segment[], scale: ValueScale): (number | null)[][] {
  const points: (number | null)[][] = []
  for (const { first, last } of segments) {
    for (const bucket of line.buckets.slice(first, last + 1))
      points.push([bucket.to, shareOf(scale, bucket.last)])
    const end = line.buckets[last]
    if (end !== undefined) points.push([end.to, null])
  }
  return points
}

/** The room between the least and the greatest value of merged messages, so that no spike is lost to zooming. */
function band(line: ChartLine, segments: readonly Segment[], { scale, tokens }: Drawing): CustomSeriesOption {
  const colour = tokens.series[line.colour] ?? tokens.text
  return {
    type: 'custom',
    id: `band ${line.key}`,
    silent: true,
    clip: true,
    z: 1,
    data: segments.map((segment) => [segment.first, segment.last]),
    renderItem(_params, api) {
      const buckets = line.buckets.slice(Number(api.value(0)), Number(api.value(1)) + 1)
      const upper = buckets.map((bucket) => api.coord([bucket.to, shareOf(scale, bucket.max)]))
      const lower = buckets.map((bucket) => api.coord([bucket.to, shareOf(scale, bucket.min)]))
      return {
        type: 'polygon',
        shape: { points: [...upper, ...lower.reverse()] },
        style: { fill: alpha(colour, 0.2), stroke: alpha(colour, 0.28), lineWidth: 1 },
      }
    },
    encode: { x: -1, y: -1 },
  }
}

const SYMBOLS: Record<Verdict, string> = {
  verified: 'circle',
  pending: 'circle',
  unauthorised: 'diamond',
  // A cross, struck through the value it doubts.
  forged: 'path://M0,1 L1,0 L5,4 L9,0 L10,1 L6,5 L10,9 L9,10 L5,6 L1,10 L0,9 L4,5 Z',
}

function dot(bucket: ChartBucket, position: number[], symbolSize: number, tokens: Tokens): ScatterDot {
  const { worst } = bucket
  if (worst === 'verified') return { value: position, symbolSize }
  const itemStyle =
    worst === 'pending'
      ? { color: tokens.panel, borderColor: tokens.pending, borderWidth: 1.5 }
      : { color: tokens[worst] }
  return { value: position, symbol: SYMBOLS[worst], symbolSize: worst === 'forged' ? 8 : 7, itemStyle }
}

/** Points that stand alone, points of single messages seen close up, and every point whose verdict is not good. */
function points(line: ChartLine, segments: readonly Segment[], drawing: Drawing): ScatterSeriesOption {
  const { frame, scale, plotPx, tokens } = drawing
  const spacingPx = (plotPx * frame.expectedIntervalMs) / (frame.to - frame.from)
  const showAll = frame.levelMs === 0 && spacingPx >= POINT_SPACING_PX
  const data: ScatterDot[] = []
  for (const { first, last } of segments) {
    for (const bucket of line.buckets.slice(first, last + 1)) {
      if (bucket.worst === 'verified' && !showAll && first !== last) continue
      data.push(dot(bucket, [bucket.to, shareOf(scale, bucket.last)], showAll ? 5 : 4, tokens))
    }
  }
  return {
    type: 'scatter',
    id: `points ${line.key}`,
    silent: true,
    clip: true,
    z: 3,
    symbol: 'circle',
    itemStyle: { color: tokens.series[line.colour] ?? tokens.text, opacity: 1 },
    data,
  }
}

function seriesOf(line: ChartLine, drawing: Drawing): Series[] {
  const { frame, scale, tokens } = drawing
  const colour = tokens.series[line.colour] ?? tokens.text
  const segments = findSegments(line.buckets, frame.expectedIntervalMs)
  const isMerged = line.buckets.some((bucket) => bucket.count > 1)
  // An area says "from zero"; under several lines, or a band, it would only be in the way.
  const withArea = frame.lines.length === 1 && !isMerged && scale.min === 0
  const drawn: LineSeriesOption = {
    type: 'line',
    id: `line ${line.key}`,
    silent: true,
    clip: true,
    z: 2,
    showSymbol: false,
    connectNulls: false,
    lineStyle: { width: 1.5, color: colour, join: 'round' },
    itemStyle: { color: colour },
    data: linePoints(line, segments, scale),
    ...(withArea ? { areaStyle: { color: alpha(colour, 0.09), origin: 'start' } } : {}),
  }
  const dots = points(line, segments, drawing)
  return isMerged ? [band(line, segments, drawing), drawn, dots] : [drawn, dots]
}

/** What changes when the data or the scale does. */
export function seriesOption(drawing: Drawing): PanelOption {
  return { series: drawing.frame.lines.flatMap((line) => seriesOf(line, drawing)) }
}

/** What changes when the window moves. */
export function axisOption({ frame, scale, plotPx }: Drawing): PanelOption {
  const ticks = timeTicks(frame.from, frame.to, plotPx, frame.zone)
  const labels = new Map(ticks.map((tick) => [tick.at, tick.label]))
  const customValues = ticks.map((tick) => tick.at)
  const steps = stepsOf(scale)
  const label = axisLabels(scale.step, Math.max(Math.abs(scale.min), Math.abs(scale.max)), frame.unit)
  return {
    xAxis: {
      min: frame.from,
      max: frame.to,
      axisTick: { customValues },
      axisLabel: { customValues, formatter: (value: number) => labels.get(value) ?? '' },
    },
    yAxis: {
      interval: 1 / steps,
      axisLabel: { formatter: (share: number) => label(valueOfStep(scale, Math.round(share * steps))) },
    },
  }
}

/** What stays: margins, axes, type. */
export function baseOption(tokens: Tokens): PanelOption {
  const label = { color: tokens.muted, fontSize: 11, fontFamily: "'Inter Variable', system-ui, sans-serif" }
  return {
    animation: false,
    // Fixed, whatever the labels say: the lane and the crosshair share this geometry.
    grid: { left: PLOT.left, right: PLOT.right, top: PLOT.top, bottom: PLOT.bottom, outerBoundsMode: 'none' },
    xAxis: {
      type: 'value',
      axisLine: { show: true, onZero: false, lineStyle: { color: tokens.line } },
      axisTick: { show: true, length: 4, lineStyle: { color: tokens.line } },
      axisLabel: { ...label, margin: 7, hideOverlap: true },
      splitLine: { show: false },
    },
    yAxis: {
      type: 'value',
      // Values come as shares of their scale (`shareOf`).
      min: 0,
      max: 1,
      axisLine: { show: false },
      axisTick: { show: false },
      axisLabel: { ...label, margin: 8, width: PLOT.left - 10, overflow: 'truncate' },
      splitLine: { lineStyle: { color: alpha(tokens.line, 0.6), width: 1 } },
    },
    series: [],
  }
}
