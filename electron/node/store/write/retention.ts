import { FINEST_MS, levelMs } from '../pyramid/levels.ts'
import { refoldPart, refoldPublisher } from '../pyramid/refold.ts'
import type { SqlConnection } from '../sql-connection.ts'
import { GapRetention } from './gap-retention.ts'
import type { PartState, PartStates } from './part-state.ts'

/** How long, or up to how many raw bytes, the messages of a stream part are kept; null: without a bound. */
export interface RetentionLimits {
  maxAgeMs: number | null
  maxBytes: number | null
}

/** What one slice of retention removed. */
export interface Dropped {
  part: string
  messages: number
  bytes: number
  firstTimestamp: number
  /** Exclusive. */
  endTimestamp: number
  /** Where the stretch begins that what was dropped is counted in; it may hold what was dropped before. */
  countedFrom: number
}

/** Messages one slice removes; it holds the writer for some tens of milliseconds. */
const SLICE_MESSAGES = 4_096

/** A slice stays within one hour: what was dropped is remembered by the hour. */
const HOUR_LEVEL = 4

/** Totals of a part that are sums over its buckets. */
const SUMS = ['verified', 'pending', 'unauthorised', 'forged', 'bytes', 'equivocations', 'gaps'] as const

type PartRow = [id: number, name: string, maxAgeMs: number | null, maxBytes: number | null, bytes: number]

/**
 * Removes the oldest messages of a stream part, whole seconds at a time, and remembers how many there were, so that
 * the stretch shows as dropped and not as a gap. The pyramid follows: what is left is what a rebuild would find.
 */
export class Retention {
  readonly #db: SqlConnection
  readonly #parts: PartStates
  readonly #gaps: GapRetention
  readonly #bounded

  constructor(db: SqlConnection, parts: PartStates) {
    this.#db = db
    this.#parts = parts
    this.#gaps = new GapRetention(db)
    this.#bounded = db
      .prepare<[], PartRow>(
        `SELECT id, name, retention_age_ms, retention_bytes, bytes FROM parts
         WHERE retention_age_ms IS NOT NULL OR retention_bytes IS NOT NULL`,
      )
      .raw()
  }

  /** Sets the limits of a part, which need not have messages yet. */
  set(name: string, { maxAgeMs, maxBytes }: RetentionLimits): void {
    const part = this.#parts.touch(name)
    this.#db
      .prepare('UPDATE parts SET retention_age_ms = ?, retention_bytes = ? WHERE id = ?')
      .run(maxAgeMs, maxBytes, part.id)
  }

  get(name: string): RetentionLimits {
    const limits = this.#db
      .prepare<[string], RetentionLimits>(
        'SELECT retention_age_ms AS "maxAgeMs", retention_bytes AS "maxBytes" FROM parts WHERE name = ?',
      )
      .get(name)
    return limits ?? { maxAgeMs: null, maxBytes: null }
  }

  /** Whether a part has messages beyond its limits. */
  isDue(now: number): boolean {
    return this.#nextCutoff(now) !== undefined
  }

  /** Removes one slice; null when no part has messages beyond its limits. */
  slice(now: number): Dropped | null {
    const due = this.#nextCutoff(now)
    if (due === undefined) return null
    const part = this.#parts.find(due.name)
    return part === undefined ? null : this.#drop(part, due.first, due.cutoff)
  }

  #nextCutoff(now: number): { name: string; first: number; cutoff: number } | undefined {
    for (const [id, name, maxAgeMs, maxBytes, bytes] of this.#bounded.all()) {
      const byAge = maxAgeMs === null ? 0 : now - maxAgeMs
      const bySize = maxBytes === null || bytes <= maxBytes ? 0 : this.#cutoffForSize(id, maxBytes)
      const cutoff = Math.floor(Math.max(byAge, bySize) / FINEST_MS) * FINEST_MS
      const first = this.#firstTimestamp(id)
      if (first !== undefined && first < cutoff) return { name, first, cutoff }
    }
    return undefined
  }

  #firstTimestamp(part: number): number | undefined {
    const first = (table: string): number | undefined =>
      this.#value(`SELECT timestamp FROM ${table} WHERE part = ? ORDER BY timestamp LIMIT 1`, part)
    const [stored, unproven] = [first('messages'), first('unproven')]
    return stored === undefined || unproven === undefined ? (stored ?? unproven) : Math.min(stored, unproven)
  }

  /** From where on the newest messages fit into `maxBytes`: by hours, then by seconds within the hour that is cut. */
  #cutoffForSize(part: number, maxBytes: number): number {
    let left = maxBytes
    const walk = (level: number, from: number, end: number): number | undefined => {
      const rows = this.#db
        .prepare<number[], [number, number]>(
          `SELECT bucket, bytes FROM part_buckets WHERE part = ? AND level = ? AND bucket >= ? AND bucket < ?
           ORDER BY bucket DESC`,
        )
        .raw()
      for (const [bucket, bytes] of rows.iterate(part, level, from, end)) {
        if (bytes > left) return bucket
        left -= bytes
      }
      return undefined
    }
    const hour = walk(HOUR_LEVEL, 0, Number.MAX_SAFE_INTEGER)
    if (hour === undefined) return 0
    const seconds = levelMs(HOUR_LEVEL) / FINEST_MS
    const second = walk(0, hour * seconds, (hour + 1) * seconds)
    return second === undefined ? hour * levelMs(HOUR_LEVEL) : (second + 1) * FINEST_MS
  }

  #drop(part: PartState, first: number, cutoff: number): Dropped {
    const hour = levelMs(HOUR_LEVEL)
    const endOfHour = (Math.floor(first / hour) + 1) * hour
    const last = this.#value<number>(
      `SELECT timestamp FROM messages NOT INDEXED WHERE part = ? ORDER BY timestamp LIMIT 1 OFFSET ${SLICE_MESSAGES}`,
      part.id,
    )
    // A second is dropped whole, even when it alone has more messages than a slice.
    const fits =
      last === undefined
        ? cutoff
        : Math.max(Math.floor(last / FINEST_MS), Math.floor(first / FINEST_MS) + 1) * FINEST_MS
    const end = Math.min(cutoff, endOfHour, fits)
    const from = Math.floor(first / FINEST_MS)
    const endBucket = end / FINEST_MS

    this.#parts.touch(part.name)
    // What is in memory of the rows below would be out of date; it is read again when it is needed.
    part.buckets.reload()
    part.publishers.clear()
    const publishers = this.#publishersBefore(part, end)
    this.#gaps.drop(this.#parts, part, end)
    this.#subtractTotals(part, from, endBucket)
    const counted = this.#delete(part, end)
    this.#parts.partBuckets.deleteRange(part.id, 0, from, endBucket)
    refoldPart(this.#parts.partBuckets, part.id, from, endBucket)
    for (const publisher of publishers) {
      this.#parts.publisherBuckets.deleteRange(part.id, publisher, 0, from, endBucket)
      refoldPublisher(this.#parts.publisherBuckets, part.id, publisher, from, endBucket, part.fields.slots)
    }
    const countedFrom = this.#remember(part, from * FINEST_MS, end, counted)
    return { part: part.name, ...counted, firstTimestamp: from * FINEST_MS, endTimestamp: end, countedFrom }
  }

  #publishersBefore(part: PartState, end: number): number[] {
    return this.#db
      .prepare<unknown[], number>(
        `SELECT DISTINCT publisher FROM messages NOT INDEXED WHERE part = ? AND timestamp < ?
         UNION SELECT p.id FROM unproven u JOIN publishers p ON p.name = u.publisher
           WHERE u.part = ? AND u.timestamp < ?`,
      )
      .pluck()
      .all(part.id, end, part.id, end)
  }

  #subtractTotals(part: PartState, from: number, end: number): void {
    const row = this.#db
      .prepare<number[], Record<(typeof SUMS)[number], number>>(
        `SELECT ${SUMS.map((sum) => `coalesce(sum(${sum}), 0) AS ${sum}`).join(', ')}
         FROM part_buckets WHERE part = ? AND level = 0 AND bucket >= ? AND bucket < ?`,
      )
      .get(part.id, from, end)
    if (row !== undefined) for (const sum of SUMS) part.totals[sum] -= row[sum]
  }

  #delete(part: PartState, end: number): { messages: number; bytes: number } {
    let messages = 0
    let bytes = 0
    for (const table of ['messages', 'unproven']) {
      bytes +=
        this.#value<number>(
          `SELECT coalesce(sum(length(raw)), 0) FROM ${table} WHERE part = ? AND timestamp < ?`,
          part.id,
          end,
        ) ?? 0
      messages += this.#db
        .prepare(`DELETE FROM ${table} WHERE part = ? AND timestamp < ?`)
        .run(part.id, end).changes
    }
    return { messages, bytes }
  }

  #remember(
    part: PartState,
    from: number,
    end: number,
    { messages, bytes }: { messages: number; bytes: number },
  ): number {
    const hour = levelMs(HOUR_LEVEL)
    const { greater } = this.#db.dialect
    const known = this.#value<number>(
      'SELECT from_timestamp FROM drops WHERE part = ? AND from_timestamp >= ? AND from_timestamp < ?',
      part.id,
      Math.floor(from / hour) * hour,
      end,
    )
    this.#db
      .prepare(
        `INSERT INTO drops (part, from_timestamp, to_timestamp, messages, bytes) VALUES (?, ?, ?, ?, ?)
         ON CONFLICT (part, from_timestamp) DO UPDATE SET to_timestamp = ${greater}(drops.to_timestamp, excluded.to_timestamp),
           messages = drops.messages + excluded.messages, bytes = drops.bytes + excluded.bytes`,
      )
      .run(part.id, known ?? from, end, messages, bytes)
    this.#db
      .prepare(
        `UPDATE parts SET dropped = dropped + ?, dropped_before = ${greater}(dropped_before, ?) WHERE id = ?`,
      )
      .run(messages, end, part.id)
    part.droppedBefore = end
    part.undecided =
      this.#value<number>('SELECT count(*) FROM unproven WHERE part = ? AND verdict = 1', part.id) ?? 0
    return Math.min(known ?? from, from)
  }

  #value<T>(sql: string, ...parameters: unknown[]): T | undefined {
    return this.#db
      .prepare<unknown[], T>(sql)
      .pluck()
      .get(...parameters)
  }
}
