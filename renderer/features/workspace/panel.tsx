import { useEffect, useMemo, useRef, useState } from 'react'
import type { TimelineBucket } from '../../../shared/chart.ts'
import { createChartSource, type DataState, type HistorySource } from '../../api/chart-data.ts'
import { useApi } from '../../api/provider.tsx'
import type { Cursor, CursorStore } from '../../ui/chart/cursor.ts'
import { type ChartFrame, PLOT, xOf } from '../../ui/chart/frame.ts'
import type { ChartPoint } from '../../ui/chart/pick.ts'
import { TimeChart } from '../../ui/chart/time-chart.tsx'
import { panelUnit } from '../../ui/chart/unit-format.ts'
import { createExternalStore, type ExternalStore } from '../../ui/external-store.ts'
import { PlainText, visibleText } from '../../ui/plain-text.tsx'
import type { PanelSpec } from './default-panels.ts'
import { HoverCard } from './hover-card.tsx'
import { Legend, type LegendHandle } from './legend.tsx'
import { lineNames } from './line-names.ts'
import classes from './panel.module.css'
import { createPanelSource, MAX_LINES } from './panel-source.ts'
import type { TransportHandle } from './use-transport.ts'

/** Between the crosshair and the card beside it. */
const CARD_DISTANCE_PX = 14
const CARD_WIDTH_PX = 250

export interface PanelProps {
  part: string
  spec: PanelSpec
  publishers: readonly string[]
  schema: unknown
  handle: TransportHandle
  timeline: HistorySource<TimelineBucket[]>
  cursor: CursorStore
  marked: ExternalStore<number | null>
  onPick(point: ChartPoint): void
}

/** One chart of the workspace. */
export function Panel({
  part,
  spec,
  publishers,
  schema,
  handle,
  timeline,
  cursor,
  marked,
  onPick,
}: PanelProps) {
  const { client, feed, connection } = useApi()
  const fieldsKey = JSON.stringify(spec.fields)
  const sources = useMemo(() => {
    const fields = JSON.parse(fieldsKey) as string[]
    const chart = createChartSource({ client, feed, onRegained: connection.onRegained }, part, fields)
    return { chart, panel: createPanelSource({ handle, chart, timeline, fields, unit: spec.unit, marked }) }
  }, [client, feed, connection, part, fieldsKey, handle, timeline, spec.unit, marked])
  useEffect(() => () => sources.chart.dispose(), [sources])

  const names = useMemo(() => {
    const fields = JSON.parse(fieldsKey) as string[]
    return lineNames(
      fields.flatMap((field) => publishers.map((publisher) => ({ field, publisher }))),
      schema,
    )
  }, [fieldsKey, publishers, schema])

  const legend = useRef<LegendHandle>(null)
  const card = useRef<HTMLDivElement>(null)
  const body = useRef<HTMLDivElement>(null)
  const hovered = useMemo(() => createExternalStore<ChartPoint | null>(null), [])
  const [note, setNote] = useState<{ state: DataState; isEmpty: boolean; lines: number }>({
    state: { complete: false, error: null },
    isEmpty: true,
    lines: 0,
  })

  function onDraw(frame: ChartFrame, point: ChartPoint | null): void {
    legend.current?.show(frame, cursor.get()?.at ?? null)
    hovered.set(samePoint(hovered.get(), point) ? hovered.get() : point)
    placeCard(card.current, body.current, frame, cursor.get(), point)
    const state = sources.panel.state()
    const isEmpty = frame.lines.every((line) => line.buckets.length === 0)
    const lines = sources.panel.lineCount()
    setNote((before) =>
      before.isEmpty === isEmpty &&
      before.lines === lines &&
      before.state.complete === state.complete &&
      before.state.error?.code === state.error?.code
        ? before
        : { state, isEmpty, lines },
    )
  }

  const title = visibleText(spec.title)
  const unit = panelUnit(spec.unit)
  return (
    <section className={classes.panel} aria-label={title}>
      <header className={classes.header}>
        <h2 className={classes.title}>
          <PlainText>{spec.title}</PlainText>
        </h2>
        {unit === null ? null : <span className={classes.unit}>{visibleText(unit)}</span>}
        {note.lines > MAX_LINES ? (
          <span className={classes.note}>
            {MAX_LINES} of {note.lines} lines
          </span>
        ) : null}
        <Legend ref={legend} names={names} unit={spec.unit} />
      </header>
      <div className={classes.body} ref={body}>
        <TimeChart
          id={spec.id}
          label={`${title}. Arrow keys walk the points, Enter opens the message, plus and minus zoom.`}
          source={sources.panel}
          cursor={cursor}
          onPick={onPick}
          onPan={handle.transport.pan}
          onZoom={handle.transport.zoom}
          onDraw={onDraw}
        />
        <PanelNote state={note.state} isEmpty={note.isEmpty} />
        <div ref={card} className={classes.card}>
          <HoverCard part={part} unit={spec.unit} hovered={hovered} names={names} />
        </div>
      </div>
    </section>
  )
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
  point: ChartPoint | null,
): void {
  if (card === null || body === null) return
  card.style.visibility = point === null ? 'hidden' : 'visible'
  if (point === null || cursor === null) return
  const x = xOf(cursor.at, frame, body.clientWidth)
  const hasRoom = x + CARD_DISTANCE_PX + CARD_WIDTH_PX <= body.clientWidth
  const left = hasRoom ? x + CARD_DISTANCE_PX : x - CARD_DISTANCE_PX - CARD_WIDTH_PX
  const isHigh = cursor.y !== null && cursor.y < body.clientHeight / 2
  const top = isHigh ? body.clientHeight - card.offsetHeight - PLOT.bottom : 0
  card.style.transform = `translate(${Math.round(Math.max(0, left))}px, ${Math.round(top)}px)`
}

function PanelNote({ state, isEmpty }: { state: DataState; isEmpty: boolean }) {
  // While the connection is lost the banner says so, once; what is drawn stays.
  if (state.error !== null && (isEmpty || state.error.code !== 'not-running')) {
    return (
      <div className={classes.message} role="alert">
        <bdi>{state.error.message}</bdi> <bdi>{state.error.remedy}</bdi>
      </div>
    )
  }
  if (!isEmpty) return null
  return (
    <div className={classes.message} role="status">
      {state.complete ? 'No values in this stretch of time' : 'Loading…'}
    </div>
  )
}
