import type { TRPCClient } from '@trpc/client'
import type { AppRouter } from '../../electron/api/router.ts'
import type { ErrorView } from '../../shared/errors.ts'
import { errorViewOf } from './error-view.ts'
import type { FeedHub } from './feed.ts'
import type { Stretch, TileCache } from './tile-cache.ts'
import { tileGridFor, tileIndices } from './tile-ladder.ts'

/** Changes that come in are read again together after this pause: no chart needs to redraw more often. */
const COALESCE_MS = 300
const RETRY_MS = 3_500
/**
 * Panels reach differently far, and look at the data in turn; what they want within this time is wanted together, and
 * for as long again, ms.
 */
const SAME_MOMENT_MS = 150
/** Joined answers kept: panels that reach differently far take turns. */
const MAX_JOINED = 4
/** While a zoom goes on, tiles of each level on the way are not asked for: only of the one it rests at, ms. */
const ZOOM_REST_MS = 120

export interface DataState {
  /** Everything the window needs is there. */
  complete: boolean
  error: ErrorView | null
}

/** History of one kind, kept in memory around what is on screen. Reading never waits. */
export interface HistorySource<T> {
  /** @param reach What will be needed next, at the zoom of `window`. */
  want(window: Stretch, windowPx: number, reach?: Stretch): void
  /** @param reach How far beyond the window is read, at the zoom of `window`. */
  read(window: Stretch, windowPx: number, reach?: Stretch): T
  state(window: Stretch, windowPx: number): DataState
  /** Counts up with every change of what can be read. */
  version(): number
  subscribe(listener: () => void): () => void
  dispose(): void
}

export interface HistoryContext {
  client: TRPCClient<AppRouter>
  feed: FeedHub
  onRegained(listener: () => void): () => void
  /** Whether nobody can see the window: then nothing is read. */
  isHidden(): boolean
}

export interface SourceOptions<T, R> {
  context: Omit<HistoryContext, 'client'>
  part: string
  makeCache(events: { onChange(): void; onStale(): void }): TileCache<T>
  join(answers: { value: T; stretch: Stretch }[]): R
}

/** What is wanted of a source in one moment. */
interface Wanted {
  /** The window asked for last. */
  window: Stretch
  windowPx: number
  /** What the panels have asked for since the moment began. */
  own: Stretch
  /** The same with what they asked for in the moment before. */
  reach: Stretch
  /** When the moment began, and where the window began then. */
  at: number
  start: number
}

function hull(a: Stretch, b: Stretch): Stretch {
  return { from: Math.min(a.from, b.from), to: Math.max(a.to, b.to) }
}

/** Keeps a tile cache true to what the node stores, and joins its tiles into what is drawn. */
export function createHistorySource<T, R>(options: SourceOptions<T, R>): HistorySource<R> {
  const { context, part, makeCache, join } = options
  const listeners = new Set<() => void>()
  let version = 0
  const joined = new Map<string, R>()
  let last: Wanted | null = null
  /** What was wanted in the moment before, at the same zoom. */
  let earlier: Stretch | null = null
  let retry: ReturnType<typeof setTimeout> | undefined
  /** What has changed and waits to be read again. New and dropped messages lie far apart: the time between is as it was. */
  const pending = new Map<'stored' | 'dropped', Stretch>()
  let zoom = {
    key: '',
    at: Number.NEGATIVE_INFINITY,
    rest: undefined as ReturnType<typeof setTimeout> | undefined,
  }
  let flush: ReturnType<typeof setTimeout> | undefined

  /** Reads again what is no longer up to date of what is on screen. */
  function refresh(): void {
    // Without a listener nobody looks at it: what is stale is read again when somebody asks.
    if (last !== null && listeners.size > 0 && !context.isHidden()) {
      cache.want(last.window, last.windowPx, last.reach)
    }
  }

  /** A zoom has come to rest: what it rests at is asked for. */
  function rest(): void {
    zoom.rest = undefined
    if (last !== null && !context.isHidden()) cache.want(last.window, last.windowPx, last.reach)
  }

  const cache = makeCache({
    onChange() {
      version += 1
      joined.clear()
      for (const listener of listeners) listener()
      if (last === null) return
      const hasFailed = cache.state(last.window, last.windowPx).error !== null
      clearTimeout(retry)
      if (hasFailed) retry = setTimeout(refresh, RETRY_MS)
      // Changes that came while a request was under way are still to be read.
      else refresh()
    },
    onStale: refresh,
  })

  function touch(kind: 'stored' | 'dropped', { from, to }: Stretch): void {
    const known = pending.get(kind) ?? { from, to }
    pending.set(kind, { from: Math.min(known.from, from), to: Math.max(known.to, to) })
    flush ??= setTimeout(() => {
      flush = undefined
      for (const stretch of pending.values()) cache.invalidate(stretch)
      pending.clear()
    }, COALESCE_MS)
  }
  const leaveFeed = context.feed.subscribe((event) => {
    if (event.kind === 'stored' && event.part === part) {
      touch('stored', { from: event.firstTimestamp, to: event.lastTimestamp + 1 })
    }
    if (event.kind === 'dropped' && event.part === part) touch('dropped', event)
  })
  const leaveConnection = context.onRegained(() => cache.invalidateAll())

  return {
    want(window, windowPx, reach = window) {
      const at = performance.now()
      const grid = tileGridFor(window.to - window.from, windowPx)
      const key = `${grid.spanMs} ${grid.widthPx}`
      const before = last
      // A window that is thrown far leaves behind what it has passed.
      const isNear =
        before !== null && key === zoom.key && Math.abs(window.from - before.start) < window.to - window.from
      const isSameMoment = isNear && at - before.at < SAME_MOMENT_MS
      if (!isNear) earlier = null
      else if (!isSameMoment) earlier = before.own
      const own = isSameMoment ? hull(before.own, reach) : reach
      const all = earlier === null ? own : hull(own, earlier)
      const { at: since, start } = isSameMoment ? before : { at, start: window.from }
      last = { window, windowPx, own, reach: all, at: since, start }
      if (key !== zoom.key) {
        const isUnderWay = at - zoom.at < ZOOM_REST_MS * 2
        clearTimeout(zoom.rest)
        zoom = { key, at, rest: isUnderWay ? setTimeout(rest, ZOOM_REST_MS) : undefined }
      }
      if (zoom.rest === undefined) cache.want(window, windowPx, all)
    },
    read(window, windowPx, reach = window) {
      // A window that only moves meets the same tiles for many frames: what was joined once is drawn again.
      const grid = tileGridFor(window.to - window.from, windowPx)
      const key = `${grid.spanMs} ${grid.widthPx} ${tileIndices(grid, reach.from, reach.to).join()}`
      const known = joined.get(key)
      if (known !== undefined) return known
      const value = join(cache.read(window, windowPx, reach))
      const [oldest] = joined.keys()
      if (joined.size >= MAX_JOINED && oldest !== undefined) joined.delete(oldest)
      joined.set(key, value)
      return value
    },
    state(window, windowPx) {
      const { complete, error } = cache.state(window, windowPx)
      return { complete, error: error === null ? null : errorViewOf(error) }
    },
    version: () => version,
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    dispose() {
      leaveFeed()
      leaveConnection()
      clearTimeout(retry)
      clearTimeout(flush)
      clearTimeout(zoom.rest)
      cache.dispose()
    },
  }
}
