import { memo, useEffect, useMemo, useRef, useState } from 'react'
import { GridLayout, type LayoutItem } from 'react-grid-layout'
import { GRID_COLUMNS, type Layout } from '../../../shared/layout.ts'
import { isFull } from './layout-edit.ts'
import { toItem } from './pack-panels.ts'
import { Panel, type PanelActions } from './panel.tsx'
import classes from './panel-grid.module.css'

const MARGIN_PX = 8
/** A row of the grid is at least so high; layouts that need less fill the screen. */
const LEAST_ROW_PX = 20
const MOST_ROW_PX = 64

export interface PanelGridProps {
  layout: Layout
  actions: PanelActions
  /** Panels were dragged or resized to new places. */
  onPlaced(items: readonly LayoutItem[]): void
}

/** Height of a row so that the whole layout fits where it can. */
export function rowHeightFor(rows: number, heightPx: number): number {
  if (rows === 0) return MOST_ROW_PX
  const fit = (heightPx - (rows - 1) * MARGIN_PX) / rows
  return Math.min(MOST_ROW_PX, Math.max(LEAST_ROW_PX, fit))
}

/** Panels on their grid: dragged by their head, resized at their corner. */
export const PanelGrid = memo(function PanelGrid({ layout, actions, onPlaced }: PanelGridProps) {
  const box = useRef<HTMLDivElement>(null)
  const [size, setSize] = useState<{ width: number; height: number } | null>(null)
  useEffect(() => {
    const element = box.current
    if (element === null) return
    const observer = new ResizeObserver(() =>
      setSize({ width: element.clientWidth, height: element.clientHeight }),
    )
    observer.observe(element)
    return () => observer.disconnect()
  }, [])
  const items = useMemo(() => layout.panels.map(toItem), [layout.panels])
  const rows = Math.max(0, ...layout.panels.map(({ place }) => place.y + place.h))
  const full = isFull(layout)

  function settle(placed: readonly LayoutItem[]): void {
    const before = new Map(items.map((item) => [item.i, item]))
    const isMoved = placed.some((item) => {
      const { x, y, w, h } = before.get(item.i) ?? item
      return x !== item.x || y !== item.y || w !== item.w || h !== item.h
    })
    if (isMoved) onPlaced(placed)
  }

  return (
    <div className={classes.box} ref={box}>
      {size === null ? null : (
        <GridLayout
          className={classes.grid ?? ''}
          width={size.width}
          layout={items}
          gridConfig={{
            cols: GRID_COLUMNS,
            rowHeight: rowHeightFor(rows, size.height),
            margin: [MARGIN_PX, MARGIN_PX],
            containerPadding: [0, 0],
          }}
          dragConfig={{ handle: '.panel-drag', cancel: '.panel-still, ul', threshold: 4 }}
          resizeConfig={{ handles: ['se', 's', 'e'] }}
          onDragStop={settle}
          onResizeStop={settle}
        >
          {layout.panels.map((panel) => (
            <div key={panel.id}>
              <Panel panel={panel} actions={actions} isFull={full} />
            </div>
          ))}
        </GridLayout>
      )}
    </div>
  )
})
