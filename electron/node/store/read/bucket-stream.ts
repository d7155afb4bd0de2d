import { BucketRowReader } from '../pyramid/bucket-row-reader.ts'
import type { Statements } from './statements.ts'

/** Buckets read with one statement: their rows come as one value, which a hostile part can make 26 KB a bucket. */
const BUCKETS_AT_ONCE = 1_024

export interface BucketRange {
  part: number
  publisher: number
  level: number
  chunk: number
  /** Both ends inclusive. */
  first: number
  last: number
}

/** Rows of a publisher's pyramid in ascending order, without an object for each: the reader stands on the next one. */
export function* streamBuckets(statements: Statements, range: BucketRange): Generator<BucketRowReader> {
  const { part, publisher, level, chunk, first, last } = range
  const rows = {
    column: 'content',
    from: `FROM publisher_buckets
       WHERE part = ? AND publisher = ? AND level = ? AND chunk = ? AND bucket BETWEEN ? AND ?`,
    order: 'bucket',
  }
  for (let from = first; from <= last; from += BUCKETS_AT_ONCE) {
    const to = Math.min(last, from + BUCKETS_AT_ONCE - 1)
    const content = statements.bytes(rows, part, publisher, level, chunk, from, to)
    if (content === null) continue
    const reader = new BucketRowReader(content, level, chunk)
    while (reader.next()) yield reader
  }
}
