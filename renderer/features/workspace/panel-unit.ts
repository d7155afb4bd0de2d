import { MAX_UNIT_LENGTH, type Panel } from '../../../shared/layout.ts'
import { noteOfField } from '../../ui/field-notes.ts'
import { parseExpression } from './expression/parse-expression.ts'
import type { SchemaOf } from './line-names.ts'

/** Unit of a panel: as set by hand, else what its fields agree on. A rate is by the second, a product is not told. */
export function unitOfPanel(
  { unit, series }: Pick<Panel, 'unit' | 'series'>,
  schemaOf: SchemaOf,
): string | null {
  if (unit !== null) return unit
  const units = new Set<string | null>()
  for (const one of series) {
    if (one.kind === 'field') units.add(noteOfField(schemaOf(one.part), one.field).unit)
    if (one.kind !== 'expression') continue
    const { tree } = parseExpression(one.text, Object.keys(one.inputs))
    const [input] = Object.values(one.inputs)
    const own = input === undefined ? null : noteOfField(schemaOf(input.part), input.field).unit
    if (tree?.kind === 'trend' && own !== null) {
      const isBySecond = tree.name === 'rate' || tree.name === 'derivative'
      units.add(isBySecond ? `${own}/s` : own)
    } else units.add(null)
  }
  const [only = null] = units
  return units.size === 1 ? (only?.slice(0, MAX_UNIT_LENGTH) ?? null) : null
}
