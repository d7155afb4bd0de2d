import type { SqlConnection } from '../sql-connection.ts'
import type { BucketRows } from './bucket-levels.ts'
import { DigestSum } from './fingerprint.ts'
import { PartBucket } from './part-bucket.ts'

type Row = [
  bucket: number,
  bytes: number,
  verified: number,
  pending: number,
  unauthorised: number,
  forged: number,
  equivocations: number,
  gaps: number,
  fingerprint: Buffer,
]

const COLUMNS = 'bucket, bytes, verified, pending, unauthorised, forged, equivocations, gaps, fingerprint'

/** Statements over the pyramid rows of stream parts, shared by all parts of one connection. */
export class PartBucketTable {
  readonly #select
  readonly #selectNewest
  readonly #replace
  readonly #add
  readonly #delete
  readonly #selectRange
  readonly #deleteRange

  constructor(db: SqlConnection) {
    const from = `SELECT ${COLUMNS} FROM part_buckets WHERE part = ? AND level = ?`
    this.#select = db.prepare<[number, number, number], Row>(`${from} AND bucket = ?`).raw()
    this.#selectNewest = db.prepare<[number, number], Row>(`${from} ORDER BY bucket DESC LIMIT 1`).raw()
    this.#selectRange = db
      .prepare<[number, number, number, number], Row>(
        `${from} AND bucket >= ? AND bucket < ? ORDER BY bucket`,
      )
      .raw()
    const row = `part_buckets (part, level, ${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
    this.#replace = db.prepare(`INSERT OR REPLACE INTO ${row}`)
    this.#add = db.prepare(`${db.dialect.insertNew} ${row}`)
    this.#delete = db.prepare<[number, number, number]>(
      'DELETE FROM part_buckets WHERE part = ? AND level = ? AND bucket = ?',
    )
    this.#deleteRange = db.prepare<[number, number, number, number]>(
      'DELETE FROM part_buckets WHERE part = ? AND level = ? AND bucket >= ? AND bucket < ?',
    )
  }

  rowsOf(part: number): BucketRows<PartBucket> {
    return {
      create: (bucket) => new PartBucket(bucket),
      load: (level, bucket) => optional(this.#select.get(part, level, bucket)),
      loadNewest: (level) => optional(this.#selectNewest.get(part, level)),
      save: (level, row, _chunks, isNew) => this.save(part, level, row, isNew),
    }
  }

  save(part: number, level: number, row: PartBucket, isNew = false): void {
    if (row.isEmpty) {
      this.#delete.run(part, level, row.bucket)
      return
    }
    const statement = isNew ? this.#add : this.#replace
    statement.run(
      part,
      level,
      row.bucket,
      row.bytes,
      row.verified,
      row.pending,
      row.unauthorised,
      row.forged,
      row.equivocations,
      row.gaps,
      row.fingerprint.toBytes(),
    )
  }

  /** Rows of a level with `from <= bucket < end`, ascending. */
  range(part: number, level: number, from: number, end: number): PartBucket[] {
    return this.#selectRange.all(part, level, from, end).map(toBucket)
  }

  deleteRange(part: number, level: number, from: number, end: number): void {
    this.#deleteRange.run(part, level, from, end)
  }
}

function optional(row: Row | undefined): PartBucket | undefined {
  return row === undefined ? undefined : toBucket(row)
}

function toBucket(row: Row): PartBucket {
  const bucket = new PartBucket(row[0])
  bucket.bytes = row[1]
  bucket.verified = row[2]
  bucket.pending = row[3]
  bucket.unauthorised = row[4]
  bucket.forged = row[5]
  bucket.equivocations = row[6]
  bucket.gaps = row[7]
  bucket.fingerprint = DigestSum.fromBytes(row[8])
  return bucket
}
