import { type RefObject, useLayoutEffect, useRef } from 'react'
import type { MessageRow } from '../../../shared/message.ts'
import { rowKey } from '../../api/held-rows.ts'

/** Rows above the goal of a jump, so that it does not cling to the edge. */
const ROWS_ABOVE_GOAL = 4

/**
 * Keeps what is read in its place when rows come or go above it: the rows are a stretch of a longer list, and what
 * happens at its ends is nothing the reader did. At the very top the list is followed instead.
 */
export function useHeldScroll(
  scroller: RefObject<HTMLDivElement | null>,
  rows: readonly MessageRow[],
  rowPx: number,
  goal: { key: string } | null,
  hasNewer: boolean,
): void {
  const before = useRef<readonly MessageRow[]>(rows)
  /** Whether the top of the rows was not the top of the list. */
  const wasAmid = useRef(hasNewer)
  const reached = useRef<{ key: string } | null>(null)
  useLayoutEffect(() => {
    const element = scroller.current
    const was = before.current
    const isHeldAtTop = wasAmid.current
    before.current = rows
    wasAmid.current = hasNewer
    if (element === null) return
    if (goal !== null && goal !== reached.current) {
      const index = rows.findIndex((row) => rowKey(row) === goal.key)
      if (index === -1) return
      reached.current = goal
      element.scrollTop = Math.max(0, index - ROWS_ABOVE_GOAL) * rowPx
      return
    }
    const top = Math.floor(element.scrollTop / rowPx)
    if (was === rows || (top <= 0 && !isHeldAtTop)) return
    const held = was[Math.min(top, was.length - 1)]
    if (held === undefined) return
    const key = rowKey(held)
    const index = rows.findIndex((row) => rowKey(row) === key)
    if (index !== -1 && index !== top) element.scrollTop += (index - top) * rowPx
  }, [scroller, rows, rowPx, goal, hasNewer])
}
