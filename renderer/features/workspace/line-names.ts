import { fieldKeys } from '../../../shared/field-path.ts'
import { shortenMiddle } from '../../../shared/format/identifier.ts'
import type { ChartLine } from '../../ui/chart/frame.ts'
import { noteOfField } from '../../ui/field-notes.ts'

/** How a line is called: shortly in the legend of its panel, fully where there is room. */
export interface LineNames {
  short(line: Pick<ChartLine, 'field' | 'publisher'>): string
  full(line: Pick<ChartLine, 'field' | 'publisher'>): string
}

/** Leaves out what all lines of a panel have in common, and names the publisher only where there are several. */
export function lineNames(
  lines: readonly Pick<ChartLine, 'field' | 'publisher'>[],
  schema: unknown,
): LineNames {
  const fields = [...new Set(lines.map((line) => line.field))]
  const paths = fields.map(fieldKeys)
  const shortest = Math.min(...paths.map((path) => path.length))
  let common = 0
  while (common < shortest - 1 && paths.every((path) => path[common] === paths[0]?.[common])) common += 1
  const hasSeveralPublishers = new Set(lines.map((line) => line.publisher)).size > 1

  return {
    short({ field, publisher }) {
      const name = fieldKeys(field).slice(common).join('.')
      if (!hasSeveralPublishers) return name
      const who = shortenMiddle(publisher, 6, 2)
      return fields.length === 1 ? who : `${name} ${who}`
    },
    full({ field }) {
      const { title } = noteOfField(schema, field)
      const index = /\.(\d+)$/.exec(field)?.[1]
      return title === null ? field : index === undefined ? title : `${title} ${index}`
    },
  }
}
