import type { Layout, Panel } from '../../../shared/layout.ts'
import { encodeLayoutLink } from '../../../shared/layout-link.ts'
import { publisherOf } from '../history.ts'

const FIELDS = [
  'cpu.load',
  'cpu.temperature',
  'memory.used',
  'memory.free',
  'network.in',
  'network.out',
] as const

/** Twenty panels that fit one screen, as a link: fields of five publishers each, and of one. */
export async function twentyPanels(part: string): Promise<string> {
  const panels = Array.from({ length: 20 }, (_, index): Panel => {
    const field = FIELDS[index % FIELDS.length] ?? FIELDS[0]
    // A third of them shows all publishers, the others one each.
    const publisher = index % 3 === 0 ? null : publisherOf(index % 5)
    return {
      id: `p${index}`,
      kind: index % 4 === 3 ? 'area' : 'line',
      title: `${field} ${index}`,
      unit: null,
      series: [{ kind: 'field', part, publisher, field, name: null }],
      place: { x: (index % 4) * 3, y: Math.floor(index / 4) * 4, w: 3, h: 4 },
      min: null,
      max: null,
    }
  })
  const layout: Layout = { version: 1, name: 'Twenty', panels }
  return encodeLayoutLink(layout)
}
