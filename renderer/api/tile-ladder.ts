const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/**
 * Lengths of the tiles a history is cut into, each a whole number of the pyramid buckets that are drawn in it.
 * Fixed lengths make a window that pans or zooms meet tiles that are there already.
 */
export const TILE_SPANS_MS = [
  10 * SECOND,
  30 * SECOND,
  MINUTE,
  2 * MINUTE,
  5 * MINUTE,
  10 * MINUTE,
  30 * MINUTE,
  HOUR,
  2 * HOUR,
  6 * HOUR,
  12 * HOUR,
  DAY,
  2 * DAY,
  7 * DAY,
  14 * DAY,
  28 * DAY,
  84 * DAY,
  364 * DAY,
  1_820 * DAY,
  7_280 * DAY,
] as const

/** The node's bounds on the width it is asked for (`chartWindowInput`). */
export const MIN_TILE_WIDTH_PX = 16
const MAX_TILE_WIDTH_PX = 4_096

export interface TileGrid {
  spanMs: number
  /** The width in pixels a whole tile is asked for. */
  widthPx: number
}

/** The grid for a window: at most three tiles cover it, with one to two buckets a pixel. */
export function tileGridFor(windowMs: number, windowPx: number): TileGrid {
  const spanMs =
    TILE_SPANS_MS.find((span) => span >= windowMs / 2) ?? TILE_SPANS_MS[TILE_SPANS_MS.length - 1] ?? DAY
  const pixels = Math.max(1, windowPx) * (spanMs / Math.max(1, windowMs))
  // Powers of two, so that neither a resized window nor a small zoom changes what is asked for.
  const widthPx = 2 ** Math.floor(Math.log2(Math.max(1, pixels)))
  return { spanMs, widthPx: Math.min(MAX_TILE_WIDTH_PX, Math.max(64, widthPx)) }
}

/** Numbers of the tiles that meet `from` to `to`. */
export function tileIndices(grid: TileGrid, from: number, to: number): number[] {
  const first = Math.max(0, Math.floor(from / grid.spanMs))
  const last = Math.max(first, Math.ceil(to / grid.spanMs) - 1)
  return Array.from({ length: last - first + 1 }, (_, index) => first + index)
}
