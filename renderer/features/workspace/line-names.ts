import { fieldKeys } from '../../../shared/field-path.ts'
import { shortenMiddle } from '../../../shared/format/identifier.ts'
import type { ChartLine } from '../../ui/chart/frame.ts'
import { noteOfField } from '../../ui/field-notes.ts'

export type NamedLine = Pick<ChartLine, 'part' | 'field' | 'publisher' | 'name'> & { shiftMs?: number }

/** How a line is called: shortly in the legend of its panel, fully where there is room. */
export interface LineNames {
  short(line: NamedLine): string
  full(line: NamedLine): string
}

/** Deeper paths have no more in common that is worth leaving out. */
const MAX_KEYS = 16

/** What is known of the fields of a stream part. */
export type SchemaOf = (part: string) => unknown

/** The last words of a stream's name. */
export function shortPart(part: string): string {
  const name = part.slice(0, part.lastIndexOf('#'))
  return name.slice(name.lastIndexOf('/') + 1) || name
}

/** Leaves out what all lines of a panel have in common, and names the publisher only where there are several. */
export function lineNames(lines: readonly NamedLine[], schemaOf: SchemaOf): LineNames {
  const fields = [...new Set(lines.map((line) => line.field))]
  const paths = fields.map(fieldKeys)
  const shortest = Math.min(MAX_KEYS, ...paths.map((path) => path.length))
  let common = 0
  while (
    paths.length > 0 &&
    common < shortest - 1 &&
    paths.every((path) => path[common] === paths[0]?.[common])
  )
    common += 1
  const hasSeveralPublishers = new Set(lines.map((line) => line.publisher)).size > 1
  const hasSeveralParts = new Set(lines.map((line) => line.part)).size > 1

  return {
    short({ part, field, publisher, name, shiftMs }) {
      const own = name ?? fieldKeys(field).slice(common).join('.')
      const words = hasSeveralParts ? [shortPart(part)] : []
      const who = shortenMiddle(publisher, 6, 2)
      if (!hasSeveralPublishers) words.push(own)
      else if (fields.length === 1 && name === null) words.push(who)
      else words.push(own, who)
      return `${words.join(' ')}${shiftMs ? ' earlier' : ''}`
    },
    full({ part, field, name, shiftMs }) {
      const { title } = noteOfField(schemaOf(part), field)
      const index = /\.(\d+)$/.exec(field)?.[1]
      const own = name ?? (title === null ? field : index === undefined ? title : `${title} ${index}`)
      return `${hasSeveralParts ? `${shortPart(part)}: ` : ''}${own}${shiftMs ? ' (earlier)' : ''}`
    },
  }
}
