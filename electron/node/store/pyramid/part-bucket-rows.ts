import { MAX_EXPECTED_ROWS } from '../limits.ts'
import type { SqlConnection } from '../sql-connection.ts'
import type { BucketRows, RowPlace } from './bucket-levels.ts'
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
  readonly #selectWanted
  /** Rows that were read at once; null where there is none. */
  readonly #expected = new Map<string, Row | null>()

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
    const { listOfNumbers } = db.dialect
    this.#selectWanted =
      listOfNumbers === null
        ? null
        : db
            .prepare<[string, string, number], [level: number, ...Row]>(
              // OFFSET 0 has the server look up one key after the other, whatever it thinks of the table's size.
              `SELECT b.*
               FROM ${listOfNumbers('wanted', ['level', 'bucket'])}
               CROSS JOIN LATERAL (
                 SELECT level, ${COLUMNS} FROM part_buckets
                 WHERE part = ? AND level = wanted.level AND bucket = wanted.bucket OFFSET 0
               ) b`,
            )
            .raw()
  }

  /**
   * Reads rows of a part at once, for the flush that follows, where each on its own would be a way to a server and
   * back. Of too many the first; the others are read when they are needed.
   */
  expect(part: number, wanted: readonly RowPlace[]): void {
    this.#expected.clear()
    if (this.#selectWanted === null || wanted.length === 0) return
    const asked = wanted.slice(0, MAX_EXPECTED_ROWS)
    for (const place of asked) this.#expected.set(keyOf(place), null)
    const list = (column: 'level' | 'bucket'): string => `{${asked.map((place) => place[column]).join(',')}}`
    for (const [level, ...row] of this.#selectWanted.all(list('level'), list('bucket'), part)) {
      this.#expected.set(keyOf({ level, bucket: row[0] }), row)
    }
  }

  /** Ends what `expect` read. */
  forgetExpected(): void {
    this.#expected.clear()
  }

  rowsOf(part: number): BucketRows<PartBucket> {
    return {
      create: (bucket) => new PartBucket(bucket),
      load: (level, bucket) => {
        const expected = this.#expected.get(keyOf({ level, bucket }))
        return optional(expected === undefined ? this.#select.get(part, level, bucket) : expected)
      },
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

function keyOf({ level, bucket }: RowPlace): string {
  return `${level} ${bucket}`
}

function optional(row: Row | null | undefined): PartBucket | undefined {
  return row === undefined || row === null ? undefined : toBucket(row)
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
