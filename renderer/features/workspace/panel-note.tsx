import type { Panel } from '../../../shared/layout.ts'
import type { DataState } from '../../api/history-source.ts'
import { parseExpression } from './expression/parse-expression.ts'
import classes from './panel.module.css'

export interface NoteState {
  state: DataState
  isEmpty: boolean
  lines: number
}

export const EMPTY_NOTE: NoteState = { state: { complete: false, error: null }, isEmpty: true, lines: 0 }

export function isSameNote(a: NoteState, b: NoteState): boolean {
  return (
    a.isEmpty === b.isEmpty &&
    a.lines === b.lines &&
    a.state.complete === b.state.complete &&
    a.state.error?.code === b.state.error?.code
  )
}

/** The first expression of a panel that cannot be worked out, and why. */
function expressionProblem({ series }: Panel): string | null {
  for (const one of series) {
    if (one.kind !== 'expression') continue
    const { problem } = parseExpression(one.text, Object.keys(one.inputs))
    if (problem !== null) return `${one.text.slice(0, 80)}: ${problem.message}`
  }
  return null
}

/** What stands in a panel that has nothing to draw, or not all of it yet, and why. */
export function PanelNote({ panel, note: { state, isEmpty } }: { panel: Panel; note: NoteState }) {
  const wrong = expressionProblem(panel)
  if (wrong !== null && isEmpty) {
    return (
      <div className={classes.message} role="alert">
        <bdi>{wrong}</bdi> Edit the panel to mend it.
      </div>
    )
  }
  // While the connection is lost the banner says so, once; what is drawn stays.
  if (state.error !== null && (isEmpty || state.error.code !== 'not-running')) {
    return (
      <div className={classes.message} role="alert">
        <bdi>{state.error.message}</bdi> <bdi>{state.error.remedy}</bdi>
      </div>
    )
  }
  // Where something is drawn already, what is not read yet must not look like what is missing.
  if (!isEmpty) return state.complete ? null : <span className={classes.reading}>Loading…</span>
  const words =
    panel.series.length === 0
      ? 'Nothing is chosen yet: edit the panel to add fields.'
      : state.complete
        ? 'No values in this stretch of time'
        : 'Loading…'
  return (
    <div className={classes.message} role="status">
      {words}
    </div>
  )
}
