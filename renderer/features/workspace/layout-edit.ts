/** What can be done to a layout. Each answers a new layout and leaves the old one as it was, for undo. */
import {
  GRID_COLUMNS,
  type Layout,
  MAX_PANELS,
  type Panel,
  type PanelKind,
  type PanelSeries,
} from '../../../shared/layout.ts'
import { USUAL_ROWS } from './automatic-layout.ts'
import { leastSize, movePanelTo, packPanels } from './pack-panels.ts'

export type LayoutEdit = (layout: Layout) => Layout

function newId(): string {
  return crypto.randomUUID()
}

function withPanels(layout: Layout, panels: readonly Panel[]): Layout {
  return { ...layout, panels: packPanels(panels) }
}

function bottomOf(layout: Layout): number {
  return Math.max(0, ...layout.panels.map(({ place }) => place.y + place.h))
}

const SIZES: Partial<Record<PanelKind, { w: number; h: number }>> = {
  stat: { w: 3, h: 3 },
  gauge: { w: 3, h: 4 },
  states: { w: 6, h: 4 },
}

/** A new panel below the others; it is handed back to be filled. */
export function newPanel(layout: Layout, kind: PanelKind, title: string, series: PanelSeries[]): Panel {
  const size = SIZES[kind] ?? { w: GRID_COLUMNS / 2, h: USUAL_ROWS }
  return {
    id: newId(),
    kind,
    title,
    unit: null,
    series,
    place: { x: 0, y: bottomOf(layout), ...size },
    min: null,
    max: null,
  }
}

export function isFull(layout: Layout): boolean {
  return layout.panels.length >= MAX_PANELS
}

/** Puts a panel in: anew, or in the place of the one with its id. */
export function putPanel(panel: Panel): LayoutEdit {
  return (layout) => {
    const isKnown = layout.panels.some(({ id }) => id === panel.id)
    const panels = isKnown
      ? layout.panels.map((other) => (other.id === panel.id ? panel : other))
      : [...layout.panels, panel]
    return withPanels(layout, panels)
  }
}

export function changePanel(id: string, change: (panel: Panel) => Panel): LayoutEdit {
  return (layout) =>
    withPanels(
      layout,
      layout.panels.map((panel) => (panel.id === id ? change(panel) : panel)),
    )
}

export function removePanel(id: string): LayoutEdit {
  return (layout) =>
    withPanels(
      layout,
      layout.panels.filter((panel) => panel.id !== id),
    )
}

/** A second one of the same, below the first. */
export function duplicatePanel(id: string): LayoutEdit {
  return (layout) => {
    const panel = layout.panels.find((other) => other.id === id)
    if (panel === undefined || isFull(layout)) return layout
    const place = { ...panel.place, y: panel.place.y + panel.place.h }
    return withPanels(layout, [...layout.panels, { ...panel, id: newId(), place }])
  }
}

/** Halves a panel: beside each other where there is room, else one below the other. Series are shared out. */
export function splitPanel(id: string): LayoutEdit {
  return (layout) => {
    const panel = layout.panels.find((other) => other.id === id)
    if (panel === undefined || isFull(layout)) return layout
    const { place, series } = panel
    const least = leastSize(panel.kind)
    const isBeside = place.w >= least.w * 2
    const half = isBeside ? Math.floor(place.w / 2) : Math.max(least.h, Math.floor(place.h / 2))
    const first = isBeside ? { ...place, w: half } : { ...place, h: half }
    const second = isBeside
      ? { ...place, x: place.x + half, w: place.w - half }
      : { ...place, y: place.y + half, h: Math.max(least.h, place.h - half) }
    const cut = Math.ceil(series.length / 2)
    const parts = series.length > 1 ? [series.slice(0, cut), series.slice(cut)] : [series, series]
    return withPanels(
      layout,
      layout.panels.flatMap((other) =>
        other.id === id
          ? [
              { ...panel, place: first, series: parts[0] ?? [] },
              { ...panel, id: newId(), place: second, series: parts[1] ?? [] },
            ]
          : [other],
      ),
    )
  }
}

export type Direction = 'left' | 'right' | 'up' | 'down'

/** Moves a panel by a column, or past the panel above or below it. */
export function movePanel(id: string, direction: Direction): LayoutEdit {
  return (layout) => {
    const panel = layout.panels.find((other) => other.id === id)
    if (panel === undefined) return layout
    const { x, y, w, h } = panel.place
    const beside = layout.panels.filter(
      ({ id: other, place }) => other !== id && place.x < x + w && x < place.x + place.w,
    )
    const above = Math.max(0, ...beside.filter(({ place }) => place.y < y).map(({ place }) => place.y))
    const below = Math.min(
      ...beside.filter(({ place }) => place.y >= y + h).map(({ place }) => place.y + place.h - h),
      bottomOf(layout),
    )
    const to = {
      left: { x: x - 1, y },
      right: { x: x + 1, y },
      up: { x, y: above },
      down: { x, y: Math.max(y + 1, below) },
    }[direction]
    return { ...layout, panels: movePanelTo(layout.panels, id, to) }
  }
}

/** Makes a panel a column or a row larger or smaller. */
export function resizePanel(id: string, direction: Direction): LayoutEdit {
  return changePanel(id, (panel) => {
    const { x, w, h } = panel.place
    const least = leastSize(panel.kind)
    const width = w + (direction === 'right' ? 1 : direction === 'left' ? -1 : 0)
    const height = h + (direction === 'down' ? 1 : direction === 'up' ? -1 : 0)
    return {
      ...panel,
      place: {
        ...panel.place,
        w: Math.min(GRID_COLUMNS - x, Math.max(Math.min(w, least.w), width)),
        h: Math.min(60, Math.max(Math.min(h, least.h), height)),
      },
    }
  })
}
