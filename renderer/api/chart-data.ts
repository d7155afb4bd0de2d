import type { TRPCClient } from '@trpc/client'
import type { AppRouter } from '../../electron/api/router.ts'
import type { ChartBucket, ChartWindow, TimelineBucket, TimelineWindow } from '../../shared/chart.ts'
import type { ErrorView } from '../../shared/errors.ts'
import { errorViewOf } from './error-view.ts'
import type { FeedHub } from './feed.ts'
import { inside, seriesKey, spliceBuckets, spliceChart } from './splice.ts'
import { createTileCache, type Stretch, type TileCache } from './tile-cache.ts'
import { tileGridFor, tileIndices } from './tile-ladder.ts'

/** Changes that come in are read again together after this pause: no chart needs to redraw more often. */
const COALESCE_MS = 300
const RETRY_MS = 3_500

export interface SeriesData {
  publisher: string
  field: string
  buckets: ChartBucket[]
}

export interface ChartData {
  series: SeriesData[]
  levelMs: number
  expectedIntervalMs: number
}

export interface DataState {
  /** Everything the window needs is there. */
  complete: boolean
  error: ErrorView | null
}

/** History of one kind, kept in memory around what is on screen. Reading never waits. */
export interface HistorySource<T> {
  /** @param reach What will be needed next, at the zoom of `window`. */
  want(window: Stretch, windowPx: number, reach?: Stretch): void
  read(window: Stretch, windowPx: number): T
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
}

function joinCharts(answers: { value: ChartWindow; stretch: Stretch }[]): ChartData {
  const series = new Map<string, SeriesData>()
  let levelMs = 0
  let expectedIntervalMs = 0
  for (const { value, stretch } of answers) {
    levelMs = Math.max(levelMs, value.levelMs)
    // The liveliest part of the window says what silence is: a long outage must not make itself look usual.
    const interval = value.expectedIntervalMs
    if (interval > 0)
      expectedIntervalMs = expectedIntervalMs === 0 ? interval : Math.min(expectedIntervalMs, interval)
    for (const part of value.series) {
      const key = seriesKey(part)
      const known = series.get(key) ?? { publisher: part.publisher, field: part.field, buckets: [] }
      known.buckets.push(...part.buckets.filter((bucket) => inside(bucket, stretch)))
      series.set(key, known)
    }
  }
  return { series: [...series.values()], levelMs, expectedIntervalMs }
}

interface SourceOptions<T, R> {
  context: HistoryContext
  part: string
  makeCache(events: { onChange(): void; onStale(): void }): TileCache<T>
  join(answers: { value: T; stretch: Stretch }[]): R
}

function createSource<T, R>({ context, part, makeCache, join }: SourceOptions<T, R>): HistorySource<R> {
  const listeners = new Set<() => void>()
  let version = 0
  let joined: { key: string; value: R } | null = null
  let last: { window: Stretch; windowPx: number; reach: Stretch } | null = null
  let retry: ReturnType<typeof setTimeout> | undefined
  let pending: Stretch | null = null
  let flush: ReturnType<typeof setTimeout> | undefined

  /** Reads again what is no longer up to date of what is on screen. */
  function refresh(): void {
    if (last !== null && !document.hidden) cache.want(last.window, last.windowPx, last.reach)
  }

  const cache = makeCache({
    onChange() {
      version += 1
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

  const leaveFeed = context.feed.subscribe((event) => {
    if (event.kind !== 'stored' || event.part !== part) return
    const touched = { from: event.firstTimestamp, to: event.lastTimestamp + 1 }
    pending =
      pending === null
        ? touched
        : { from: Math.min(pending.from, touched.from), to: Math.max(pending.to, touched.to) }
    flush ??= setTimeout(() => {
      flush = undefined
      if (pending !== null) cache.invalidate(pending)
      pending = null
    }, COALESCE_MS)
  })
  const leaveConnection = context.onRegained(() => cache.invalidateAll())

  return {
    want(window, windowPx, reach = window) {
      last = { window, windowPx, reach }
      cache.want(window, windowPx, reach)
    },
    read(window, windowPx) {
      // A window that only moves meets the same tiles for many frames: what was joined once is drawn again.
      const grid = tileGridFor(window.to - window.from, windowPx)
      const key = `${version} ${grid.spanMs} ${grid.widthPx} ${tileIndices(grid, window.from, window.to).join()}`
      if (joined === null || joined.key !== key) joined = { key, value: join(cache.read(window, windowPx)) }
      return joined.value
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
      cache.dispose()
    },
  }
}

/** Numeric fields of a stream part over time. */
export function createChartSource(
  context: HistoryContext,
  part: string,
  fields: readonly string[],
): HistorySource<ChartData> {
  return createSource<ChartWindow, ChartData>({
    context,
    part,
    join: joinCharts,
    makeCache: (events) =>
      createTileCache<ChartWindow>({
        load: ({ from, to, widthPx }, signal) =>
          // The node counts both ends in; tiles are open at their end.
          context.client.chart.window.query(
            { part, fields: [...fields], from, to: to - 1, widthPx },
            { signal },
          ),
        splice: spliceChart,
        bucketMs: (value) => value.levelMs,
        weigh: (value) => value.series.reduce((sum, series) => sum + series.buckets.length, 1),
        ...events,
      }),
  })
}

/** Counts, verdicts and gaps of a stream part over time: the lanes and the scrubber draw them. */
export function createTimelineSource(context: HistoryContext, part: string): HistorySource<TimelineBucket[]> {
  return createSource<TimelineWindow, TimelineBucket[]>({
    context,
    part,
    join: (answers) =>
      answers.flatMap(({ value, stretch }) => value.buckets.filter((bucket) => inside(bucket, stretch))),
    makeCache: (events) =>
      createTileCache<TimelineWindow>({
        load: ({ from, to, widthPx }, signal) =>
          // As many buckets a pixel as a chart has, so that lane and line are cut alike.
          context.client.chart.timeline.query(
            { part, from, to: to - 1, maxBuckets: 2 * widthPx },
            { signal },
          ),
        splice: (base, fresh, stretch) => ({
          ...base,
          buckets: spliceBuckets(base.buckets, fresh.buckets, stretch),
        }),
        bucketMs: (value) => value.levelMs,
        weigh: (value) => value.buckets.length + 1,
        ...events,
      }),
  })
}
