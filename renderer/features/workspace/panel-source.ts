import { GRID_COLUMNS, type Panel } from '../../../shared/layout.ts'
import type { ChartData, StateData } from '../../api/chart-data.ts'
import { type HistoryHub, type Lens, widthClass } from '../../api/history-hub.ts'
import type { DataState, HistorySource } from '../../api/history-source.ts'
import { type ChartFrame, type ChartLine, PLOT, reachOf, type StateRow } from '../../ui/chart/frame.ts'
import { longestBridgeMs } from '../../ui/chart/segments.ts'
import type { ChartFrameSource } from '../../ui/chart/time-chart.tsx'
import type { ExternalStore } from '../../ui/external-store.ts'
import { visibleText } from '../../ui/plain-text.tsx'
import { timeZoneStore } from '../../ui/preferences.ts'
import { type AlertsByPart, createPanelAlerts } from './chart-alerts.ts'
import { lookBackMs } from './expression/expression-tree.ts'
import { lineNames, type NamedLine } from './line-names.ts'
import { joinTimelines, knownStretches, timelineBridgeMs } from './panel-lane.ts'
import { earlierLines, panelLines, readSeries, sourcesOf } from './panel-lines.ts'
import { openFields } from './series-lines.ts'
import type { TransportHandle } from './use-transport.ts'

/** How far ahead of a replay its data is fetched, in windows. */
const READ_AHEAD = 0.4
/** A window that has moved by a smaller share of itself is at rest. */
const LEAST_HEADING = 0.01
/** How far back an expression may look, in windows: a longer average begins blank. */
const MAX_LOOK_BACK_WINDOWS = 4

export interface PanelSource extends ChartFrameSource {
  state(): DataState
  /** Lines there are, drawn or not. */
  lineCount(): number
  dispose(): void
}

/**
 * The class of widths a panel is asked for in, by its columns: panels of about one size share their tiles, and a small
 * one does not read what it has no pixels for.
 */
export function panelWidthClass({ place }: Pick<Panel, 'place'>): number {
  return widthClass((innerWidth * place.w) / GRID_COLUMNS - PLOT.left - PLOT.right)
}

export interface PanelSourceOptions {
  panel: Panel
  unit: string | null
  handle: TransportHandle
  hub: HistoryHub
  /** Distance to the earlier period that is laid over, ms; null for none. */
  compareMs: ExternalStore<number | null>
  /** Time of the message that is open in the inspector. */
  marked: ExternalStore<number | null>
  /** Alerts about the window, of all that the workspace shows. */
  alerts: ExternalStore<AlertsByPart>
}

/** Joins the window of the transport with what is known of it into frames to draw. */
export function createPanelSource(options: PanelSourceOptions): PanelSource {
  const { panel, unit, handle, hub, compareMs, marked, alerts } = options
  const series = readSeries(panel.series)
  const sources = sourcesOf(series)
  const isOfStates = panel.kind === 'states'
  const back = Math.max(
    0,
    ...series.map((one) =>
      one.kind === 'expression' && one.parsed.tree !== null ? lookBackMs(one.parsed.tree) : 0,
    ),
  )
  const parts = [...new Set(sources.map(({ part }) => part))]

  function open(lens: Lens) {
    const fields = openFields(hub, isOfStates ? [] : sources, lens)
    const timelines = parts.map((part) => hub.timeline(part, lens))
    const states = isOfStates
      ? sources.map((source) => ({ source, history: hub.states(source.part, source.field, lens) }))
      : []
    return { px: lens.px, fields, timelines, states }
  }
  const lens = { px: panelWidthClass(panel), window: 'shown' } as const
  const shown = open(lens)
  let earlier: ReturnType<typeof openFields> | null = null
  let leaveEarlier: (() => void) | null = null

  const panelAlerts = createPanelAlerts(sources, alerts)
  let drawnAlerts = panelAlerts.read(handle.transport.now())

  const listeners = new Set<() => void>()
  const redraw = () => {
    for (const listener of listeners) listener()
  }
  let lastState: DataState = { complete: false, error: null }
  let drawn: { inputs: readonly unknown[]; lines: ChartLine[]; all: number } = {
    inputs: [],
    lines: [],
    all: 0,
  }
  let rows: { inputs: readonly unknown[]; rows: StateRow[] } = { inputs: [], rows: [] }
  let joinedLane: { inputs: readonly unknown[]; lane: ReturnType<typeof joinTimelines> } = {
    inputs: [],
    lane: [],
  }
  let drawing = 0

  function isSame(a: readonly unknown[], b: readonly unknown[]): boolean {
    return a.length === b.length && a.every((item, index) => item === b[index])
  }

  function openEarlier(): void {
    leaveEarlier?.()
    earlier?.dispose()
    const isWanted = compareMs.get() !== null && !isOfStates
    earlier = isWanted ? openFields(hub, sources, { ...lens, window: 'earlier' }) : null
    leaveEarlier = earlier?.subscribe(redraw) ?? null
    redraw()
  }
  const leaveCompare = compareMs.subscribe(openEarlier)
  openEarlier()

  function linesOf(window: Window, px: number, reach: Window): ChartLine[] {
    const data = new Map<HistorySource<ChartData> | undefined, ChartData>()
    for (const { history } of shown.fields.all()) data.set(history, history.read(window, px, reach))
    const shiftMs = compareMs.get() ?? 0
    const then = { from: window.from - shiftMs, to: window.to - shiftMs }
    const thenReach = { from: reach.from - shiftMs, to: reach.to - shiftMs }
    const past = new Map<HistorySource<ChartData> | undefined, ChartData>()
    for (const { history } of earlier?.all() ?? []) past.set(history, history.read(then, px, thenReach))
    const inputs = [...data.values(), shiftMs, ...past.values()]
    if (isSame(inputs, drawn.inputs)) return drawn.lines
    const now = panelLines(series, (source) => data.get(shown.fields.of(source)))
    const before = earlier
    const old = before === null ? [] : panelLines(series, (source) => past.get(before.of(source))).lines
    drawn = { inputs, lines: [...now.lines, ...earlierLines(old, shiftMs)], all: now.all }
    drawing += 1
    return drawn.lines
  }

  function statesOf(
    window: Window,
    px: number,
    reach: Window,
    lanes: readonly (readonly unknown[])[],
  ): StateRow[] {
    const data = shown.states.map(({ history }) => history.read(window, px, reach))
    const inputs = [...data, ...lanes]
    if (isSame(inputs, rows.inputs)) return rows.rows
    rows = { inputs, rows: data.flatMap((found, index) => rowsOf(found, index)) }
    drawing += 1
    return rows.rows
  }

  function rowsOf(found: readonly StateData[], index: number): StateRow[] {
    const one = series[index]
    const source = shown.states[index]?.source
    if (source === undefined || one === undefined) return []
    const lane = laneByPart.get(source.part) ?? []
    const known = knownStretches(lane, timelineBridgeMs(lane))
    return found
      .filter(({ publisher }) => source.publisher === null || source.publisher === publisher)
      .map(({ publisher, changes }) => ({
        key: `${source.part} ${publisher} ${source.field}`,
        part: source.part,
        publisher,
        field: source.field,
        name: one.series.name,
        changes,
        known,
      }))
  }
  const laneByPart = new Map<string, ReturnType<typeof joinTimelines>>()

  let before: Window | null = null

  /** Which way a hand has moved the window since it was looked at last. */
  function headingOf(window: Window): -1 | 0 | 1 {
    const span = window.to - window.from
    const movedMs = before === null ? 0 : window.from - before.from
    const isZoomed = before !== null && Math.abs(before.to - before.from - span) > span * 1e-6
    before = window
    if (isZoomed || Math.abs(movedMs) < span * LEAST_HEADING || Math.abs(movedMs) > span) return 0
    return movedMs > 0 ? 1 : -1
  }

  return {
    frame(plotPx): ChartFrame {
      const moment = handle.transport.now()
      const { from, to, playhead, mode } = moment
      const window = { from, to }
      const { px } = shown
      const span = to - from
      const reach = reachOf(window, plotPx, mode === 'paused' ? headingOf(window) : 0)
      const lookBack = Math.min(back, span * MAX_LOOK_BACK_WINDOWS)
      const needed = {
        from: reach.from - lookBack,
        to: mode === 'playing' ? to + span * READ_AHEAD : reach.to,
      }
      const all = { from: needed.from, to: Math.max(needed.to, reach.to) }
      shown.fields.want(window, px, all)
      for (const { history } of shown.states) history.want(window, px, all)
      for (const timeline of shown.timelines) timeline.want(window, px, all)
      const shiftMs = compareMs.get()
      if (shiftMs !== null) {
        earlier?.want({ from: from - shiftMs, to: to - shiftMs }, px, {
          from: all.from - shiftMs,
          to: all.to - shiftMs,
        })
      }
      const lanes = shown.timelines.map((timeline) => timeline.read(window, px, reach))
      for (const [index, part] of parts.entries()) laneByPart.set(part, lanes[index] ?? [])
      if (!isSame(lanes, joinedLane.inputs)) {
        joinedLane = { inputs: lanes, lane: joinTimelines(lanes) }
        drawing += 1
      }
      const firing = panelAlerts.read(moment)
      if (firing !== drawnAlerts) {
        drawnAlerts = firing
        drawing += 1
      }
      const lines = linesOf(window, px, { from: all.from, to: reach.to })
      const states = statesOf(window, px, reach, lanes)
      const readStates = shown.states.map(({ history }) => history.state(window, px))
      const failed = readStates.find(({ error }) => error !== null)
      const fieldState = shown.fields.state(window, px)
      lastState = {
        complete: fieldState.complete && readStates.every(({ complete }) => complete),
        error: fieldState.error ?? failed?.error ?? null,
      }
      const intervals = lines.map(({ intervalMs }) => intervalMs).filter((ms) => ms > 0)
      const laneBridgeMs =
        intervals.length > 0 ? longestBridgeMs(Math.min(...intervals)) : timelineBridgeMs(joinedLane.lane)
      return {
        from,
        to,
        reach,
        playhead,
        marked: marked.get(),
        lines,
        states,
        rowNames: isOfStates ? namesOf(states) : panel.kind === 'heatmap' ? namesOf(lines) : NO_NAMES,
        alerts: drawnAlerts,
        version: String(drawing),
        lane: joinedLane.lane,
        laneBridgeMs,
        unit,
        bounds: { min: panel.min, max: panel.max },
        zone: timeZoneStore.get(),
      }
    },
    moment() {
      const { from, to, playhead } = handle.transport.now()
      return { from, to, playhead }
    },
    subscribe(listener, moved = listener) {
      listeners.add(listener)
      const leave = [
        shown.fields.subscribe(listener),
        ...shown.states.map(({ history }) => history.subscribe(listener)),
        ...shown.timelines.map((timeline) => timeline.subscribe(listener)),
        handle.onFrame(moved),
        timeZoneStore.subscribe(listener),
        marked.subscribe(listener),
        alerts.subscribe(listener),
      ]
      return () => {
        listeners.delete(listener)
        for (const stop of leave) stop()
      }
    },
    state: () => lastState,
    lineCount: () => drawn.all,
    dispose() {
      leaveCompare()
      leaveEarlier?.()
      earlier?.dispose()
      shown.fields.dispose()
      for (const timeline of shown.timelines) timeline.dispose()
      for (const { history } of shown.states) history.dispose()
    },
  }
}

interface Window {
  from: number
  to: number
}

const NO_NAMES: readonly string[] = []
/** What the margin of a plot has room for. */
const MAX_ROW_NAME = 9

function namesOf(rows: readonly NamedLine[]): string[] {
  const names = lineNames(rows, () => undefined)
  return rows.map((row) => {
    const name = visibleText(names.short(row))
    return name.length > MAX_ROW_NAME ? `${name.slice(0, MAX_ROW_NAME - 1)}…` : name
  })
}
