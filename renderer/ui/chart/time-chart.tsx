import { type KeyboardEvent, useEffect, useRef } from 'react'
import type { Tokens } from '../tokens.ts'
import { useTokens } from '../use-tokens.ts'
import { prepareCanvas } from './canvas.ts'
import type { CursorStore } from './cursor.ts'
import { type ChartFrame, PLOT, timeAt, xOf } from './frame.ts'
import { frames } from './frame-scheduler.ts'
import { paintLane } from './lane-painter.ts'
import { laneStretches } from './lane-stretches.ts'
import { paintOverlay } from './overlay-painter.ts'
import { createPanelPainter, type PanelPainter } from './panel-painter.ts'
import { type ChartPoint, neighbourPoint, pickPoint } from './pick.ts'
import { longestBridgeMs } from './segments.ts'
import classes from './time-chart.module.css'
import { useChartGestures } from './use-chart-gestures.ts'

const LANE_HEIGHT_PX = 8
const KEY_PAN_SHARE = 0.1
const KEY_ZOOM_FACTOR = 1.25

/** What a chart draws, asked for anew in every frame, and whom to ask when the next frame is due. */
export interface ChartFrameSource {
  frame(plotPx: number): ChartFrame
  subscribe(redraw: () => void): () => void
}

export interface TimeChartProps {
  /** Name of the panel, for the cursor. */
  id: string
  /** What it shows, for those who cannot see it. */
  label: string
  source: ChartFrameSource
  cursor: CursorStore
  onPick(point: ChartPoint): void
  onPan(deltaMs: number): void
  onZoom(factor: number, at: number): void
  /** After each frame, for what stands beside the plot; `point` is what the cursor means in this panel. */
  onDraw?(frame: ChartFrame, point: ChartPoint | null): void
}

/** Lines over time with their provenance lane. Draws outside of React: a message costs no render. */
export function TimeChart(props: TimeChartProps) {
  const { id, label, source, cursor } = props
  const tokens = useTokens()
  const box = useRef<HTMLDivElement>(null)
  const plot = useRef<HTMLDivElement>(null)
  const overlay = useRef<HTMLCanvasElement>(null)
  const lane = useRef<HTMLCanvasElement>(null)
  const painter = useRef<PanelPainter | null>(null)
  const shown = useRef<ChartFrame | null>(null)
  const latest = useRef(props)
  useEffect(() => {
    latest.current = props
  })

  useEffect(() => {
    const [boxElement, plotElement, overlayCanvas, laneCanvas] = [
      box.current,
      plot.current,
      overlay.current,
      lane.current,
    ]
    if (boxElement === null || plotElement === null || overlayCanvas === null || laneCanvas === null) return
    const lines = createPanelPainter(plotElement, tokens)
    painter.current = lines
    const size = { widthPx: plotElement.clientWidth, heightPx: plotElement.clientHeight }
    let laneDrawn: ChartFrame | null = null

    const draw = (): void => {
      if (size.widthPx === 0 || size.heightPx === 0) return
      const frame = source.frame(size.widthPx - PLOT.left - PLOT.right)
      shown.current = frame
      lines.draw(frame)
      const over = prepareCanvas(overlayCanvas, size.widthPx, size.heightPx)
      if (over !== null) paintOverlay(over, frame, cursor.get(), size, lines.yOf, tokens)
      if (laneDrawn === null || isLaneNew(frame, laneDrawn, size.widthPx)) {
        drawLane(laneCanvas, frame, size.widthPx, tokens)
        laneDrawn = frame
      }
      const at = cursor.get()
      const point = at?.panel === id ? pickPoint(frame, at.at, at.y, lines.yOf) : null
      latest.current.onDraw?.(frame, point)
    }
    const request = () => frames.request(draw)
    const observer = new ResizeObserver(() => {
      size.widthPx = plotElement.clientWidth
      size.heightPx = plotElement.clientHeight
      laneDrawn = null
      lines.resize(size.widthPx, size.heightPx)
      request()
    })
    observer.observe(plotElement)
    const leaveSource = source.subscribe(request)
    const leaveCursor = cursor.subscribe(request)
    request()
    return () => {
      observer.disconnect()
      leaveSource()
      leaveCursor()
      frames.cancel(draw)
      lines.dispose()
      painter.current = null
    }
  }, [id, source, cursor, tokens])

  const widthPx = () => plot.current?.clientWidth ?? 1

  useChartGestures(box, {
    point(position) {
      const frame = shown.current
      if (frame === null) return
      const isInside = position !== null && position.x >= PLOT.left && position.x <= widthPx() - PLOT.right
      cursor.set(isInside ? { at: timeAt(position.x, frame, widthPx()), panel: id, y: position.y } : null)
    },
    click(position) {
      const frame = shown.current
      if (frame === null || painter.current === null) return
      const point = pickPoint(frame, timeAt(position.x, frame, widthPx()), position.y, painter.current.yOf)
      if (point !== null) latest.current.onPick(point)
    },
    pan(deltaPx) {
      const frame = shown.current
      if (frame === null) return
      const msPerPx = (frame.to - frame.from) / Math.max(1, widthPx() - PLOT.left - PLOT.right)
      latest.current.onPan(-deltaPx * msPerPx)
    },
    zoom(factor, x) {
      const frame = shown.current
      if (frame !== null) latest.current.onZoom(factor, timeAt(x, frame, widthPx()))
    },
  })

  function onKeyDown(event: KeyboardEvent): void {
    const frame = shown.current
    if (frame === null || event.ctrlKey || event.metaKey || event.altKey) return
    const at = cursor.get()?.at ?? frame.playhead ?? frame.to
    const span = frame.to - frame.from
    switch (event.key) {
      case 'ArrowLeft':
      case 'ArrowRight': {
        const direction = event.key === 'ArrowLeft' ? -1 : 1
        if (event.shiftKey) props.onPan(direction * span * KEY_PAN_SHARE)
        else {
          const point = neighbourPoint(frame, at, direction)
          if (point !== null && point.at >= frame.from && point.at <= frame.to) {
            cursor.set({ at: point.at, panel: id, y: null })
          }
        }
        break
      }
      case 'Enter': {
        const point = pickPoint(frame, at, null, () => 0)
        if (point !== null) props.onPick(point)
        break
      }
      case '+':
      case '=':
        props.onZoom(1 / KEY_ZOOM_FACTOR, at)
        break
      case '-':
        props.onZoom(KEY_ZOOM_FACTOR, at)
        break
      case 'Escape':
        if (cursor.get() === null) return
        cursor.set(null)
        break
      default:
        return
    }
    event.preventDefault()
    event.stopPropagation()
  }

  return (
    <div
      ref={box}
      className={classes.chart}
      role="application"
      aria-roledescription="chart"
      aria-label={label}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: the arrow keys walk the points
      tabIndex={0}
      onKeyDown={onKeyDown}
      onBlur={() => cursor.get()?.panel === id && cursor.set(null)}
    >
      <div ref={plot} className={classes.plot} />
      <canvas ref={overlay} className={classes.overlay} aria-hidden />
      <canvas ref={lane} className={classes.lane} aria-hidden />
    </div>
  )
}

function isLaneNew(frame: ChartFrame, drawn: ChartFrame, widthPx: number): boolean {
  const shift = Math.max(Math.abs(frame.from - drawn.from), Math.abs(frame.to - drawn.to))
  return (
    frame.laneVersion !== drawn.laneVersion ||
    frame.lane !== drawn.lane ||
    (shift * widthPx) / (frame.to - frame.from) >= 0.5
  )
}

function drawLane(canvas: HTMLCanvasElement, frame: ChartFrame, widthPx: number, tokens: Tokens): void {
  const context = prepareCanvas(canvas, widthPx, LANE_HEIGHT_PX)
  if (context === null) return
  const geometry = {
    x: (at: number) => xOf(at, frame, widthPx),
    left: PLOT.left,
    right: widthPx - PLOT.right,
    top: 0,
    height: LANE_HEIGHT_PX,
  }
  paintLane(context, laneStretches(frame.lane, longestBridgeMs(frame.expectedIntervalMs)), geometry, tokens)
}
