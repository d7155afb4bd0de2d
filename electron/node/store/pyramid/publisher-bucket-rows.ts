import type Database from 'better-sqlite3'
import { type BucketRows, bucketStart } from './bucket-levels.ts'
import { CHUNKS } from './field-statistics.ts'
import { PublisherBucket } from './publisher-bucket.ts'
import { decodeChunk, encodeChunk } from './statistics-codec.ts'

type Row = [
  chunk: number,
  bucket: number,
  verified: number,
  pending: number,
  unauthorised: number,
  gaps: number,
  statistics: Buffer | null,
]

const COLUMNS = 'chunk, bucket, verified, pending, unauthorised, gaps, statistics'

/** Statements over the pyramid rows of publishers, shared by all publishers of one connection. */
export class PublisherBucketTable {
  readonly #select
  readonly #selectNewest
  readonly #selectRange
  readonly #replace
  readonly #delete
  readonly #deleteRange

  constructor(db: Database.Database) {
    const from = `SELECT ${COLUMNS} FROM publisher_buckets WHERE part = ? AND publisher = ? AND level = ? AND chunk = ?`
    this.#select = db.prepare<number[], Row>(`${from} AND bucket = ?`).raw()
    this.#selectNewest = db
      .prepare<number[], number>(
        `SELECT bucket FROM publisher_buckets WHERE part = ? AND publisher = ? AND level = ? AND chunk = 0
         ORDER BY bucket DESC LIMIT 1`,
      )
      .pluck()
    this.#selectRange = db
      .prepare<number[], Row>(`${from} AND bucket >= ? AND bucket < ? ORDER BY bucket`)
      .raw()
    this.#replace = db.prepare(
      `INSERT OR REPLACE INTO publisher_buckets (part, publisher, level, ${COLUMNS})
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    this.#delete = db.prepare<number[]>(
      'DELETE FROM publisher_buckets WHERE part = ? AND publisher = ? AND level = ? AND chunk = ? AND bucket = ?',
    )
    this.#deleteRange = db.prepare<number[]>(
      `DELETE FROM publisher_buckets
       WHERE part = ? AND publisher = ? AND level = ? AND chunk = ? AND bucket >= ? AND bucket < ?`,
    )
  }

  /** @param slots gives the number of field slots the part has at the moment */
  rowsOf(part: number, publisher: number, slots: () => number): BucketRows<PublisherBucket> {
    const load = (level: number, bucket: number): PublisherBucket | undefined => {
      const row = new PublisherBucket(bucket, slots())
      const head = this.#select.get(part, publisher, level, 0, bucket)
      if (head === undefined) return undefined
      addRow(row, level, head)
      for (let chunk = 1; chunk * 16 < slots(); chunk++) {
        const rest = this.#select.get(part, publisher, level, chunk, bucket)
        if (rest !== undefined) addRow(row, level, rest)
      }
      return row
    }
    return {
      create: (bucket) => new PublisherBucket(bucket, slots()),
      load,
      loadNewest: (level) => {
        const bucket = this.#selectNewest.get(part, publisher, level)
        return bucket === undefined ? undefined : load(level, bucket)
      },
      save: (level, row, changes) => {
        const touched = changes.reduce((chunks, change) => chunks | change.fields.chunks, 1)
        this.save(part, publisher, level, row, touched)
      },
    }
  }

  /** Writes the chunks of a row whose bit is set in `chunks`; chunk 0 carries the counts. */
  save(part: number, publisher: number, level: number, row: PublisherBucket, chunks: number): void {
    const start = bucketStart(level, row.bucket)
    for (let chunk = 0; chunk < CHUNKS && 1 << chunk <= chunks; chunk++) {
      if ((chunks & (1 << chunk)) === 0) continue
      const statistics = encodeChunk(row.fields, chunk, start)
      if (chunk === 0 ? row.isEmpty : statistics === null) {
        this.#delete.run(part, publisher, level, chunk, row.bucket)
      } else if (chunk === 0) {
        const { verified, pending, unauthorised, gaps } = row
        this.#replace.run(
          part,
          publisher,
          level,
          0,
          row.bucket,
          verified,
          pending,
          unauthorised,
          gaps,
          statistics,
        )
      } else {
        this.#replace.run(part, publisher, level, chunk, row.bucket, 0, 0, 0, 0, statistics)
      }
    }
  }

  /** Rows of a level with `from <= bucket < end`, all chunks together, ascending. */
  range(
    part: number,
    publisher: number,
    level: number,
    from: number,
    end: number,
    slots: number,
  ): PublisherBucket[] {
    const buckets = new Map<number, PublisherBucket>()
    for (let chunk = 0; chunk === 0 || chunk * 16 < slots; chunk++) {
      for (const row of this.#selectRange.all(part, publisher, level, chunk, from, end)) {
        let bucket = buckets.get(row[1])
        if (bucket === undefined) {
          bucket = new PublisherBucket(row[1], slots)
          buckets.set(row[1], bucket)
        }
        addRow(bucket, level, row)
      }
    }
    return [...buckets.values()]
  }

  deleteRange(part: number, publisher: number, level: number, from: number, end: number): void {
    for (let chunk = 0; chunk < CHUNKS; chunk++) {
      this.#deleteRange.run(part, publisher, level, chunk, from, end)
    }
  }
}

function addRow(bucket: PublisherBucket, level: number, row: Row): void {
  const [chunk, number, verified, pending, unauthorised, gaps, statistics] = row
  if (chunk === 0) {
    bucket.verified = verified
    bucket.pending = pending
    bucket.unauthorised = unauthorised
    bucket.gaps = gaps
  }
  if (statistics !== null) decodeChunk(statistics, bucketStart(level, number), bucket.fields)
}
