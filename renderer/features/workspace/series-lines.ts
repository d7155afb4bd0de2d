import type { FieldSource } from '../../../shared/layout.ts'
import type { ChartData } from '../../api/chart-data.ts'
import type { HistoryHub, Lens } from '../../api/history-hub.ts'
import type { DataState, HistorySource } from '../../api/history-source.ts'
import type { Stretch } from '../../api/tile-cache.ts'

/** One input of a panel with where it is read from. */
export interface OpenField {
  source: FieldSource
  history: HistorySource<ChartData>
}

/** The histories a panel draws from, opened together and given back together. */
export interface OpenFields {
  of(source: FieldSource): HistorySource<ChartData> | undefined
  all(): readonly OpenField[]
  want(window: Stretch, px: number, reach: Stretch): void
  state(window: Stretch, px: number): DataState
  version(): string
  subscribe(listener: () => void): () => void
  dispose(): void
}

const keyOf = ({ part, publisher, field }: FieldSource) => `${part}\n${publisher ?? ''}\n${field}`

/** Opens each field once, however many series of the panel use it. */
export function openFields(hub: HistoryHub, sources: readonly FieldSource[], lens: Lens): OpenFields {
  const open = new Map<string, OpenField>()
  for (const source of sources) {
    if (open.has(keyOf(source))) continue
    open.set(keyOf(source), { source, history: hub.field(source, lens) })
  }
  const list = [...open.values()]
  return {
    of: (source) => open.get(keyOf(source))?.history,
    all: () => list,
    want(window, px, reach) {
      for (const { history } of list) history.want(window, px, reach)
    },
    state(window, px) {
      const states = list.map(({ history }) => history.state(window, px))
      return {
        complete: states.every(({ complete }) => complete),
        error: states.find(({ error }) => error !== null)?.error ?? null,
      }
    },
    version: () => list.map(({ history }) => history.version()).join(),
    subscribe(listener) {
      const leave = list.map(({ history }) => history.subscribe(listener))
      return () => {
        for (const stop of leave) stop()
      }
    },
    dispose() {
      for (const { history } of list) history.dispose()
    },
  }
}
