import type { FieldSummary } from '../../../shared/chart.ts'
import { GRID_COLUMNS, type Layout, MAX_NAME_LENGTH, type Panel } from '../../../shared/layout.ts'
import { defaultPanels, type PanelSpec, panelsOf } from './default-panels.ts'
import { packPanels } from './pack-panels.ts'

/** Height of a chart that nobody has sized, in rows of the grid. */
export const USUAL_ROWS = 6
/** Rows of a state timeline, for each of its series. */
const MAX_STATE_FIELDS = 6
/** So many charts stand beside each other. */
const BESIDE = 2
const BESIDE_WHEN_MANY = 3
const MANY = 6

/** A short name for a panel of the automatic layout, the same with every start. */
function idOf(key: string): string {
  let value = 0x811c9dc5
  for (let index = 0; index < key.length; index += 1) {
    value = Math.imul(value ^ key.charCodeAt(index), 0x01000193)
  }
  return `auto-${(value >>> 0).toString(16)}`
}

function toPanel(part: string, spec: PanelSpec): Panel {
  return {
    id: idOf(spec.id),
    kind: 'line',
    title: spec.title.slice(0, MAX_NAME_LENGTH),
    unit: null,
    series: spec.fields.map((field) => ({ kind: 'field', part, publisher: null, field, name: null })),
    place: { x: 0, y: 0, w: GRID_COLUMNS / BESIDE, h: USUAL_ROWS },
    min: null,
    max: null,
  }
}

/** States of the stream, where it has some: what changes its word is worth a look beside what changes its number. */
function statesPanel(part: string, fields: readonly FieldSummary[]): Panel[] {
  const states = fields.filter((field) => field.indexed && field.kind !== 'number').slice(0, MAX_STATE_FIELDS)
  if (states.length === 0) return []
  return [
    {
      ...toPanel(part, { id: 'states', title: 'States', unit: null, fields: states.map(({ path }) => path) }),
      kind: 'states',
      place: { x: 0, y: 0, w: GRID_COLUMNS / BESIDE, h: Math.max(3, 1 + states.length) },
    },
  ]
}

export interface AutomaticLayoutInput {
  part: string
  fields: readonly FieldSummary[]
  schema: unknown
  /** Fields a link asks for; null leaves the choice to us. */
  chosen: readonly string[] | null
}

/** The layout of a stream nobody has arranged yet. */
export function automaticLayout({ part, fields, schema, chosen }: AutomaticLayoutInput): Layout {
  const specs = chosen === null ? defaultPanels(fields, schema) : panelsOf(chosen, fields, schema)
  const charts = specs.map((spec) => toPanel(part, spec))
  const panels =
    chosen === null && charts.length <= MANY - 1 ? [...charts, ...statesPanel(part, fields)] : charts
  const beside = panels.length === 1 ? 1 : panels.length > MANY ? BESIDE_WHEN_MANY : BESIDE
  const width = GRID_COLUMNS / beside
  const placed = panels.map((panel, index) => {
    const isLastAlone = index === panels.length - 1 && index % beside === 0
    return {
      ...panel,
      place: {
        x: isLastAlone ? 0 : (index % beside) * width,
        y: Math.floor(index / beside) * USUAL_ROWS,
        w: isLastAlone ? GRID_COLUMNS : width,
        h: panel.kind === 'states' ? panel.place.h : USUAL_ROWS,
      },
    }
  })
  return { version: 1, name: 'Automatic', panels: packPanels(placed) }
}
