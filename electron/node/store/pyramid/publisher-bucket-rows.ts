import type { SqlConnection } from '../sql-connection.ts'
import type { BucketRows } from './bucket-levels.ts'
import { encodeBucketRow } from './bucket-row-encoder.ts'
import { BucketRowReader } from './bucket-row-reader.ts'
import { CHUNKS, FIELDS_PER_CHUNK } from './field-statistics.ts'
import { PublisherBucket } from './publisher-bucket.ts'

/** Statements over the pyramid rows of publishers, shared by all publishers of one connection. */
export class PublisherBucketTable {
  readonly #select
  readonly #selectNewest
  readonly #selectRange
  readonly #replace
  readonly #add
  readonly #delete
  readonly #deleteRange

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
  }

  /** @param slots gives the number of field slots the part has at the moment */
  rowsOf(part: number, publisher: number, slots: () => number): BucketRows<PublisherBucket> {
    const load = (level: number, bucket: number): PublisherBucket | undefined => {
      const row = new PublisherBucket(bucket, slots())
      for (let chunk = 0; chunk === 0 || chunk * FIELDS_PER_CHUNK < slots(); chunk++) {
        const content = this.#select.get(part, publisher, level, chunk, bucket)
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
    for (let chunk = 0; chunk === 0 || chunk * FIELDS_PER_CHUNK < slots; chunk++) {
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

function readOne(content: Buffer, level: number, chunk: number): BucketRowReader {
  const reader = new BucketRowReader(content, level, chunk)
  if (!reader.next()) throw new RangeError('A row of the pyramid is empty')
  return reader
}
