import type { TimelineBucket } from '../../../shared/chart.ts'
import type { ChartData, DataState, HistorySource } from '../../api/chart-data.ts'
import type { ChartFrame, ChartLine } from '../../ui/chart/frame.ts'
import { assignColours } from '../../ui/chart/series-colours.ts'
import type { ChartFrameSource } from '../../ui/chart/time-chart.tsx'
import type { ExternalStore } from '../../ui/external-store.ts'
import { timeZoneStore } from '../../ui/preferences.ts'
import { keepColours, keptColours } from './colour-memory.ts'
import type { TransportHandle } from './use-transport.ts'

/** More lines than this in one panel are no longer told apart; the panel says how many it leaves out. */
export const MAX_LINES = 16
/** How far ahead of a replay its data is fetched, in windows. */
const READ_AHEAD = 0.4

export interface PanelSource extends ChartFrameSource {
  state(): DataState
  /** Lines there are, drawn or not. */
  lineCount(): number
}

export interface PanelSourceOptions {
  handle: TransportHandle
  chart: HistorySource<ChartData>
  timeline: HistorySource<TimelineBucket[]>
  fields: readonly string[]
  unit: string | null
  /** Time of the message that is open in the inspector. */
  marked: ExternalStore<number | null>
}

/** Joins the window of the transport with what is known of it into frames to draw. */
export function createPanelSource({
  handle,
  chart,
  timeline,
  fields,
  unit,
  marked,
}: PanelSourceOptions): PanelSource {
  let lines: { data: ChartData; lines: ChartLine[] } | null = null
  let lastState: DataState = { complete: false, error: null }

  function linesOf(data: ChartData): ChartLine[] {
    if (lines?.data === data) return lines.lines
    const order = new Map(fields.map((field, index) => [field, index]))
    const shown = [...data.series]
      .sort(
        (a, b) =>
          (order.get(a.field) ?? 0) - (order.get(b.field) ?? 0) || (a.publisher < b.publisher ? -1 : 1),
      )
      .slice(0, MAX_LINES)
    const keys = shown.map((series) => `${series.publisher} ${series.field}`)
    const colours = assignColours(keys, keptColours)
    keepColours()
    const drawn = shown.map((series, index): ChartLine => {
      return { key: keys[index] ?? '', ...series, colour: colours[index] ?? 0 }
    })
    lines = { data, lines: drawn }
    return drawn
  }

  return {
    frame(plotPx): ChartFrame {
      const { from, to, playhead, mode } = handle.transport.now()
      const window = { from, to }
      const ahead = mode === 'playing' ? { from, to: to + (to - from) * READ_AHEAD } : window
      chart.want(window, plotPx, ahead)
      timeline.want(window, plotPx, ahead)
      const data = chart.read(window, plotPx)
      lastState = chart.state(window, plotPx)
      return {
        from,
        to,
        playhead,
        marked: marked.get(),
        lines: linesOf(data),
        version: chart.version(),
        levelMs: data.levelMs,
        expectedIntervalMs: data.expectedIntervalMs,
        lane: timeline.read(window, plotPx),
        laneVersion: timeline.version(),
        unit,
        zone: timeZoneStore.get(),
      }
    },
    subscribe(redraw) {
      const leave = [
        chart.subscribe(redraw),
        timeline.subscribe(redraw),
        handle.onFrame(redraw),
        timeZoneStore.subscribe(redraw),
        marked.subscribe(redraw),
      ]
      return () => {
        for (const stop of leave) stop()
      }
    },
    state: () => lastState,
    lineCount: () => lines?.data.series.length ?? 0,
  }
}
