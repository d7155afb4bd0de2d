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
  /** Length of the buckets of an answer, ms; 0 where they are single messages. */
  bucketMs(value: T): number
  /** How much room an answer takes, in buckets; the cache holds at most `maxWeight` of them. */
  weigh(value: T): number
  maxWeight?: () => number
  /** Answers cannot be spliced: what has changed is read again with its whole tile. */
  wholeTiles?: boolean
  /** Something readable has changed, or could not be had. */
  onChange(): void
  /** Something is no longer up to date; what can be read is as it was. */
  onStale?(): void
  now?: () => number
}

/** About 12 MB of buckets: some twenty windows of a busy panel. */
const DEFAULT_MAX_WEIGHT = 80_000
/** As many as the least width has room for. */
const LEAST_BUCKETS = 2 * MIN_TILE_WIDTH_PX - 1
/** A tile that could not be had is asked for again after this. */
const RETRY_AFTER_MS = 3_000

interface Tile<T> {
  grid: TileGrid
  stretch: Stretch
  value: T | undefined
  /** What was read last does not fit to the rest of it: only a whole answer will do. */
  isMisfit: boolean
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
  /** Ascending answers that cover as much of `reach` as is known, of other zoom levels where need be. */
  read(window: Stretch, windowPx: number, reach?: Stretch): { value: T; stretch: Stretch }[]
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
 * What to ask for to read a stretch again. Buckets begin at multiples of their length, so whole ones are asked for,
 * and so many for so much width that the node chooses the same length again: it gives two buckets a pixel, and one
 * of them to the edges (`chooseResolution`), so an odd number is asked for.
 */
function partialRequest(stale: Stretch, grainMs: number, msPerPx: number): TileRequest {
  if (grainMs === 0) {
    const widthPx = Math.max(MIN_TILE_WIDTH_PX, Math.ceil((stale.to - stale.from) / msPerPx))
    return { from: Math.max(0, Math.floor(stale.to - widthPx * msPerPx)), to: Math.ceil(stale.to), widthPx }
  }
  const last = Math.ceil(stale.to / grainMs)
  const least = Math.max(LEAST_BUCKETS, last - Math.floor(stale.from / grainMs))
  const count = least % 2 === 1 ? least : least + 1
  return { from: Math.max(0, (last - count) * grainMs), to: last * grainMs, widthPx: (count + 1) / 2 }
}

/**
 * History in tiles: a window that moves is answered from memory, only what has changed is read again, and the
 * cost of a question depends on the width of the window alone.
 */
export function createTileCache<T>(options: TileCacheOptions<T>): TileCache<T> {
  const { load, splice, bucketMs, weigh, onChange, onStale } = options
  const maxWeight = options.maxWeight ?? (() => DEFAULT_MAX_WEIGHT)
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
      isMisfit: false,
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

  /** The length of a tile's buckets, as far as it is known. */
  function grainOf(tile: Tile<T>): number {
    return tile.value === undefined ? 0 : bucketMs(tile.value)
  }

  function requestFor(tile: Tile<T>, stale: Stretch): TileRequest {
    const { spanMs, widthPx } = tile.grid
    const whole = { ...tile.stretch, widthPx }
    if (tile.value === undefined || tile.isMisfit || options.wholeTiles === true) return whole
    const part = partialRequest(stale, grainOf(tile), spanMs / widthPx)
    return part.to - part.from >= spanMs ? whole : part
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
      if (tile.value === undefined || request.widthPx === tile.grid.widthPx) {
        tile.value = fresh
        tile.isMisfit = false
      } else if (bucketMs(fresh) === bucketMs(tile.value)) {
        const from = Math.max(request.from, tile.stretch.from)
        tile.value = splice(tile.value, fresh, { from, to: Math.min(request.to, tile.stretch.to) })
      } else {
        // The stretch has become so busy or so quiet that its buckets have another length now.
        tile.isMisfit = true
        tile.stale = tile.stretch
      }
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
    const most = maxWeight()
    const kept = [...tiles.entries()].sort(([, a], [, b]) => b.usedAt - a.usedAt)
    for (const [key, tile] of kept) {
      weight += tile.value === undefined ? 0 : weigh(tile.value)
      if (weight > most && !wanted.has(key) && tile.loading === null) tiles.delete(key)
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
    read(window, windowPx, reach = window) {
      const grid = tileGridFor(window.to - window.from, windowPx)
      const answers: { value: T; stretch: Stretch }[] = []
      for (const index of tileIndices(grid, reach.from, reach.to)) {
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
        const { from, to } = tile.stretch
        // The last bucket of a tile may reach into the next one.
        if (!meets({ from, to: to + grainOf(tile) }, stretch)) continue
        const start = Math.min(Math.max(stretch.from, from), to - 1)
        tile.stale = join(tile.stale, { from: start, to: Math.max(start + 1, Math.min(stretch.to, to)) })
      }
      onStale?.()
    },
    invalidateAll() {
      for (const tile of tiles.values()) tile.stale = tile.stretch
      onStale?.()
    },
    dispose() {
      disposed = true
      for (const tile of tiles.values()) tile.loading?.abort()
      tiles.clear()
    },
  }
}
