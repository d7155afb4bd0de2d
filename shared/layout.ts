/**
 * How a workspace is arranged: panels on a grid, each with its series. Layouts are kept by the node, sent as files and
 * as links, and edited by hand; whatever comes in passes `readLayout`, which refuses in words.
 */
import { z } from 'zod'
import { TidemarkError } from './errors.ts'
import { fieldPathInput, partInput, publisherInput } from './inputs.ts'

/** Goes up with every change an older portal could not draw truthfully. */
export const LAYOUT_VERSION = 1
/** Columns of the grid; rows are as many as the panels need. */
export const GRID_COLUMNS = 12
/** Lowest row a panel may reach: forty panels, one below the other, at their usual height. */
export const MAX_GRID_ROWS = 400
export const MAX_PANELS = 40
export const MAX_SERIES_PER_PANEL = 24
/** Inputs of one expression: a letter each. */
export const MAX_EXPRESSION_INPUTS = 8
export const MAX_EXPRESSION_LENGTH = 500
export const MAX_NAME_LENGTH = 120
export const MAX_UNIT_LENGTH = 24
/** A layout as text; forty panels full of series with long names stay below. */
export const MAX_LAYOUT_BYTES = 131_072

export const PANEL_KINDS = [
  'line',
  'area',
  'states',
  'stat',
  'gauge',
  'histogram',
  'table',
  'messages',
  'heatmap',
] as const
export type PanelKind = (typeof PANEL_KINDS)[number]

const nameSchema = z.string().trim().min(1).max(MAX_NAME_LENGTH)
const unitSchema = z.string().max(MAX_UNIT_LENGTH)

/** A field of a stream part; of one publisher, or of each there is. */
const fieldSourceSchema = z.strictObject({
  part: partInput,
  publisher: publisherInput.nullable(),
  field: fieldPathInput,
})
export type FieldSource = z.infer<typeof fieldSourceSchema>

const seriesSchema = z.discriminatedUnion('kind', [
  fieldSourceSchema.extend({ kind: z.literal('field'), name: nameSchema.nullable() }),
  z.strictObject({
    kind: z.literal('expression'),
    name: nameSchema.nullable(),
    text: z.string().min(1).max(MAX_EXPRESSION_LENGTH),
    /** What the letters in the text stand for. */
    inputs: z
      .record(z.string().regex(/^[a-h]$/), fieldSourceSchema)
      .refine((inputs) => Object.keys(inputs).length <= MAX_EXPRESSION_INPUTS, 'too many inputs'),
  }),
  z.strictObject({ kind: z.literal('messages'), part: partInput, publisher: publisherInput.nullable() }),
])
export type PanelSeries = z.infer<typeof seriesSchema>
export type ExpressionSeries = Extract<PanelSeries, { kind: 'expression' }>

const placeSchema = z
  .strictObject({
    x: z
      .int()
      .min(0)
      .max(GRID_COLUMNS - 1),
    y: z.int().min(0).max(MAX_GRID_ROWS),
    w: z.int().min(1).max(GRID_COLUMNS),
    h: z.int().min(1).max(60),
  })
  .refine(({ x, w }) => x + w <= GRID_COLUMNS, 'reaches over the right edge of the grid')
export type PanelPlace = z.infer<typeof placeSchema>

const panelSchema = z.strictObject({
  id: z.string().regex(/^[a-z0-9-]{1,40}$/),
  kind: z.enum(PANEL_KINDS),
  title: z.string().max(MAX_NAME_LENGTH),
  /** Null: as the fields say. */
  unit: unitSchema.nullable(),
  series: z.array(seriesSchema).max(MAX_SERIES_PER_PANEL),
  place: placeSchema,
  /** Ends of a gauge or of the value axis; null follows what is seen. */
  min: z.number().nullable().default(null),
  max: z.number().nullable().default(null),
})
export type Panel = z.infer<typeof panelSchema>

const layoutSchema = z.strictObject({
  version: z.literal(LAYOUT_VERSION),
  name: nameSchema,
  panels: z
    .array(panelSchema)
    .max(MAX_PANELS)
    .refine(
      (panels) => new Set(panels.map(({ id }) => id)).size === panels.length,
      'two panels share one id',
    ),
})
export type Layout = z.infer<typeof layoutSchema>

const REMEDY = 'Nothing was changed. Open another layout, or mend the file and try again.'

function refuse(sentence: string, cause?: unknown): TidemarkError {
  return new TidemarkError('layout-invalid', sentence, REMEDY, { cause })
}

/** "panels.2.series.0.field" reads "panel 3, series 1, field". */
function placeInWords(path: readonly PropertyKey[]): string {
  const words: string[] = []
  for (const key of path) {
    if (typeof key === 'number' && words.length > 0) {
      const last = words.length - 1
      words[last] = `${words[last] === 'panels' ? 'panel' : words[last]} ${key + 1}`
    } else words.push(String(key).slice(0, 40))
  }
  return words.length === 0 ? 'the whole' : words.join(', ')
}

/**
 * Checks what claims to be a layout.
 * @throws TidemarkError `layout-newer` for one of a later version, `layout-invalid` for anything that is none
 */
export function readLayout(value: unknown): Layout {
  const version =
    typeof value === 'object' && value !== null ? (value as { version?: unknown }).version : undefined
  if (typeof version === 'number' && version > LAYOUT_VERSION) {
    throw new TidemarkError(
      'layout-newer',
      `This layout is of version ${version}; this Tidemark reads up to version ${LAYOUT_VERSION}.`,
      'Update Tidemark to open it. Nothing was changed.',
    )
  }
  const result = layoutSchema.safeParse(value)
  if (result.success) return result.data
  const issue = result.error.issues[0]
  throw refuse(`This is no layout: at ${placeInWords(issue?.path ?? [])}, ${issue?.message ?? 'unreadable'}.`)
}

/** Reads a layout from text, which is measured before it is parsed. */
export function parseLayout(text: string): Layout {
  if (text.length > MAX_LAYOUT_BYTES) {
    throw refuse(`This is no layout: it is larger than ${MAX_LAYOUT_BYTES / 1_024} KiB.`)
  }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw refuse('This is no layout: it is not JSON.', cause)
  }
  return readLayout(value)
}

export function layoutText(layout: Layout): string {
  return `${JSON.stringify(layout, null, 2)}\n`
}

export const layoutIdInput = z.string().regex(/^[0-9a-f]{16}$/)
export const layoutNameInput = nameSchema

/** A layout as the list of kept ones shows it; `problem` says why it cannot be opened. */
export interface LayoutSummary {
  id: string
  name: string
  savedAt: number
  panels: number
  /** Stream parts it draws. */
  parts: string[]
  problem: string | null
}

/** An expression kept for use with any fields: its letters are bound anew where it is used. */
export const keptExpressionSchema = z.strictObject({
  name: nameSchema,
  text: z.string().min(1).max(MAX_EXPRESSION_LENGTH),
})
export type KeptExpression = z.infer<typeof keptExpressionSchema>

/** The stream parts a layout draws. */
export function partsOfLayout(layout: Pick<Layout, 'panels'>): string[] {
  const parts = new Set<string>()
  for (const series of layout.panels.flatMap((panel) => panel.series)) {
    if (series.kind !== 'expression') parts.add(series.part)
    else for (const input of Object.values(series.inputs)) parts.add(input.part)
  }
  return [...parts]
}
