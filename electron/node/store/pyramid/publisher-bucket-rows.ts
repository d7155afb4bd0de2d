import { MAX_EXPECTED_ROWS } from '../limits.ts'
import type { SqlConnection } from '../sql-connection.ts'
import type { BucketRows, RowPlace } from './bucket-levels.ts'
import { encodeBucketRow } from './bucket-row-encoder.ts'
import { BucketRowReader } from './bucket-row-reader.ts'
import { CHUNKS, FIELDS_PER_CHUNK } from './field-statistics.ts'
import { PublisherBucket } from './publisher-bucket.ts'

/** One row of a publisher's pyramid. */
export interface WantedRow extends RowPlace {
  publisher: number
}

/** Statements over the pyramid rows of publishers, shared by all publishers of one connection. */
export class PublisherBucketTable {
  readonly #select
  readonly #selectNewest
  readonly #selectRange
  readonly #replace
  readonly #add
  readonly #delete
  readonly #deleteRange
  readonly #selectWanted
  /** Of each publisher, contents by chunk of the rows that were read at once; none where there is no such row. */
  readonly #expected = new Map<number, Map<string, Map<number, Buffer>>>()

  constructor(db: SqlConnection) {
    const ofChunk = 'FROM publisher_buckets WHERE part = ? AND publisher = ? AND level = ? AND chunk = ?'
    this.#select = db.prepare<number[], Buffer>(`SELECT content ${ofChunk} AND bucket = ?`).pluck()
    this.#selectNewest = db
      .prepare<number[], number>(`SELECT bucket ${ofChunk} ORDER BY bucket DESC LIMIT 1`)
      .pluck()
    this.#selectRange = db
      .prepare<number[], Buffer>(`SELECT content ${ofChunk} AND bucket >= ? AND bucket < ? ORDER BY bucket`)
      .pluck()
    const row = 'publisher_buckets (part, publisher, level, chunk, bucket, content) VALUES (?, ?, ?, ?, ?, ?)'
    this.#replace = db.prepare(`INSERT OR REPLACE INTO ${row}`)
    this.#add = db.prepare(`${db.dialect.insertNew} ${row}`)
    this.#delete = db.prepare<number[]>(`DELETE ${ofChunk} AND bucket = ?`)
    this.#deleteRange = db.prepare<number[]>(`DELETE ${ofChunk} AND bucket >= ? AND bucket < ?`)
    const { listOfNumbers } = db.dialect
    this.#selectWanted =
      listOfNumbers === null
        ? null
        : db
            .prepare<[string, string, string, string, number], [number, number, number, number, Buffer]>(
              // OFFSET 0 has the server look up one key after the other, whatever it thinks of the table's size.
              `SELECT b.publisher, b.level, b.chunk, b.bucket, b.content
               FROM ${listOfNumbers('wanted', ['publisher', 'level', 'chunk', 'bucket'])}
               CROSS JOIN LATERAL (
                 SELECT * FROM publisher_buckets WHERE part = ? AND publisher = wanted.publisher
                   AND level = wanted.level AND chunk = wanted.chunk AND bucket = wanted.bucket OFFSET 0
               ) b`,
            )
            .raw()
  }

  /**
   * Reads rows of a part at once, for the flush that follows, where each on its own would be a way to a server and
   * back. Of too many the first; the others are read when they are needed.
   * @param slots number of field slots of the part
   */
  expect(part: number, wanted: readonly WantedRow[], slots: number): void {
    this.#expected.clear()
    if (this.#selectWanted === null) return
    const keys: [publisher: number, level: number, chunk: number, bucket: number][] = []
    for (const { publisher, level, bucket } of wanted) {
      if (keys.length >= MAX_EXPECTED_ROWS) break
      const rows = this.#expected.get(publisher) ?? new Map<string, Map<number, Buffer>>()
      this.#expected.set(publisher, rows.set(keyOf(level, bucket), new Map()))
      for (const chunk of chunksOf(slots)) keys.push([publisher, level, chunk, bucket])
    }
    if (keys.length === 0) return
    const column = (at: 0 | 1 | 2 | 3): string => `{${keys.map((key) => key[at]).join(',')}}`
    const found = this.#selectWanted.all(column(0), column(1), column(2), column(3), part)
    for (const [publisher, level, chunk, bucket, content] of found)
      this.#expected.get(publisher)?.get(keyOf(level, bucket))?.set(chunk, content)
  }

  /** Ends what `expect` read, of a publisher whose rows have changed since, or of all. */
  forgetExpected(publisher?: number): void {
    if (publisher === undefined) this.#expected.clear()
    else this.#expected.delete(publisher)
  }

  /** @param slots gives the number of field slots the part has at the moment */
  rowsOf(part: number, publisher: number, slots: () => number): BucketRows<PublisherBucket> {
    const load = (level: number, bucket: number): PublisherBucket | undefined => {
      const row = new PublisherBucket(bucket, slots())
      const expected = this.#expected.get(publisher)?.get(keyOf(level, bucket))
      for (const chunk of chunksOf(slots())) {
        const content =
          expected === undefined
            ? this.#select.get(part, publisher, level, chunk, bucket)
            : expected.get(chunk)
        if (content === undefined && chunk === 0) return undefined
        if (content !== undefined) readOne(content, level, chunk).putInto(row)
      }
      return row
    }
    return {
      create: (bucket) => new PublisherBucket(bucket, slots()),
      load,
      loadNewest: (level) => {
        const bucket = this.#selectNewest.get(part, publisher, level, 0)
        return bucket === undefined ? undefined : load(level, bucket)
      },
      save: (level, row, chunks, isNew) => this.save(part, publisher, level, row, chunks, isNew),
    }
  }

  /** Writes the chunks of a row whose bit is set in `chunks`; chunk 0 carries the counts. */
  save(
    part: number,
    publisher: number,
    level: number,
    row: PublisherBucket,
    chunks: number,
    isNew = false,
  ): void {
    const statement = isNew ? this.#add : this.#replace
    for (let chunk = 0; chunk < CHUNKS && 1 << chunk <= chunks; chunk++) {
      if ((chunks & (1 << chunk)) === 0) continue
      const content = encodeBucketRow(row, level, chunk)
      if (content === null) this.#delete.run(part, publisher, level, chunk, row.bucket)
      else statement.run(part, publisher, level, chunk, row.bucket, content)
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
    for (const chunk of chunksOf(slots)) {
      for (const content of this.#selectRange.all(part, publisher, level, chunk, from, end)) {
        const reader = readOne(content, level, chunk)
        let bucket = buckets.get(reader.bucket)
        if (bucket === undefined) {
          bucket = new PublisherBucket(reader.bucket, slots)
          buckets.set(reader.bucket, bucket)
        }
        reader.putInto(bucket)
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

/** Chunks that rows of a part with so many field slots may have; the first carries the counts. */
function chunksOf(slots: number): number[] {
  return Array.from({ length: Math.max(1, Math.ceil(slots / FIELDS_PER_CHUNK)) }, (_, chunk) => chunk)
}

function keyOf(level: number, bucket: number): string {
  return `${level} ${bucket}`
}

function readOne(content: Buffer, level: number, chunk: number): BucketRowReader {
  const reader = new BucketRowReader(content, level, chunk)
  if (!reader.next()) throw new RangeError('A row of the pyramid is empty')
  return reader
}
