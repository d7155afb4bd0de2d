import type { ChartSeries, ChartWindow } from '../../shared/chart.ts'
import type { Stretch } from './tile-cache.ts'

/** Whether something begins within a stretch. */
export function inside(item: { from: number }, stretch: Stretch): boolean {
  return item.from >= stretch.from && item.from < stretch.to
}

/** Of a list the parts that were asked for, by their ends: asked again, each is the same array. */
const parts = new WeakMap<readonly unknown[], Map<string, unknown[]>>()
/** While a zoom goes on, a tile is drawn in few parts. */
const MAX_PARTS = 4

/** The buckets that begin within a stretch, ascending. */
export function bucketsInside<B extends { from: number }>(buckets: B[], stretch: Stretch): B[] {
  const [first, last] = [buckets[0], buckets.at(-1)]
  if (first === undefined || last === undefined) return buckets
  if (inside(first, stretch) && inside(last, stretch)) return buckets
  const known = parts.get(buckets) ?? new Map<string, unknown[]>()
  const key = `${stretch.from} ${stretch.to}`
  const found = known.get(key)
  if (found !== undefined) return found as B[]
  const part = buckets.filter((bucket) => inside(bucket, stretch))
  const [oldest] = known.keys()
  if (known.size >= MAX_PARTS && oldest !== undefined) known.delete(oldest)
  known.set(key, part)
  parts.set(buckets, known)
  return part
}

/** Puts the buckets of `fresh` in the place of those that `base` has in `stretch`; both ascend. */
export function spliceBuckets<B extends { from: number }>(base: B[], fresh: B[], stretch: Stretch): B[] {
  return [
    ...base.filter((bucket) => bucket.from < stretch.from),
    ...fresh.filter((bucket) => inside(bucket, stretch)),
    ...base.filter((bucket) => bucket.from >= stretch.to),
  ]
}

/** What tells the series of a chart apart. */
export function seriesKey(series: ChartSeries): string {
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
