import type {
  ChartBucket,
  ChartWindow,
  StateChange,
  TimelineBucket,
  TimelineWindow,
} from '../../shared/chart.ts'
import { typicalIntervalMs } from '../../shared/typical-interval.ts'
import { createHistorySource, type HistoryContext, type HistorySource } from './history-source.ts'
import { bucketsInside, inside, spliceBuckets, spliceChart } from './splice.ts'
import { createTileCache, type Stretch } from './tile-cache.ts'
import type { WindowBatch } from './window-batch.ts'

/** Buckets of a series that are looked at to tell what silence is. */
const INTERVAL_LOOKS = 200

export interface SeriesData {
  publisher: string
  field: string
  buckets: ChartBucket[]
  /** The same in pieces, one of each tile, which are the same arrays for as long as the tile is what it was. */
  pieces: ChartBucket[][]
  /** Typical time between two of its messages, ms; longer silences are not bridged. */
  intervalMs: number
}

export interface ChartData {
  series: SeriesData[]
  levelMs: number
}

function joinCharts(answers: { value: ChartWindow; stretch: Stretch }[]): ChartData {
  const series = new Map<string, SeriesData>()
  let levelMs = 0
  for (const { value, stretch } of answers) {
    levelMs = Math.max(levelMs, value.levelMs)
    for (const { publisher, field, buckets } of value.series) {
      const piece = bucketsInside(buckets, stretch)
      if (piece.length === 0) continue
      const known = series.get(publisher) ?? { publisher, field, buckets: [], pieces: [], intervalMs: 0 }
      known.pieces.push(piece)
      series.set(publisher, known)
    }
  }
  const found = [...series.values()]
  for (const one of found) one.buckets = one.pieces.flat()
  for (const one of found) one.intervalMs = typicalIntervalMs(one.buckets, INTERVAL_LOOKS)
  return { series: found, levelMs }
}

export interface FieldSourceOptions {
  context: HistoryContext
  batch: WindowBatch
  part: string
  /** Null reads every publisher's. */
  publisher: string | null
  field: string
  /** Buckets this source may keep. */
  maxWeight: () => number
}

/** One numeric field of a stream part over time, a series for each publisher. */
export function createFieldSource({
  context,
  batch,
  part,
  publisher,
  field,
  maxWeight,
}: FieldSourceOptions): HistorySource<ChartData> {
  return createHistorySource<ChartWindow, ChartData>({
    context,
    part,
    join: joinCharts,
    makeCache: (events) =>
      createTileCache<ChartWindow>({
        load: (request, signal) => batch.load({ ...request, part, publisher, field }, signal),
        splice: spliceChart,
        bucketMs: (value) => value.levelMs,
        weigh: (value) => value.series.reduce((sum, series) => sum + series.buckets.length, 1),
        maxWeight,
        ...events,
      }),
  })
}

/** Counts, verdicts and gaps of a stream part over time: the lanes and the scrubber draw them. */
export function createTimelineSource(context: HistoryContext, part: string): HistorySource<TimelineBucket[]> {
  return createHistorySource<TimelineWindow, TimelineBucket[]>({
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

/** Steps of a text or boolean field, by publisher. */
export interface StateData {
  publisher: string
  changes: StateChange[]
}

interface StateTile {
  series: StateData[]
}

function joinStates(answers: { value: StateTile; stretch: Stretch }[]): StateData[] {
  const series = new Map<string, StateChange[]>()
  for (const { value, stretch } of answers) {
    for (const { publisher, changes } of value.series) {
      const known = series.get(publisher) ?? []
      series.set(publisher, known)
      for (const change of changes) {
        // A tile begins by saying what was in force; that is no step where the tile before said so already.
        const isStep =
          change.at >= stretch.from && change.at < stretch.to && known.at(-1)?.state !== change.state
        if (isStep) known.push(change)
      }
    }
  }
  return [...series].map(([publisher, changes]) => ({ publisher, changes }))
}

/** A text or boolean field of a stream part over time. */
export function createStatesSource(
  context: HistoryContext,
  part: string,
  field: string,
): HistorySource<StateData[]> {
  return createHistorySource<StateTile, StateData[]>({
    context,
    part,
    join: joinStates,
    makeCache: (events) =>
      createTileCache<StateTile>({
        load: async ({ from, to, widthPx }, signal) => ({
          series: await context.client.chart.states.query(
            { part, fields: [field], from, to: to - 1, widthPx },
            { signal },
          ),
        }),
        // Each answer begins with the state in force: a part of one would say that twice.
        wholeTiles: true,
        splice: (_base, fresh) => fresh,
        bucketMs: () => 0,
        weigh: (value) => value.series.reduce((sum, { changes }) => sum + changes.length, 1),
        ...events,
      }),
  })
}
