import type { Rectangle } from 'electron'
import { z } from 'zod'

export const MIN_WIDTH_PX = 960
export const MIN_HEIGHT_PX = 600
const DEFAULT_WIDTH_PX = 1_440
const DEFAULT_HEIGHT_PX = 900
/** So much of the window, at its top, must lie on a display, or it cannot be taken hold of. */
const MIN_VISIBLE_PX = 120

/** Displays are counted in device-independent pixels; no desk is larger than this. */
const coordinate = z.int().min(-100_000).max(100_000)
const size = z.int().min(1).max(100_000)

export const windowStateSchema = z.strictObject({
  x: coordinate.nullable(),
  y: coordinate.nullable(),
  width: size,
  height: size,
  isMaximised: z.boolean(),
})

export type WindowState = z.infer<typeof windowStateSchema>

export const DEFAULT_WINDOW_STATE: WindowState = {
  x: null,
  y: null,
  width: DEFAULT_WIDTH_PX,
  height: DEFAULT_HEIGHT_PX,
  isMaximised: false,
}

export type WindowPlace = Pick<WindowState, 'width' | 'height'> & { x?: number; y?: number }

/**
 * Where the window goes: where it was, unless the display it was on is gone; never larger than the display.
 * Without a position the system centres it.
 */
export function placeWindow(state: WindowState, workAreas: readonly Rectangle[]): WindowPlace {
  const { x, y } = state
  const home =
    x === null || y === null ? undefined : workAreas.find((area) => isGraspable({ ...state, x, y }, area))
  const area = home ?? workAreas[0]
  const width = fitSize(state.width, MIN_WIDTH_PX, area?.width)
  const height = fitSize(state.height, MIN_HEIGHT_PX, area?.height)
  return home === undefined || x === null || y === null ? { width, height } : { x, y, width, height }
}

function isGraspable(window: Rectangle, area: Rectangle): boolean {
  const visible = Math.min(window.x + window.width, area.x + area.width) - Math.max(window.x, area.x)
  const isTopInside = window.y >= area.y && window.y <= area.y + area.height - MIN_VISIBLE_PX
  return visible >= MIN_VISIBLE_PX && isTopInside
}

function fitSize(wanted: number, least: number, available: number | undefined): number {
  return Math.min(Math.max(wanted, least), available ?? Number.POSITIVE_INFINITY)
}
