import { type KeyboardEvent, type RefObject, useEffect, useRef } from 'react'
import { useOnScreen } from '../use-on-screen.ts'
import { useTokens } from '../use-tokens.ts'
import { type AlertFlag, flagAt } from './alert-stretches.ts'
import { type ChartElements, type ChartLayers, createChartLayers } from './chart-layers.ts'
import type { Cursor, CursorStore } from './cursor.ts'
import { type ChartAlert, type ChartFrame, PLOT, plotWidth, timeAt } from './frame.ts'
import { type ChartMoment, createFrameReader } from './frame-reader.ts'
import { type ChartPoint, meantPoint, neighbourPoint, pickPoint } from './pick.ts'
import type { TimePlotKind } from './plot.ts'
import classes from './time-chart.module.css'
import { useChartGestures } from './use-chart-gestures.ts'
import type { ValueScale } from './value-scale.ts'
import { desk } from './window-desk.ts'
import { frames } from './window-frames.ts'
import { valueMargin } from './window-margin.ts'

const KEY_PAN_SHARE = 0.1
const KEY_ZOOM_FACTOR = 1.25

/** What a chart draws, and whom to ask when the next frame is due. */
export interface ChartFrameSource {
  frame(plotPx: number): ChartFrame
  /** What is on screen now, without a look at the data. */
  moment(): ChartMoment
  /** @param moved Called where nothing but the moment has changed. */
  subscribe(changed: () => void, moved?: () => void): () => void
}

export interface TimeChartProps {
  /** Name of the panel, for the cursor. */
  id: string
  kind: TimePlotKind
  /** What it shows, for those who cannot see it. */
  label: string
  /** What more there is to say of what is shown, for those who cannot see it. */
  description?: string | undefined
  source: ChartFrameSource
  cursor: CursorStore
  onPick(point: ChartPoint): void
  /** A mark of alerts was clicked. */
  onAlerts?(alerts: readonly ChartAlert[]): void
  onPan(deltaMs: number): void
  onZoom(factor: number, at: number): void
  /** After each frame, for what stands beside the plot; `point` is what the cursor means in this panel. */
  onDraw?(frame: ChartFrame, point: ChartPoint | null, scale: ValueScale | null): void
}

/** A plot over time with its provenance lane. Draws outside of React: a message costs no render. */
export function TimeChart(props: TimeChartProps) {
  const { id, kind, label, description, source, cursor } = props
  const tokens = useTokens()
  const box = useRef<HTMLDivElement>(null)
  const still = useRef<HTMLCanvasElement>(null)
  const moving = useRef<HTMLCanvasElement>(null)
  const over = useRef<HTMLCanvasElement>(null)
  const coverLeft = useRef<HTMLDivElement>(null)
  const coverRight = useRef<HTMLDivElement>(null)
  const layers = useRef<ChartLayers | null>(null)
  const shown = useRef<ChartFrame | null>(null)
  /** Of the box, as it was observed: asking the page for it in a frame would lay it out anew. */
  const size = useRef({ widthPx: 0, heightPx: 0 })
  const isOnScreen = useOnScreen(box)
  const latest = useRef(props)
  useEffect(() => {
    latest.current = props
  })

  useEffect(() => {
    const boxElement = box.current
    const elements = chartElements(still, moving, over, coverLeft, coverRight)
    // What cannot be seen is neither drawn nor asked for.
    if (!isOnScreen || boxElement === null || elements === null) return
    const painted = createChartLayers({
      kind,
      elements,
      tokens,
      desk,
      margin: valueMargin,
      onPainted: () => request(),
    })
    layers.current = painted
    size.current = { widthPx: boxElement.clientWidth, heightPx: boxElement.clientHeight }
    painted.resize(size.current.widthPx, size.current.heightPx)

    const request = () => frames.request(draw)
    const reader = createFrameReader({
      read: () => source.frame(plotWidth(size.current.widthPx, valueMargin.px.get())),
      moment: source.moment,
      isDue: painted.isDue,
      hasRoom: frames.hasRoom,
      request,
    })
    let shownLeftPx: number = Number.NaN
    let told: Cursor | null = null
    const draw = (): void => {
      const { widthPx, heightPx } = size.current
      if (widthPx === 0 || heightPx === 0) return
      const next = reader.next()
      if (next === null) return
      const { frame, isRead } = next
      shown.current = frame
      const at = cursor.get()
      if (isRead) painted.draw(frame, at)
      else painted.move(frame, at)
      const leftPx = valueMargin.px.get()
      if (leftPx !== shownLeftPx) boxElement.style.setProperty('--plot-left', `${leftPx}px`)
      shownLeftPx = leftPx
      // What stands beside the plot follows the data and the crosshair; that time moves alone changes nothing there.
      if (!isRead && at === null && told === null) return
      told = at
      const point = at?.panel === id ? pickPoint(frame, at.at, at.y, painted.yOf) : null
      latest.current.onDraw?.(frame, point, painted.scale())
    }
    const observer = new ResizeObserver(() => {
      const now = { widthPx: boxElement.clientWidth, heightPx: boxElement.clientHeight }
      if (size.current.widthPx === now.widthPx && size.current.heightPx === now.heightPx) return
      size.current = now
      painted.resize(now.widthPx, now.heightPx)
      reader.changed()
    })
    observer.observe(boxElement)
    const leaveSource = source.subscribe(reader.changed, request)
    const leaveCursor = cursor.subscribe(request)
    const leaveMargin = valueMargin.px.subscribe(reader.changed)
    const giveMargin = valueMargin.take()
    request()
    return () => {
      observer.disconnect()
      leaveSource()
      leaveCursor()
      leaveMargin()
      giveMargin()
      frames.cancel(draw)
      reader.dispose()
      painted.dispose()
      layers.current = null
    }
  }, [id, kind, source, cursor, tokens, isOnScreen])

  const widthPx = () => Math.max(1, size.current.widthPx)
  const leftPx = () => valueMargin.px.get()
  const atX = (x: number, frame: ChartFrame) => timeAt(x, frame, widthPx(), leftPx())

  const flagUnder = (position: { x: number; y: number }): AlertFlag<ChartAlert> | undefined => {
    const frame = shown.current
    if (frame === null || frame.alerts.length === 0) return undefined
    const pxPerMs = plotWidth(widthPx(), leftPx()) / (frame.to - frame.from)
    return flagAt(frame, pxPerMs, { x: position.x - leftPx(), y: position.y })
  }

  useChartGestures(box, {
    point(position) {
      const frame = shown.current
      if (frame === null) return
      const isOverFlag = position !== null && flagUnder(position) !== undefined
      if (box.current !== null && isOverFlag !== (box.current.dataset.over === 'alert')) {
        if (isOverFlag) box.current.dataset.over = 'alert'
        else delete box.current.dataset.over
      }
      const isInside = position !== null && position.x >= leftPx() && position.x <= widthPx() - PLOT.right
      cursor.move(isInside ? { at: atX(position.x, frame), panel: id, y: position.y } : null)
    },
    click(position) {
      const frame = shown.current
      if (frame === null || layers.current === null) return
      const flag = flagUnder(position)
      if (flag !== undefined && latest.current.onAlerts !== undefined) {
        latest.current.onAlerts(flag.alerts)
        return
      }
      const point = pickPoint(frame, atX(position.x, frame), position.y, layers.current.yOf)
      if (point !== null) latest.current.onPick(point)
    },
    pan(deltaPx) {
      const frame = shown.current
      if (frame === null) return
      const msPerPx = (frame.to - frame.from) / plotWidth(widthPx(), leftPx())
      latest.current.onPan(-deltaPx * msPerPx)
    },
    zoom(factor, x) {
      const frame = shown.current
      if (frame !== null) latest.current.onZoom(factor, atX(x, frame))
    },
  })

  function onKeyDown(event: KeyboardEvent): void {
    const frame = shown.current
    if (frame === null || event.ctrlKey || event.metaKey || event.altKey) return
    // A cursor that the window has left behind is taken up again at the window's edge.
    const own = cursor.get()?.at
    const at = own !== undefined && own >= frame.from && own <= frame.to ? own : (frame.playhead ?? frame.to)
    const span = frame.to - frame.from
    switch (event.key) {
      case 'ArrowLeft':
      case 'ArrowRight': {
        const direction = event.key === 'ArrowLeft' ? -1 : 1
        if (event.shiftKey) props.onPan(direction * span * KEY_PAN_SHARE)
        else {
          const point = neighbourPoint(frame, at, direction)
          if (point !== null && point.at >= frame.from && point.at <= frame.to) {
            cursor.move({ at: point.at, panel: id, y: null })
          }
        }
        break
      }
      case 'Enter': {
        const point = meantPoint(frame, at)
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
      aria-description={description}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: the arrow keys walk the points
      tabIndex={0}
      onKeyDown={onKeyDown}
      onBlur={() => cursor.get()?.panel === id && cursor.move(null)}
    >
      <canvas ref={still} className={classes.still} aria-hidden />
      <div className={classes.clip}>
        <canvas ref={moving} className={classes.moving} aria-hidden />
        <div ref={coverLeft} className={classes.cover} data-side="left" />
        <div ref={coverRight} className={classes.cover} data-side="right" />
      </div>
      <canvas ref={over} className={classes.over} aria-hidden />
    </div>
  )
}

/** The elements a chart is drawn on; null until all of them are there. */
function chartElements(
  still: RefObject<HTMLCanvasElement | null>,
  moving: RefObject<HTMLCanvasElement | null>,
  over: RefObject<HTMLCanvasElement | null>,
  left: RefObject<HTMLElement | null>,
  right: RefObject<HTMLElement | null>,
): ChartElements | null {
  if (still.current === null || moving.current === null || over.current === null) return null
  if (left.current === null || right.current === null) return null
  return {
    still: still.current,
    moving: moving.current,
    over: over.current,
    covers: { left: left.current, right: right.current },
  }
}
