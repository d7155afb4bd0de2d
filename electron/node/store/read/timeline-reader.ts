import type { TimelineBucket, TimelineWindow } from '../../../../shared/chart.ts'
import { MAX_WINDOW_ROWS } from '../limits.ts'
import { FLAG_CLOCK } from '../write/message-entry.ts'
import type { Names } from './name-lookup.ts'
import { chooseResolution } from './resolution.ts'
import type { Statements } from './statements.ts'

type Row = [
  bucket: number,
  bytes: number,
  verified: number,
  pending: number,
  unauthorised: number,
  forged: number,
  equivocations: number,
  gaps: number,
]

/** Reads counts of a stream part over time from its pyramid. */
export class TimelineReader {
  readonly #statements: Statements
  readonly #names: Names

  constructor(statements: Statements, names: Names) {
    this.#statements = statements
    this.#names = names
  }

  /** At most `maxBuckets` buckets of equal length; those the window's edges cut are whole. */
  read(part: string, from: number, to: number, maxBuckets: number): TimelineWindow {
    const resolution = chooseResolution(from, to, maxBuckets, MAX_WINDOW_ROWS)
    const { level, merged, bucketMs, first, last } = resolution
    const id = this.#names.parts.idOf(part)
    const buckets = new Map<number, TimelineBucket>()
    const bucketAt = (index: number): TimelineBucket => {
      let bucket = buckets.get(index)
      if (bucket === undefined) {
        bucket = emptyBucket(index * bucketMs, (index + 1) * bucketMs)
        buckets.set(index, bucket)
      }
      return bucket
    }
    if (id !== undefined) {
      // Added up by SQLite: a row that comes out costs ten times what one costs that is added inside.
      const rows = this.#statements.rows<Row>(
        `SELECT bucket / CAST(? AS INTEGER), sum(bytes), sum(verified), sum(pending), sum(unauthorised), sum(forged),
           sum(equivocations), sum(gaps)
         FROM part_buckets WHERE part = ? AND level = ? AND bucket BETWEEN ? AND ? GROUP BY 1`,
      )
      for (const row of rows.iterate(merged, id, level, first, last)) addRow(bucketAt(row[0]), row)
      this.#addClocks(id, first / merged, Math.floor(last / merged), bucketMs, bucketAt)
      this.#addDrops(id, first / merged, Math.floor(last / merged), bucketMs, bucketAt)
    }
    return {
      part,
      from,
      to,
      levelMs: bucketMs,
      buckets: [...buckets.values()].sort((a, b) => a.from - b.from),
    }
  }

  /**
   * Marks the buckets in which a clock is off. The index of marked messages is asked for the first one of a bucket,
   * then for the first one behind that bucket: the cost is that of the buckets, however many messages are marked.
   */
  #addClocks(
    part: number,
    first: number,
    last: number,
    bucketMs: number,
    bucketAt: (index: number) => TimelineBucket,
  ): void {
    const next = this.#statements.rows<[number]>(
      `SELECT timestamp FROM messages INDEXED BY marked_messages
       WHERE part = ? AND timestamp BETWEEN ? AND ?
         AND (flags & 6) <> 0 AND (flags & ${FLAG_CLOCK}) <> 0 ORDER BY timestamp LIMIT 1`,
    )
    const end = (last + 1) * bucketMs - 1
    for (let index = Math.floor(first); index <= last; index++) {
      const found = next.get(part, index * bucketMs, end)
      if (found === undefined) return
      index = Math.floor(found[0] / bucketMs)
      bucketAt(index).clockOff = true
    }
  }

  /** Spreads what retention dropped over the buckets its stretch covers; no message is lost in rounding. */
  #addDrops(
    part: number,
    first: number,
    last: number,
    bucketMs: number,
    bucketAt: (index: number) => TimelineBucket,
  ): void {
    const drops = this.#statements.rows<[number, number, number]>(
      `SELECT from_timestamp, to_timestamp, messages FROM drops
       WHERE part = ? AND from_timestamp < ? AND to_timestamp > ? ORDER BY from_timestamp`,
    )
    for (const [from, to, messages] of drops.iterate(part, (last + 1) * bucketMs, first * bucketMs)) {
      const droppedUntil = (time: number): number =>
        Math.round((messages * (Math.min(Math.max(time, from), to) - from)) / (to - from))
      const firstIndex = Math.max(first, Math.floor(from / bucketMs))
      const lastIndex = Math.min(last, Math.ceil(to / bucketMs) - 1)
      for (let index = firstIndex; index <= lastIndex; index++) {
        const dropped = droppedUntil((index + 1) * bucketMs) - droppedUntil(index * bucketMs)
        if (dropped > 0) bucketAt(index).dropped += dropped
      }
    }
  }
}

function emptyBucket(from: number, to: number): TimelineBucket {
  return {
    from,
    to,
    count: 0,
    bytes: 0,
    verdicts: { verified: 0, pending: 0, unauthorised: 0, forged: 0 },
    equivocations: 0,
    gaps: 0,
    dropped: 0,
  }
}

function addRow(bucket: TimelineBucket, row: Row): void {
  const [, bytes, verified, pending, unauthorised, forged, equivocations, gaps] = row
  bucket.count += verified + pending + unauthorised + forged
  bucket.bytes += bytes
  bucket.verdicts.verified += verified
  bucket.verdicts.pending += pending
  bucket.verdicts.unauthorised += unauthorised
  bucket.verdicts.forged += forged
  bucket.equivocations += equivocations
  bucket.gaps += gaps
}
