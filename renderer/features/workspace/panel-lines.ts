import type { FieldSource, PanelSeries } from '../../../shared/layout.ts'
import type { ChartData, SeriesData } from '../../api/chart-data.ts'
import type { ChartLine } from '../../ui/chart/frame.ts'
import { assignColours } from '../../ui/chart/series-colours.ts'
import { keepColours, keptColours } from './colour-memory.ts'
import { evaluateExpression } from './expression/evaluate.ts'
import { inputsOf } from './expression/expression-tree.ts'
import { type ParsedExpression, parseExpression } from './expression/parse-expression.ts'

/** More lines than this in one panel are no longer told apart; the panel says how many it leaves out. */
export const MAX_LINES = 16

type UncolouredLine = Omit<ChartLine, 'colour' | 'shiftMs'>

/** A series of a panel, its expression read once. */
export type ReadSeries =
  | { kind: 'field'; series: Extract<PanelSeries, { kind: 'field' }> }
  | { kind: 'expression'; series: Extract<PanelSeries, { kind: 'expression' }>; parsed: ParsedExpression }

export function readSeries(list: readonly PanelSeries[]): ReadSeries[] {
  return list.flatMap((series): ReadSeries[] => {
    if (series.kind === 'field') return [{ kind: 'field', series }]
    if (series.kind !== 'expression') return []
    return [{ kind: 'expression', series, parsed: parseExpression(series.text, Object.keys(series.inputs)) }]
  })
}

/** The fields that series are read from. */
export function sourcesOf(list: readonly ReadSeries[]): FieldSource[] {
  return list.flatMap(({ series }) => (series.kind === 'field' ? [series] : Object.values(series.inputs)))
}

type ReadField = (source: FieldSource) => ChartData | undefined

function ofPublisher(data: ChartData | undefined, publisher: string | null): SeriesData[] {
  const series = data?.series ?? []
  return publisher === null ? series : series.filter((one) => one.publisher === publisher)
}

function fieldLines(series: Extract<PanelSeries, { kind: 'field' }>, read: ReadField): UncolouredLine[] {
  const data = read(series)
  return ofPublisher(data, series.publisher).map(
    ({ publisher, field, buckets, pieces, intervalMs }): UncolouredLine => ({
      key: `${series.part} ${publisher} ${field}`,
      part: series.part,
      publisher,
      field,
      name: series.name,
      buckets,
      pieces,
      intervalMs,
      levelMs: data?.levelMs ?? 0,
      origin: 'measured',
    }),
  )
}

/**
 * An expression drawn for each publisher of the first input that names none; the others follow: of the same
 * publisher where there is one, else of the only one there is.
 */
function expressionLines(
  series: Extract<PanelSeries, { kind: 'expression' }>,
  { tree }: ParsedExpression,
  read: ReadField,
): UncolouredLine[] {
  if (tree === null) return []
  const inputs = inputsOf(tree).flatMap((letter) => {
    const source = series.inputs[letter]
    return source === undefined
      ? []
      : [{ letter, source, found: ofPublisher(read(source), source.publisher) }]
  })
  const lead = inputs.find(({ source }) => source.publisher === null) ?? inputs[0]
  if (lead === undefined) return []
  const levelMs = Math.max(...inputs.map(({ source }) => read(source)?.levelMs ?? 0))
  return lead.found.flatMap(({ publisher, field }): UncolouredLine[] => {
    const chosen = inputs.map(({ letter, found }) => {
      const own =
        found.find((one) => one.publisher === publisher) ?? (found.length === 1 ? found[0] : undefined)
      return { letter, own }
    })
    if (chosen.some(({ own }) => own === undefined)) return []
    const tracks = new Map(
      chosen.map(({ letter, own }) => [
        letter,
        { buckets: own?.buckets ?? [], intervalMs: own?.intervalMs ?? 0, isEstimated: false },
      ]),
    )
    const { buckets, intervalMs, isEstimated } = evaluateExpression(tree, tracks)
    return [
      {
        key: `${lead.source.part} ${publisher} = ${series.text}`,
        part: lead.source.part,
        publisher,
        field,
        name: series.name ?? series.text,
        buckets,
        intervalMs,
        levelMs,
        origin: isEstimated ? 'estimated' : 'derived',
      },
    ]
  })
}

/** Every line of a panel, in the order of its series; `all` counts those beyond what is drawn. */
export function panelLines(
  list: readonly ReadSeries[],
  read: ReadField,
): { lines: ChartLine[]; all: number } {
  const found = list.flatMap((one) =>
    one.kind === 'field' ? fieldLines(one.series, read) : expressionLines(one.series, one.parsed, read),
  )
  // By series, then by publisher: the same order whoever spoke first.
  const shown = found.slice(0, MAX_LINES)
  const colours = assignColours(
    shown.map(({ key }) => key),
    keptColours,
  )
  keepColours()
  const lines = shown.map((line, index): ChartLine => ({ ...line, colour: colours[index] ?? 0, shiftMs: 0 }))
  return { lines, all: found.length }
}

/** Lines of an earlier time, moved to where they are compared. */
export function earlierLines(lines: readonly ChartLine[], shiftMs: number): ChartLine[] {
  return lines.map(({ pieces: _, ...line }) => ({
    ...line,
    key: `${line.key} earlier`,
    shiftMs,
    buckets: line.buckets.map((bucket) => ({
      ...bucket,
      from: bucket.from + shiftMs,
      to: bucket.to + shiftMs,
    })),
  }))
}
