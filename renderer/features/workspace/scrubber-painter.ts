import type { TimelineBucket } from '../../../shared/chart.ts'
import type { TimeZone } from '../../../shared/format/time.ts'
import { paintAlertMarks } from '../../ui/chart/alert-painter.ts'
import { alertFlags, alertSpans } from '../../ui/chart/alert-stretches.ts'
import type { ChartAlert } from '../../ui/chart/frame.ts'
import { hatch, paintLane } from '../../ui/chart/lane-painter.ts'
import { gapStretches, laneStretches } from '../../ui/chart/lane-stretches.ts'
import { timeTicks } from '../../ui/chart/time-ticks.ts'
import type { Tokens } from '../../ui/tokens.ts'
import type { Extent } from './scrubber-extent.ts'
import type { TransportMoment } from './transport.ts'

const BARS_TOP = 5
const BARS_HEIGHT = 28
const LANE_TOP = BARS_TOP + BARS_HEIGHT + 2
const LANE_HEIGHT = 6
const LABEL_BASELINE = LANE_TOP + LANE_HEIGHT + 13
export const SCRUBBER_HEIGHT = LABEL_BASELINE + 4
/** Silence of a few pixels is no hole. */
const BRIDGE_PX = 2
/** A gap is seen however short it is. */
const LEAST_GAP_PX = 5
/** Room a character of a label takes. */
const PX_PER_CHAR = 6.6

export interface ScrubberScene {
  extent: Extent
  moment: TransportMoment
  buckets: readonly TimelineBucket[]
  widthPx: number
  zone: TimeZone
  hoverAt: number | null
  marks: readonly ChartAlert[]
}

function paintBars(
  context: CanvasRenderingContext2D,
  scene: ScrubberScene,
  x: (at: number) => number,
  tokens: Tokens,
): void {
  let top = 0
  for (const bucket of scene.buckets) top = Math.max(top, bucket.count / (bucket.to - bucket.from))
  if (top === 0) return
  context.fillStyle = tokens.muted
  context.globalAlpha = 0.5
  context.beginPath()
  for (const bucket of scene.buckets) {
    const left = x(bucket.from)
    const width = Math.max(1, x(bucket.to) - left)
    // The root lets a quiet stretch be seen beside a busy one.
    const height = Math.max(1.5, Math.sqrt(bucket.count / (bucket.to - bucket.from) / top) * BARS_HEIGHT)
    context.rect(left, BARS_TOP + BARS_HEIGHT - height, width + 0.4, height)
  }
  context.fill()
  context.globalAlpha = 1
}

/** Where messages are known to be missing: hatched over the whole height, and clasped, so that no gap is overlooked. */
function paintGaps(
  context: CanvasRenderingContext2D,
  scene: ScrubberScene,
  x: (at: number) => number,
  tokens: Tokens,
): void {
  const bottom = BARS_TOP + BARS_HEIGHT
  context.strokeStyle = tokens.muted
  context.lineWidth = 1
  for (const { from, to } of gapStretches(scene.buckets)) {
    const middle = (x(from) + x(to)) / 2
    const halfPx = Math.max(LEAST_GAP_PX, x(to) - x(from)) / 2
    const left = Math.max(0, middle - halfPx)
    const right = Math.min(scene.widthPx, middle + halfPx)
    if (right <= left) continue
    context.fillStyle = tokens.panel
    context.fillRect(left, BARS_TOP, right - left, BARS_HEIGHT)
    context.globalAlpha = 0.6
    hatch(context, left, BARS_TOP, right - left, BARS_HEIGHT)
    context.globalAlpha = 1
    context.beginPath()
    context.moveTo(left + 0.5, bottom)
    context.lineTo(left + 0.5, BARS_TOP + 0.5)
    context.lineTo(right - 0.5, BARS_TOP + 0.5)
    context.lineTo(right - 0.5, bottom)
    context.stroke()
  }
}

function paintWindow(
  context: CanvasRenderingContext2D,
  scene: ScrubberScene,
  x: (at: number) => number,
  tokens: Tokens,
): void {
  const left = Math.max(0.5, x(scene.moment.from))
  const right = Math.min(scene.widthPx - 0.5, x(scene.moment.to))
  const height = LANE_TOP + LANE_HEIGHT
  const width = Math.max(3, right - left)
  context.fillStyle = tokens.accent
  context.globalAlpha = 0.1
  context.fillRect(left, 1, width, height)
  context.globalAlpha = 1
  context.strokeStyle = tokens.accent
  context.lineWidth = 1
  context.globalAlpha = 0.7
  context.strokeRect(Math.round(left) + 0.5, 1.5, Math.round(width) - 1, height)
  context.globalAlpha = 1
  context.fillStyle = tokens.accent
  for (const edge of [left, left + width]) context.fillRect(Math.round(edge) - 1, 12, 2.5, 14)
}

function paintPlayhead(
  context: CanvasRenderingContext2D,
  at: number,
  x: (at: number) => number,
  tokens: Tokens,
): void {
  const position = Math.round(x(at))
  context.fillStyle = tokens.accent
  context.fillRect(position - 0.75, 0, 1.5, LANE_TOP + LANE_HEIGHT + 2)
  context.beginPath()
  context.moveTo(position - 5, 0)
  context.lineTo(position + 5, 0)
  context.lineTo(position, 7)
  context.closePath()
  context.fill()
}

/** Alerts: a mark where they begin, a line for as long as they last. */
function paintAlerts(
  context: CanvasRenderingContext2D,
  { marks, widthPx, extent }: ScrubberScene,
  x: (at: number) => number,
  tokens: Tokens,
): void {
  if (marks.length === 0) return
  const bottom = BARS_TOP + BARS_HEIGHT
  const geometry = { x, left: 0, right: widthPx, top: 0, tintTop: BARS_TOP, bottom }
  const flags = alertFlags(marks, widthPx / (extent.to - extent.from))
  paintAlertMarks(context, { spans: alertSpans(marks), flags }, geometry, tokens)
}

function paintLoop(
  context: CanvasRenderingContext2D,
  { from, to }: { from: number; to: number },
  x: (at: number) => number,
  tokens: Tokens,
): void {
  const bottom = LANE_TOP + LANE_HEIGHT
  context.strokeStyle = tokens.accent
  context.lineWidth = 2
  context.beginPath()
  for (const [at, turn] of [[from, 4] as const, [to, -4] as const]) {
    context.moveTo(x(at) + turn, 2)
    context.lineTo(x(at), 2)
    context.lineTo(x(at), bottom)
    context.lineTo(x(at) + turn, bottom)
  }
  context.stroke()
}

function placing({ extent, widthPx }: ScrubberScene): { pxPerMs: number; x(at: number): number } {
  const pxPerMs = widthPx / (extent.to - extent.from)
  return { pxPerMs, x: (at) => (at - extent.from) * pxPerMs }
}

/** Draws how much came when, and what it was worth. */
export function paintGround(context: CanvasRenderingContext2D, scene: ScrubberScene, tokens: Tokens): void {
  const { extent, widthPx } = scene
  const { pxPerMs, x } = placing(scene)
  paintBars(context, scene, x, tokens)
  paintGaps(context, scene, x, tokens)
  const stretches = laneStretches(scene.buckets, BRIDGE_PX / pxPerMs)
  paintLane(context, stretches, { x, left: 0, right: widthPx, top: LANE_TOP, height: LANE_HEIGHT }, tokens)

  context.fillStyle = tokens.muted
  context.font = "11px 'Inter Variable', system-ui, sans-serif"
  context.textAlign = 'center'
  for (const tick of timeTicks(extent.from, extent.to, widthPx, scene.zone)) {
    const position = x(tick.at)
    const halfPx = (tick.label.length * PX_PER_CHAR) / 2
    if (position < halfPx || position > widthPx - halfPx) continue
    context.fillText(tick.label, position, LABEL_BASELINE)
  }
}

/** Draws which stretch is on screen, alerts, the pointer, and where the playhead is. */
export function paintOver(context: CanvasRenderingContext2D, scene: ScrubberScene, tokens: Tokens): void {
  const { moment } = scene
  const { x } = placing(scene)
  paintWindow(context, scene, x, tokens)
  paintAlerts(context, scene, x, tokens)
  if (moment.loop !== null) paintLoop(context, moment.loop, x, tokens)
  if (scene.hoverAt !== null) {
    context.fillStyle = tokens.text
    context.globalAlpha = 0.4
    context.fillRect(Math.round(x(scene.hoverAt)), 0, 1, LANE_TOP + LANE_HEIGHT)
    context.globalAlpha = 1
  }
  if (moment.playhead !== null) paintPlayhead(context, moment.playhead, x, tokens)
}
