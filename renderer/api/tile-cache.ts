import { MIN_TILE_WIDTH_PX, type TileGrid, tileGridFor, tileIndices } from './tile-ladder.ts'

/** A stretch of time, ms since the epoch; `to` is exclusive. */
export interface Stretch {
  from: number
  to: number
}

export interface TileRequest extends Stretch {
  widthPx: number
}

export interface TileCacheOptions<T> {
  load(request: TileRequest, signal: AbortSignal): Promise<T>
  /** Replaces what `base` holds in `stretch` by what `fresh` holds there. */
  splice(base: T, fresh: T, stretch: Stretch): T
  /** How much room an answer takes, in buckets; the cache holds at most `maxWeight` of them. */
  weigh(value: T): number
  maxWeight?: number
  /** Something readable has changed. */
  onChange(): void
  now?: () => number
}

/** About 60 MB of buckets at their usual size. */
const DEFAULT_MAX_WEIGHT = 400_000
/** A tile that could not be had is asked for again after this. */
const RETRY_AFTER_MS = 3_000

interface Tile<T> {
  grid: TileGrid
  stretch: Stretch
  value: T | undefined
  /** What has changed since it was read. */
  stale: Stretch | null
  loading: AbortController | null
  /** What the request under way is to bring up to date. */
  refreshing: Stretch | null
  failedAt: number
  error: unknown
  usedAt: number
}

export interface TileCache<T> {
  /**
   * Asks for what `window` needs and does not have; requests that are needed no more are aborted.
   * @param reach What will be needed next, at the zoom of `window`.
   */
  want(window: Stretch, windowPx: number, reach?: Stretch): void
  /** Ascending answers that cover as much of `window` as is known, of other zoom levels where need be. */
  read(window: Stretch, windowPx: number): { value: T; stretch: Stretch }[]
  /** Nothing, something or all of `window` is there; `error` of the last failed request for it. */
  state(window: Stretch, windowPx: number): { complete: boolean; error: unknown }
  invalidate(stretch: Stretch): void
  invalidateAll(): void
  dispose(): void
}

function meets(a: Stretch, b: Stretch): boolean {
  return a.from < b.to && b.from < a.to
}

function join(a: Stretch | null, b: Stretch): Stretch {
  return a === null ? b : { from: Math.min(a.from, b.from), to: Math.max(a.to, b.to) }
}

function keyOf(grid: TileGrid, index: number): string {
  return `${grid.spanMs}:${grid.widthPx}:${index}`
}

/**
 * History in tiles: a window that moves is answered from memory, only what has changed is read again, and the
 * cost of a question depends on the width of the window alone.
 */
export function createTileCache<T>(options: TileCacheOptions<T>): TileCache<T> {
  const { load, splice, weigh, onChange } = options
  const maxWeight = options.maxWeight ?? DEFAULT_MAX_WEIGHT
  const now = options.now ?? Date.now
  const tiles = new Map<string, Tile<T>>()
  let wanted = new Set<string>()
  let uses = 0
  let disposed = false

  function tileAt(grid: TileGrid, index: number): Tile<T> {
    const key = keyOf(grid, index)
    const known = tiles.get(key)
    if (known !== undefined) return known
    const stretch = { from: index * grid.spanMs, to: (index + 1) * grid.spanMs }
    const tile: Tile<T> = {
      grid,
      stretch,
      value: undefined,
      stale: stretch,
      loading: null,
      refreshing: null,
      failedAt: Number.NEGATIVE_INFINITY,
      error: null,
      usedAt: 0,
    }
    tiles.set(key, tile)
    return tile
  }

  /** Widens what is read again to the least width a question may have, so that its level stays the tile's. */
  function requestFor(tile: Tile<T>, stale: Stretch): TileRequest {
    const { spanMs, widthPx } = tile.grid
    const leastMs = (spanMs * MIN_TILE_WIDTH_PX) / widthPx
    const steps = (from: number) => Math.floor((from - tile.stretch.from) / leastMs) * leastMs
    const from = tile.value === undefined ? tile.stretch.from : tile.stretch.from + steps(stale.from)
    const to =
      tile.value === undefined
        ? tile.stretch.to
        : Math.min(tile.stretch.to, tile.stretch.from + steps(Math.max(stale.to - 1, stale.from)) + leastMs)
    const share = (to - from) / spanMs
    return {
      from: Math.floor(from),
      to: Math.ceil(to),
      widthPx: Math.max(MIN_TILE_WIDTH_PX, Math.round(widthPx * share)),
    }
  }

  async function refresh(tile: Tile<T>): Promise<void> {
    const { stale } = tile
    if (stale === null) return
    const controller = new AbortController()
    tile.loading = controller
    tile.refreshing = stale
    tile.stale = null
    try {
      const request = requestFor(tile, stale)
      const fresh = await load(request, controller.signal)
      if (disposed || controller.signal.aborted) return
      tile.value = tile.value === undefined ? fresh : splice(tile.value, fresh, request)
      tile.error = null
      evict()
    } catch (error) {
      if (controller.signal.aborted) return
      tile.stale = join(tile.stale, stale)
      tile.error = error
      tile.failedAt = now()
    } finally {
      if (tile.loading === controller) {
        tile.loading = null
        tile.refreshing = null
      }
      if (!disposed && !controller.signal.aborted) onChange()
    }
  }

  function abort(tile: Tile<T>): void {
    if (tile.loading === null) return
    tile.loading.abort()
    tile.loading = null
    if (tile.refreshing !== null) tile.stale = join(tile.stale, tile.refreshing)
    tile.refreshing = null
  }

  function evict(): void {
    let weight = 0
    const kept = [...tiles.entries()].sort(([, a], [, b]) => b.usedAt - a.usedAt)
    for (const [key, tile] of kept) {
      weight += tile.value === undefined ? 0 : weigh(tile.value)
      if (weight > maxWeight && !wanted.has(key) && tile.loading === null) tiles.delete(key)
    }
  }

  /** Tiles of any zoom level that know something of `stretch`, the nearest levels first. */
  function substitutes(stretch: Stretch, spanMs: number): Tile<T>[] {
    const distance = (tile: Tile<T>) => Math.abs(Math.log(tile.grid.spanMs / spanMs))
    return [...tiles.values()]
      .filter((tile) => tile.value !== undefined && meets(tile.stretch, stretch))
      .sort((a, b) => distance(a) - distance(b))
  }

  function cover(stretch: Stretch, spanMs: number): { value: T; stretch: Stretch }[] {
    const found: { value: T; stretch: Stretch }[] = []
    let open = [stretch]
    for (const tile of substitutes(stretch, spanMs)) {
      if (open.length === 0 || tile.value === undefined) break
      const rest: Stretch[] = []
      for (const hole of open) {
        if (!meets(hole, tile.stretch)) {
          rest.push(hole)
          continue
        }
        const from = Math.max(hole.from, tile.stretch.from)
        const to = Math.min(hole.to, tile.stretch.to)
        found.push({ value: tile.value, stretch: { from, to } })
        if (hole.from < from) rest.push({ from: hole.from, to: from })
        if (to < hole.to) rest.push({ from: to, to: hole.to })
      }
      open = rest
    }
    return found
  }

  return {
    want(window, windowPx, reach = window) {
      const grid = tileGridFor(window.to - window.from, windowPx)
      const indices = tileIndices(grid, Math.min(window.from, reach.from), Math.max(window.to, reach.to))
      wanted = new Set(indices.map((index) => keyOf(grid, index)))
      for (const [key, tile] of tiles) if (!wanted.has(key)) abort(tile)
      for (const index of indices) {
        const tile = tileAt(grid, index)
        uses += 1
        tile.usedAt = uses
        const mayTry = now() - tile.failedAt >= RETRY_AFTER_MS
        if (tile.stale !== null && tile.loading === null && mayTry) void refresh(tile)
      }
    },
    read(window, windowPx) {
      const grid = tileGridFor(window.to - window.from, windowPx)
      const answers: { value: T; stretch: Stretch }[] = []
      for (const index of tileIndices(grid, window.from, window.to)) {
        const tile = tiles.get(keyOf(grid, index))
        if (tile?.value !== undefined) answers.push({ value: tile.value, stretch: tile.stretch })
        else {
          const stretch = { from: index * grid.spanMs, to: (index + 1) * grid.spanMs }
          answers.push(...cover(stretch, grid.spanMs))
        }
      }
      return answers.sort((a, b) => a.stretch.from - b.stretch.from)
    },
    state(window, windowPx) {
      const grid = tileGridFor(window.to - window.from, windowPx)
      const met = tileIndices(grid, window.from, window.to).map((index) => tiles.get(keyOf(grid, index)))
      return {
        complete: met.every((tile) => tile?.value !== undefined),
        error: met.find((tile) => tile?.error !== null && tile?.error !== undefined)?.error ?? null,
      }
    },
    invalidate(stretch) {
      for (const tile of tiles.values()) {
        if (!meets(tile.stretch, stretch)) continue
        const part = {
          from: Math.max(stretch.from, tile.stretch.from),
          to: Math.min(stretch.to, tile.stretch.to),
        }
        tile.stale = join(tile.stale, part)
      }
      onChange()
    },
    invalidateAll() {
      for (const tile of tiles.values()) tile.stale = tile.stretch
      onChange()
    },
    dispose() {
      disposed = true
      for (const tile of tiles.values()) tile.loading?.abort()
      tiles.clear()
    },
  }
}
