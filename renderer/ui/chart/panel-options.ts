import type { ChartBucket } from '../../../shared/chart.ts'
import type { Verdict } from '../../../shared/verdict.ts'
import type { Tokens } from '../tokens.ts'
import type { CustomSeriesOption, LineSeriesOption, PanelOption, ScatterSeriesOption } from './echarts.ts'
import { type ChartFrame, type ChartLine, PLOT } from './frame.ts'
import { findSegments, type Segment } from './segments.ts'
import { timeTicks } from './time-ticks.ts'
import { axisLabels } from './unit-format.ts'
import type { ValueScale } from './value-scale.ts'

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

/** The line through the last value of each bucket: every point of it was measured. Breaks are holes. */
function linePoints(buckets: readonly ChartBucket[], segments: readonly Segment[]): (number | null)[][] {
  const points: (number | null)[][] = []
  for (const { first, last } of segments) {
    for (let index = first; index <= last; index += 1) {
      const bucket = buckets[index]
      if (bucket !== undefined) points.push([bucket.to, bucket.last])
    }
    const end = buckets[last]
    if (end !== undefined) points.push([end.to, null])
  }
  return points
}

/** The room between the least and the greatest value of merged messages, so that no spike is lost to zooming. */
function band(line: ChartLine, segments: readonly Segment[], colour: string): CustomSeriesOption {
  return {
    type: 'custom',
    id: `band ${line.key}`,
    silent: true,
    clip: true,
    z: 1,
    data: segments.map((segment) => [segment.first, segment.last]),
    renderItem(_params, api) {
      const first = Number(api.value(0))
      const last = Number(api.value(1))
      const upper: number[][] = []
      const lower: number[][] = []
      for (let index = first; index <= last; index += 1) {
        const bucket = line.buckets[index]
        if (bucket === undefined) continue
        upper.push(api.coord([bucket.to, bucket.max]))
        lower.push(api.coord([bucket.to, bucket.min]))
      }
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

/** Points that stand alone, points of single messages seen close up, and every point whose verdict is not good. */
function points(
  line: ChartLine,
  segments: readonly Segment[],
  frame: ChartFrame,
  plotPx: number,
  tokens: Tokens,
): ScatterSeriesOption {
  const colour = tokens.series[line.colour] ?? tokens.text
  const spacingPx = (plotPx * frame.expectedIntervalMs) / (frame.to - frame.from)
  const showAll = frame.levelMs === 0 && spacingPx >= POINT_SPACING_PX
  const data: ScatterDot[] = []
  for (const { first, last } of segments) {
    for (let index = first; index <= last; index += 1) {
      const bucket = line.buckets[index]
      if (bucket === undefined) continue
      if (bucket.worst !== 'verified') {
        data.push({
          value: [bucket.to, bucket.last],
          symbol: SYMBOLS[bucket.worst],
          symbolSize: bucket.worst === 'forged' ? 8 : 7,
          itemStyle:
            bucket.worst === 'pending'
              ? { color: tokens.panel, borderColor: tokens.pending, borderWidth: 1.5 }
              : { color: tokens[bucket.worst] },
        })
      } else if (showAll || first === last) {
        data.push({ value: [bucket.to, bucket.last], symbolSize: showAll ? 5 : 4 })
      }
    }
  }
  return {
    type: 'scatter',
    id: `points ${line.key}`,
    silent: true,
    clip: true,
    z: 3,
    symbol: 'circle',
    itemStyle: { color: colour, opacity: 1 },
    data,
  }
}

function seriesOf(
  line: ChartLine,
  frame: ChartFrame,
  plotPx: number,
  tokens: Tokens,
  withArea: boolean,
): Series[] {
  const colour = tokens.series[line.colour] ?? tokens.text
  const segments = findSegments(line.buckets, frame.expectedIntervalMs)
  const isMerged = line.buckets.some((bucket) => bucket.count > 1)
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
    data: linePoints(line.buckets, segments),
    ...(withArea && !isMerged ? { areaStyle: { color: alpha(colour, 0.09), origin: 'start' } } : {}),
  }
  const dots = points(line, segments, frame, plotPx, tokens)
  return isMerged ? [band(line, segments, colour), drawn, dots] : [drawn, dots]
}

/** What changes when the data does. */
export function seriesOption(frame: ChartFrame, plotPx: number, tokens: Tokens): PanelOption {
  const withArea = frame.lines.length === 1
  return { series: frame.lines.flatMap((line) => seriesOf(line, frame, plotPx, tokens, withArea)) }
}

/** What changes when the window moves. */
export function axisOption(frame: ChartFrame, scale: ValueScale, plotPx: number): PanelOption {
  const ticks = timeTicks(frame.from, frame.to, plotPx, frame.zone)
  const labels = new Map(ticks.map((tick) => [tick.at, tick.label]))
  const customValues = ticks.map((tick) => tick.at)
  return {
    xAxis: {
      min: frame.from,
      max: frame.to,
      axisTick: { customValues },
      axisLabel: { customValues, formatter: (value: number) => labels.get(value) ?? '' },
    },
    yAxis: {
      min: scale.min,
      max: scale.max,
      interval: scale.step,
      axisLabel: {
        formatter: axisLabels(scale.step, Math.max(Math.abs(scale.min), Math.abs(scale.max)), frame.unit),
      },
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
      axisLine: { show: false },
      axisTick: { show: false },
      axisLabel: { ...label, margin: 8, width: PLOT.left - 10, overflow: 'truncate' },
      splitLine: { lineStyle: { color: alpha(tokens.line, 0.6), width: 1 } },
    },
    series: [],
  }
}
