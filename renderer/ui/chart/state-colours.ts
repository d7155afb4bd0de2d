import type { StateRow } from './frame.ts'
import { SERIES_COLOURS } from './series-colours.ts'

/** So many states are told apart by colour; their words tell the others. */
const MAX_STATES = 500

/** A colour for each state, by the order of their names: the same whatever came first. */
export function stateColours(rows: readonly StateRow[]): (state: string) => number {
  const states = new Set<string>()
  for (const row of rows) {
    for (const { state } of row.changes) if (states.size < MAX_STATES) states.add(state)
  }
  const order = new Map([...states].sort().map((state, index) => [state, index % SERIES_COLOURS]))
  return (state) => order.get(state) ?? 0
}
