import { useMemo, useRef, useState } from 'react'
import { flagAt, isAlertWithin } from '../../ui/chart/alert-stretches.ts'
import type { Cursor } from '../../ui/chart/cursor.ts'
import {
  type ChartAlert,
  type ChartFrame,
  LANE_HEIGHT_PX,
  PLOT,
  plotWidth,
  xOf,
} from '../../ui/chart/frame.ts'
import { type ChartPoint, hasValues } from '../../ui/chart/pick.ts'
import type { TimePlotKind } from '../../ui/chart/plot.ts'
import { TimeChart } from '../../ui/chart/time-chart.tsx'
import { valueMargin } from '../../ui/chart/window-margin.ts'
import { createExternalStore, useExternalStore } from '../../ui/external-store.ts'
import { AlertCard } from './alert-card.tsx'
import { alertsInWords, setAlerts } from './alert-menu.tsx'
import { HoverCard } from './hover-card.tsx'
import classes from './panel.module.css'
import type { PanelBodyProps } from './panel-body.tsx'
import { MAX_LINES } from './panel-lines.ts'
import { EMPTY_NOTE, isSameNote, PanelNote } from './panel-note.tsx'
import { StateCard } from './state-card.tsx'
import { usePanelSource } from './use-panel-frame.ts'
import { useWorkspace } from './workspace-context.ts'

/** Between the crosshair and the card beside it. */
const CARD_DISTANCE_PX = 14
const CARD_WIDTH_PX = 250
/** An alert so near to the crosshair is meant, however short it was. */
const NEAR_PX = 2

/** A panel over time: lines, areas, states or a heatmap, with its lane. */
export function TimePanel({
  panel,
  kind,
  title,
  unit,
  legend,
  alerts,
}: PanelBodyProps & { kind: TimePlotKind }) {
  const { handle, cursor, schemaOf, pick } = useWorkspace()
  const source = usePanelSource(panel, unit)
  const card = useRef<HTMLDivElement>(null)
  const body = useRef<HTMLDivElement>(null)
  const hovered = useMemo(() => createExternalStore<ChartPoint | null>(null), [])
  const shown = useMemo(
    () => createExternalStore<{ frame: ChartFrame; at: number; y: number } | null>(null),
    [],
  )
  const hoveredAlerts = useMemo(() => createExternalStore<readonly ChartAlert[]>([]), [])
  const inView = useExternalStore(alerts.inView)
  const [note, setNote] = useState(EMPTY_NOTE)
  /** What is noted already: React is left alone where nothing is new. */
  const noted = useRef(EMPTY_NOTE)

  function onDraw(frame: ChartFrame, point: ChartPoint | null): void {
    const at = cursor.get()
    legend.current?.show(frame, at?.at ?? null)
    setAlerts(
      alerts.inView,
      frame.alerts.filter((alert) => isAlertWithin(alert, frame.from, frame.to)),
    )
    const meant = at?.panel === panel.id ? alertsAt(frame, at, body.current?.clientWidth ?? 0) : []
    setAlerts(hoveredAlerts, meant)
    if (kind === 'states') {
      const isHere = at?.panel === panel.id && at.y !== null
      shown.set(isHere ? { frame, at: at.at, y: at.y ?? 0 } : null)
      placeCard(card.current, body.current, frame, at, isHere)
    } else {
      hovered.set(samePoint(hovered.get(), point) ? hovered.get() : point)
      placeCard(card.current, body.current, frame, at, point !== null || meant.length > 0)
    }
    const isEmpty = !hasValues(frame) && frame.states.every((row) => row.changes.length === 0)
    const next = { state: source.state(), isEmpty, lines: source.lineCount() }
    if (isSameNote(noted.current, next)) return
    noted.current = next
    setNote(next)
  }

  return (
    <div className={classes.body} ref={body}>
      <TimeChart
        id={panel.id}
        kind={kind}
        label={`${title}. Arrow keys walk the points, Enter opens the message, plus and minus zoom.`}
        description={inView.length === 0 ? undefined : `${alertsInWords(inView)} in view.`}
        source={source}
        cursor={cursor}
        onPick={pick}
        onAlerts={alerts.choose}
        onPan={handle.transport.pan}
        onZoom={handle.transport.zoom}
        onDraw={onDraw}
      />
      {note.lines > MAX_LINES ? (
        <span className={classes.more}>
          {MAX_LINES} of {note.lines} lines
        </span>
      ) : null}
      <PanelNote panel={panel} note={note} />
      <div ref={card} className={classes.card}>
        {kind === 'states' ? (
          <StateCard shown={shown} schemaOf={schemaOf} />
        ) : (
          <HoverCard unit={unit} hovered={hovered} schemaOf={schemaOf} />
        )}
        <AlertCard alerts={hoveredAlerts} />
      </div>
    </div>
  )
}

/** The alerts that a cursor is on: those of the mark under it, else those that fire at its time. */
function alertsAt(frame: ChartFrame, { at, y }: Cursor, widthPx: number): readonly ChartAlert[] {
  if (frame.alerts.length === 0) return frame.alerts
  const pxPerMs = plotWidth(widthPx, valueMargin.px.get()) / (frame.to - frame.from)
  const flag = y === null ? undefined : flagAt(frame, pxPerMs, { x: (at - frame.from) * pxPerMs, y })
  if (flag !== undefined) return flag.alerts
  return frame.alerts.filter((alert) => isAlertWithin(alert, at - NEAR_PX / pxPerMs, at + NEAR_PX / pxPerMs))
}

function samePoint(a: ChartPoint | null, b: ChartPoint | null): boolean {
  return a === b || (a !== null && b !== null && a.line.key === b.line.key && a.bucket === b.bucket)
}

/** Puts the card beside the crosshair, on the side that has room and away from the pointer. */
function placeCard(
  card: HTMLElement | null,
  body: HTMLElement | null,
  frame: ChartFrame,
  cursor: Cursor | null,
  isShown: boolean,
): void {
  if (card === null || body === null) return
  card.style.visibility = isShown ? 'visible' : 'hidden'
  if (!isShown || cursor === null) return
  const x = xOf(cursor.at, frame, body.clientWidth, valueMargin.px.get())
  const hasRoom = x + CARD_DISTANCE_PX + CARD_WIDTH_PX <= body.clientWidth
  const left = hasRoom ? x + CARD_DISTANCE_PX : x - CARD_DISTANCE_PX - CARD_WIDTH_PX
  const isHigh = cursor.y !== null && cursor.y < body.clientHeight / 2
  // Hung up by the edge it stands at: its words come after this frame, and make it as high as they need.
  card.style.top = isHigh ? 'auto' : '0'
  card.style.bottom = isHigh ? `${PLOT.bottom + LANE_HEIGHT_PX}px` : 'auto'
  card.style.transform = `translateX(${Math.round(Math.max(0, left))}px)`
}
