import type { ChartBucket } from '../../../shared/chart.ts'
import type { Verdict } from '../../../shared/verdict.ts'
import type { Tokens } from '../tokens.ts'
import type { Brush } from './brush.ts'
import { columnsOf, isDense, paintColumns } from './columns-painter.ts'
import type { DrawnLine, LineOrigin } from './frame.ts'
import { mergeToPixels } from './merge-to-pixels.ts'
import type { PixelLayer } from './pixel-layer.ts'
import { type Area, type TimeAxis, timeX } from './plot.ts'
import { bucketIndexAt, findSegments, type Segment } from './segments.ts'
import { shareOf, type ValueScale } from './value-scale.ts'

/** Single messages that stand at least so far apart are shown as points of their own. */
const POINT_SPACING_PX = 14
/** What was worked out and not measured is never drawn as an unbroken stroke. */
const DASHES: Record<LineOrigin, number[]> = { measured: [], derived: [7, 2.5], estimated: [2.5, 2.5] }
const EARLIER_ALPHA = 0.42
const FILL_ALPHA = 0.13
const SPREAD_ALPHA = 0.22

export interface LinesScene {
  lines: readonly DrawnLine[]
  axis: TimeAxis
  area: Area
  scale: ValueScale
  /** Fills the room between each line and zero. */
  filled: boolean
  /** Width of a device pixel, where there are pixels: dense lines are drawn by columns there. */
  pixel: number | null
  /** Where columns are put together; without one they are drawn like everything else. */
  layer?: PixelLayer
}

/** The buckets that can be seen, with a neighbour on each side so that lines run to the edge. */
function inSight(line: DrawnLine, axis: TimeAxis): readonly ChartBucket[] {
  const first = Math.max(0, bucketIndexAt(line.buckets, axis.from) - 1)
  const last = bucketIndexAt(line.buckets, axis.to) + 2
  return line.buckets.slice(first, last)
}

/** Draws lines with their spread, broken where nothing was measured. */
export function paintLines(brush: Brush, scene: LinesScene, tokens: Tokens): void {
  const { area } = scene
  brush.save()
  brush.beginPath()
  brush.rect(area.left, area.top - 1, area.width, area.height + 2)
  brush.clip()
  // What is of now lies over what is of then.
  for (const isEarlier of [true, false]) {
    for (const line of scene.lines) {
      if ((line.shiftMs !== 0) === isEarlier) paintLine(brush, line, scene, tokens)
    }
  }
  scene.layer?.flush()
  brush.restore()
}

function paintLine(brush: Brush, line: DrawnLine, scene: LinesScene, tokens: Tokens): void {
  const { axis, area, scale } = scene
  const buckets = mergeToPixels(inSight(line, axis), axis.pxPerMs)
  if (buckets.length === 0) return
  const segments = findSegments(buckets, line.intervalMs)
  const colour = tokens.series[line.colour] ?? tokens.text
  const yOf = (value: number) => area.top + (1 - shareOf(scale, value)) * area.height
  const shape = { brush, buckets, segments, axis, yOf }
  const isEarlier = line.shiftMs !== 0
  const alpha = isEarlier ? EARLIER_ALPHA : 1
  brush.fillStyle = colour
  brush.strokeStyle = colour
  brush.lineJoin = 'round'
  const isSpread = buckets.some(({ min, max }) => max > min)
  if (scene.pixel !== null && isDense(buckets, axis)) {
    if (scene.layer !== undefined) scene.layer.fillStyle = colour
    const columns = { ...shape, brush: scene.layer ?? brush, pixel: scene.pixel }
    paintColumns(columns, columnsOf(columns), {
      alpha,
      spreadAlpha: isSpread ? SPREAD_ALPHA : null,
      zero: scene.filled && !isEarlier ? yOf(Math.min(scale.max, Math.max(scale.min, 0))) : null,
      fillAlpha: FILL_ALPHA,
      dashes: DASHES[line.origin],
    })
    if (!isEarlier) paintPoints(shape, line, colour, tokens, scene.layer)
    brush.globalAlpha = 1
    return
  }
  scene.layer?.flush()
  if (scene.filled && !isEarlier) {
    brush.globalAlpha = FILL_ALPHA
    fillToZero(shape, yOf(Math.min(scale.max, Math.max(scale.min, 0))))
  }
  if (isSpread) {
    brush.globalAlpha = SPREAD_ALPHA * alpha
    fillSpread(shape)
  }
  brush.globalAlpha = alpha
  brush.lineWidth = isEarlier ? 1 : 1.5
  brush.setLineDash(DASHES[line.origin])
  strokeLast(shape)
  brush.setLineDash([])
  if (!isEarlier) paintPoints(shape, line, colour, tokens)
  brush.globalAlpha = 1
}

interface Shape {
  brush: Brush
  buckets: readonly ChartBucket[]
  segments: readonly Segment[]
  axis: TimeAxis
  yOf(value: number): number
}

/** The line through the last value of each bucket: every point of it was measured. */
function strokeLast({ brush, buckets, segments, axis, yOf }: Shape): void {
  brush.beginPath()
  for (const { first, last } of segments) {
    for (let index = first; index <= last; index += 1) {
      const bucket = buckets[index]
      if (bucket === undefined) continue
      const x = timeX(axis, bucket.to)
      if (index === first) brush.moveTo(x, yOf(bucket.last))
      else brush.lineTo(x, yOf(bucket.last))
    }
  }
  brush.stroke()
}

/** The room between the least and the greatest value of merged messages, so that no spike is lost to zooming. */
function fillSpread({ brush, buckets, segments, axis, yOf }: Shape): void {
  brush.beginPath()
  for (const { first, last } of segments) {
    const start = buckets[first]
    if (first === last && start !== undefined) {
      // A bucket that stands alone has a height and hardly a width.
      brush.rect(timeX(axis, start.to) - 0.75, yOf(start.max), 1.5, yOf(start.min) - yOf(start.max))
      continue
    }
    for (let index = first; index <= last; index += 1) {
      const bucket = buckets[index]
      if (bucket === undefined) continue
      if (index === first) brush.moveTo(timeX(axis, bucket.to), yOf(bucket.max))
      else brush.lineTo(timeX(axis, bucket.to), yOf(bucket.max))
    }
    for (let index = last; index >= first; index -= 1) {
      const bucket = buckets[index]
      if (bucket !== undefined) brush.lineTo(timeX(axis, bucket.to), yOf(bucket.min))
    }
    brush.closePath()
  }
  brush.fill()
}

function fillToZero({ brush, buckets, segments, axis, yOf }: Shape, zero: number): void {
  brush.beginPath()
  for (const { first, last } of segments) {
    const [start, end] = [buckets[first], buckets[last]]
    if (start === undefined || end === undefined || first === last) continue
    brush.moveTo(timeX(axis, start.to), zero)
    for (let index = first; index <= last; index += 1) {
      const bucket = buckets[index]
      if (bucket !== undefined) brush.lineTo(timeX(axis, bucket.to), yOf(bucket.last))
    }
    brush.lineTo(timeX(axis, end.to), zero)
    brush.closePath()
  }
  brush.fill()
}

/** Points that stand alone, points of single messages seen close up, and every point whose verdict is not good. */
function paintPoints(
  shape: Shape,
  line: DrawnLine,
  colour: string,
  tokens: Tokens,
  below?: PixelLayer,
): void {
  const { brush, buckets, segments, axis, yOf } = shape
  const showAll = line.levelMs === 0 && line.intervalMs * axis.pxPerMs >= POINT_SPACING_PX
  for (const { first, last } of segments) {
    for (let index = first; index <= last; index += 1) {
      const bucket = buckets[index]
      if (bucket === undefined || (bucket.worst === 'verified' && !showAll && first !== last)) continue
      below?.flush()
      const point = { x: timeX(axis, bucket.to), y: yOf(bucket.last) }
      paintPoint(brush, bucket.worst, point, showAll ? 2.5 : 2, colour, tokens)
    }
  }
}

/** A shape for each verdict, so that none is told by colour alone. */
function paintPoint(
  brush: Brush,
  verdict: Verdict,
  { x, y }: { x: number; y: number },
  radius: number,
  colour: string,
  tokens: Tokens,
): void {
  brush.beginPath()
  switch (verdict) {
    case 'verified':
      brush.fillStyle = colour
      brush.arc(x, y, radius, 0, Math.PI * 2)
      brush.fill()
      break
    case 'pending':
      brush.arc(x, y, 3, 0, Math.PI * 2)
      brush.fillStyle = tokens.panel
      brush.fill()
      brush.strokeStyle = tokens.pending
      brush.lineWidth = 1.5
      brush.stroke()
      break
    case 'unauthorised':
      brush.fillStyle = tokens.unauthorised
      brush.moveTo(x, y - 4)
      brush.lineTo(x + 4, y)
      brush.lineTo(x, y + 4)
      brush.lineTo(x - 4, y)
      brush.closePath()
      brush.fill()
      break
    case 'forged':
      // A cross, struck through the value it doubts.
      brush.strokeStyle = tokens.forged
      brush.lineWidth = 1.75
      brush.moveTo(x - 3.5, y - 3.5)
      brush.lineTo(x + 3.5, y + 3.5)
      brush.moveTo(x + 3.5, y - 3.5)
      brush.lineTo(x - 3.5, y + 3.5)
      brush.stroke()
      break
  }
}
