import type { ChartSeries, ChartWindow } from '../../../../shared/chart.ts'
import { typicalIntervalMs } from '../../../../shared/typical-interval.ts'
import type { ChartQuery } from '../../ports.ts'
import { MAX_RAW_POINTS, MAX_WIDTH_PX, MAX_WINDOW_ROWS } from '../limits.ts'
import { FIELDS_PER_CHUNK, STRIDE } from '../pyramid/field-statistics.ts'
import { FORGED, PENDING, UNAUTHORISED, VERIFIED } from '../write/message-entry.ts'
import { streamBuckets } from './bucket-stream.ts'
import { BucketMarks, SeriesBuilder } from './chart-series.ts'
import type { RawPoints } from './raw-points.ts'
import { chooseResolution, type Resolution } from './resolution.ts'
import type { ChartField, ChartPublisher, SeriesChooser } from './series-chooser.ts'
import type { Statements } from './statements.ts'

/** Series of one publisher; `isSingle`: every bucket of theirs is one message, and nothing else happened in it. */
interface PublisherSeries {
  series: ChartSeries[]
  isSingle: boolean
}

/**
 * Answers chart windows: from the pyramid, or from the messages when the window is so narrow that single messages
 * can be told apart.
 */
export class ChartReader {
  readonly #statements: Statements
  readonly #chooser: SeriesChooser
  readonly #rawPoints: RawPoints

  constructor(statements: Statements, chooser: SeriesChooser, rawPoints: RawPoints) {
    this.#statements = statements
    this.#chooser = chooser
    this.#rawPoints = rawPoints
  }

  read(query: ChartQuery): ChartWindow {
    const { part, from, to } = query
    const window: ChartWindow = { part, from, to, levelMs: 0, expectedIntervalMs: 0, series: [] }
    const chosen = this.#chooser.choose(query)
    if (chosen === null || to < from) return window
    const { fields, publishers } = chosen
    const maxBuckets = 2 * Math.min(Math.max(1, Math.floor(query.widthPx)), MAX_WIDTH_PX)
    const chunks = new Set(fields.map(({ slot }) => Math.floor(slot / FIELDS_PER_CHUNK)))
    const rowsPerBucket = Math.max(1, publishers.length * chunks.size)
    const resolution = chooseResolution(from, to, maxBuckets, MAX_WINDOW_ROWS / rowsPerBucket)
    const read = publishers.map((publisher) =>
      this.#readPublisher(chosen.part, publisher, fields, resolution, query),
    )
    window.series = read.flatMap(({ series }) => series)
    window.levelMs = resolution.bucketMs
    if (resolution.level === 0 && resolution.merged === 1) {
      if (read.every(({ isSingle }) => isSingle)) toPoints(window)
      else this.#refine(chosen.part, window, publishers, fields, maxBuckets)
    }
    window.expectedIntervalMs = Math.max(0, ...window.series.map(({ buckets }) => typicalIntervalMs(buckets)))
    return window
  }

  /** Replaces buckets by messages when these are few enough to be drawn one by one. */
  #refine(
    part: number,
    window: ChartWindow,
    publishers: readonly ChartPublisher[],
    fields: readonly ChartField[],
    maxBuckets: number,
  ): void {
    const counts = window.series.map(({ buckets }) => buckets.reduce((sum, { count }) => sum + count, 0))
    const messages = publishers
      .map(({ name }) => Math.max(0, ...counts.filter((_, at) => window.series[at]?.publisher === name)))
      .reduce((sum, count) => sum + count, 0)
    if (Math.max(0, ...counts) > maxBuckets || messages > MAX_RAW_POINTS) return
    window.series = publishers.flatMap(({ id, name }) => this.#rawPoints.read(part, id, name, fields, window))
    window.levelMs = 0
  }

  #readPublisher(
    part: number,
    publisher: ChartPublisher,
    fields: readonly ChartField[],
    resolution: Resolution,
    query: ChartQuery,
  ): PublisherSeries {
    const { level, merged, first, last } = resolution
    const builders = new Map(fields.map((field) => [field, new SeriesBuilder()]))
    const byChunk = Map.groupBy(fields, ({ slot }) => Math.floor(slot / FIELDS_PER_CHUNK))
    const figures = new Float64Array(STRIDE)
    const marks = new BucketMarks()
    let isSingle = true
    // Counts, verdicts and gaps stand in chunk 0, also for messages that do not carry the field.
    for (const chunk of new Set([0, ...byChunk.keys()])) {
      const ofChunk = [...(byChunk.get(chunk) ?? [])].map((field) => ({
        slot: field.slot,
        builder: builders.get(field),
      }))
      const range = { part, publisher: publisher.id, level, chunk, first, last }
      for (const row of streamBuckets(this.#statements, range)) {
        const index = Math.floor(row.bucket / merged)
        if (chunk === 0) {
          marks.add(
            index,
            row.unauthorised > 0 ? UNAUTHORISED : row.pending > 0 ? PENDING : VERIFIED,
            row.gaps > 0,
          )
          isSingle &&= row.verified + row.pending + row.unauthorised === 1
        }
        for (const { slot, builder } of ofChunk) {
          if (row.readNumber(slot, figures)) builder?.add(index, figures)
        }
      }
    }
    for (const index of this.#forgedIndexes(part, publisher, resolution, query)) {
      marks.add(index, FORGED, false)
      isSingle = false
    }
    const series = [...builders]
      .map(([{ path }, builder]) => ({
        publisher: publisher.name,
        field: path,
        buckets: builder.finish(marks),
      }))
      .filter(({ buckets }) => buckets.length > 0)
    return { series, isSingle }
  }

  /** Buckets in which somebody forged a message in the publisher's name. */
  #forgedIndexes(
    part: number,
    publisher: ChartPublisher,
    resolution: Resolution,
    query: ChartQuery,
  ): Set<number> {
    const rows = this.#statements.rows<[number]>(
      `SELECT timestamp FROM unproven INDEXED BY unproven_by_publisher
       WHERE part = ? AND publisher = ? AND timestamp BETWEEN ? AND ? AND verdict = ${FORGED}`,
    )
    const timestamps = rows.all(part, publisher.name, query.from, query.to)
    return new Set(timestamps.map(([timestamp]) => Math.floor(timestamp / resolution.bucketMs)))
  }
}

/** Makes buckets of one message each into points: those outside the window were read with the bucket it cuts. */
function toPoints(window: ChartWindow): void {
  window.levelMs = 0
  window.series = window.series
    .map((series) => ({
      ...series,
      buckets: series.buckets.filter(({ from }) => from >= window.from && from <= window.to),
    }))
    .filter(({ buckets }) => buckets.length > 0)
}
