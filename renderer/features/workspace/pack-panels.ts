import { type LayoutItem, moveElement, verticalCompactor } from 'react-grid-layout/core'
import {
  GRID_COLUMNS,
  MAX_GRID_ROWS,
  type Panel,
  type PanelKind,
  type PanelPlace,
} from '../../../shared/layout.ts'

/** Least size of a panel of each kind, in columns and rows: below it nothing can be read. */
export function leastSize(kind: PanelKind): { w: number; h: number } {
  if (kind === 'stat' || kind === 'gauge') return { w: 2, h: 2 }
  return kind === 'states' ? { w: 3, h: 2 } : { w: 3, h: 3 }
}

export function toItem(panel: Panel): LayoutItem {
  const { w, h } = leastSize(panel.kind)
  return { i: panel.id, ...panel.place, minW: Math.min(w, panel.place.w), minH: Math.min(h, panel.place.h) }
}

/** Panels at the places the grid has found for them. */
export function placePanels(panels: readonly Panel[], items: readonly LayoutItem[]): Panel[] {
  const places = new Map(items.map(({ i, x, y, w, h }): [string, PanelPlace] => [i, { x, y, w, h }]))
  return panels.map((panel) => {
    const place = places.get(panel.id) ?? panel.place
    return { ...panel, place: { ...place, y: Math.min(place.y, MAX_GRID_ROWS) } }
  })
}

/** Moves panels up until none hangs in the air, as the grid does. */
export function packPanels(panels: readonly Panel[]): Panel[] {
  return placePanels(panels, verticalCompactor.compact(panels.map(toItem), GRID_COLUMNS))
}

/** Moves one panel to a place; those in its way make room. */
export function movePanelTo(panels: readonly Panel[], id: string, to: { x: number; y: number }): Panel[] {
  const items = panels.map(toItem)
  const item = items.find(({ i }) => i === id)
  if (item === undefined) return [...panels]
  const x = Math.min(GRID_COLUMNS - item.w, Math.max(0, to.x))
  const moved = moveElement(items, item, x, Math.max(0, to.y), true, false, 'vertical', GRID_COLUMNS)
  return placePanels(panels, verticalCompactor.compact(moved, GRID_COLUMNS))
}
