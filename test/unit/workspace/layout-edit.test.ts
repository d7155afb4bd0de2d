import { describe, expect, it } from 'vitest'
import { automaticLayout } from '../../../renderer/features/workspace/automatic-layout.ts'
import {
  duplicatePanel,
  movePanel,
  removePanel,
  resizePanel,
  splitPanel,
} from '../../../renderer/features/workspace/layout-edit.ts'
import type { FieldSummary } from '../../../shared/chart.ts'
import { GRID_COLUMNS, type Layout, layoutText, MAX_PANELS, parseLayout } from '../../../shared/layout.ts'
import { PART } from '../layouts/layouts.ts'

function field(path: string, kind: FieldSummary['kind'] = 'number'): FieldSummary {
  return { path, kind, indexed: true, lastValue: kind === 'number' ? 1 : 'on', lastTimestamp: 1 }
}

function automatic(...fields: FieldSummary[]): Layout {
  return automaticLayout({ part: PART, fields, schema: undefined, chosen: null })
}

const four = automatic(field('a.x'), field('b.x'), field('c.x'), field('d.x'))
const [first] = four.panels
const id = first?.id ?? ''

/** No panel reaches beyond the grid or over another. */
function expectSound(layout: Layout): void {
  expect(parseLayout(layoutText(layout))).toEqual(layout)
  for (const [index, { place: a }] of layout.panels.entries()) {
    expect(a.x + a.w).toBeLessThanOrEqual(GRID_COLUMNS)
    for (const { place: b } of layout.panels.slice(index + 1)) {
      const meets = a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h
      expect(meets).toBe(false)
    }
  }
}

describe('the layout of a stream seen for the first time', () => {
  it('has a chart for each group of fields, and one for what changes its word', () => {
    const layout = automatic(field('cpu.load'), field('memory.used'), field('state', 'text'))
    expect(layout.panels.map(({ kind }) => kind)).toEqual(['line', 'line', 'states'])
    expectSound(layout)
  })

  it('is sound for any field names, however long and strange, and the same each time', () => {
    const names = [
      '<img src=x onerror=alert(1)>',
      '\u202Eevil',
      '🌊',
      'x'.repeat(10_000),
      '__proto__',
      'a\\.b',
      '$',
    ]
    const fields = names.map((name) => field(name.slice(0, 1_024)))
    expectSound(automatic(...fields))
    expect(automatic(...fields)).toEqual(automatic(...fields))
  })

  it('of ten thousand fields is still a screen', () => {
    const layout = automatic(
      ...Array.from({ length: 10_000 }, (_, index) => field(`group${index % 97}.f${index}`)),
    )
    expect(layout.panels.length).toBeLessThanOrEqual(7)
    expectSound(layout)
  })
})

describe('a layout that is changed', () => {
  it('stays sound, and the one before stays as it was', () => {
    const before = layoutText(four)
    for (const edit of [
      splitPanel(id),
      duplicatePanel(id),
      removePanel(id),
      movePanel(id, 'right'),
      movePanel(id, 'down'),
      movePanel(id, 'up'),
      resizePanel(id, 'right'),
      resizePanel(id, 'down'),
    ]) {
      expectSound(edit(four))
    }
    expect(layoutText(four)).toBe(before)
  })

  it('moves a panel past the one below it', () => {
    const moved = movePanel(id, 'down')(four)
    expect(moved.panels.find((panel) => panel.id === id)?.place.y).toBeGreaterThan(0)
  })

  it('shares the series of a panel out when it is split', () => {
    const layout = automatic(field('cpu.a'), field('cpu.b'), field('cpu.c'))
    const split = splitPanel(layout.panels[0]?.id ?? '')(layout)
    expect(split.panels.map(({ series }) => series.length)).toEqual([2, 1])
  })

  it('takes no more panels than it may have', () => {
    let full = four
    for (let step = 0; step < MAX_PANELS + 5; step += 1) full = duplicatePanel(id)(full)
    expect(full.panels).toHaveLength(MAX_PANELS)
    expectSound(full)
  })
})
