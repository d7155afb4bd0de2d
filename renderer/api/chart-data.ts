import type { TRPCClient } from '@trpc/client'
import type { AppRouter } from '../../electron/api/router.ts'
import type {
  ChartBucket,
  ChartSeries,
  ChartWindow,
  TimelineBucket,
  TimelineWindow,
} from '../../shared/chart.ts'
import type { ErrorView } from '../../shared/errors.ts'
import { errorViewOf } from './error-view.ts'
import type { FeedHub } from './feed.ts'
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

function inside(item: { from: number }, stretch: Stretch): boolean {
  return item.from >= stretch.from && item.from < stretch.to
}

/** Puts the buckets of `fresh` in the place of those that `base` has in `stretch`; both ascend. */
export function spliceBuckets<B extends { from: number }>(base: B[], fresh: B[], stretch: Stretch): B[] {
  return [
    ...base.filter((bucket) => bucket.from < stretch.from),
    ...fresh.filter((bucket) => inside(bucket, stretch)),
    ...base.filter((bucket) => bucket.from >= stretch.to),
  ]
}

function seriesKey(series: ChartSeries): string {
  return `${series.publisher} ${series.field}`
}

export function spliceChart(base: ChartWindow, fresh: ChartWindow, stretch: Stretch): ChartWindow {
  const freshByKey = new Map(fresh.series.map((series) => [seriesKey(series), series]))
  const baseKeys = new Set(base.series.map(seriesKey))
  return {
    ...base,
    series: [
      ...base.series.map((series) => ({
        ...series,
        buckets: spliceBuckets(series.buckets, freshByKey.get(seriesKey(series))?.buckets ?? [], stretch),
      })),
      ...fresh.series
        .filter((series) => !baseKeys.has(seriesKey(series)))
        .map((series) => ({
          ...series,
          buckets: series.buckets.filter((bucket) => inside(bucket, stretch)),
        })),
    ],
  }
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
  makeCache(onChange: () => void): TileCache<T>
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

  const cache = makeCache(() => {
    version += 1
    for (const listener of listeners) listener()
    if (last === null || document.hidden) return
    if (cache.state(last.window, last.windowPx).error === null) {
      // Changes that came while a request was under way are still to be read.
      cache.want(last.window, last.windowPx, last.reach)
      return
    }
    clearTimeout(retry)
    retry = setTimeout(() => last !== null && cache.want(last.window, last.windowPx, last.reach), RETRY_MS)
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
    makeCache: (onChange) =>
      createTileCache<ChartWindow>({
        load: ({ from, to, widthPx }, signal) =>
          // The node counts both ends in; tiles are open at their end.
          context.client.chart.window.query(
            { part, fields: [...fields], from, to: to - 1, widthPx },
            { signal },
          ),
        splice: spliceChart,
        weigh: (value) => value.series.reduce((sum, series) => sum + series.buckets.length, 1),
        onChange,
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
    makeCache: (onChange) =>
      createTileCache<TimelineWindow>({
        load: ({ from, to, widthPx }, signal) =>
          context.client.chart.timeline.query({ part, from, to: to - 1, maxBuckets: widthPx }, { signal }),
        splice: (base, fresh, stretch) => ({
          ...base,
          buckets: spliceBuckets(base.buckets, fresh.buckets, stretch),
        }),
        weigh: (value) => value.buckets.length + 1,
        onChange,
      }),
  })
}
