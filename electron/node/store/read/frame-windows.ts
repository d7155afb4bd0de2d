import { FRAMED_BYTES } from '../limits.ts'
import { bucketStart } from '../pyramid/bucket-levels.ts'
import { bucketOf, FINEST_MS, LEVELS } from '../pyramid/levels.ts'
import type { Statements } from './statements.ts'

/** Buckets put together for one window at most. */
const MAX_BUCKETS = 64

/**
 * Cuts time into windows of about `FRAMED_BYTES` by what the pyramid says of its buckets, so that what a window holds
 * can be read by one statement that need not count. The pyramid is a hint: a window is right whatever it says.
 */
export class FrameWindows {
  readonly #statements: Statements

  constructor(statements: Statements) {
    this.#statements = statements
  }

  /** The last timestamp of the window that begins at `from`, at most `to`. */
  end(part: number, from: number, to: number): number {
    for (let level = LEVELS - 1; level >= 0; level--) {
      const first = bucketOf(from, level)
      const buckets = this.#buckets(part, level, first)
      let bytes = 0
      let end: number | undefined
      for (const [bucket, bucketBytes] of buckets) {
        if (bytes + bucketBytes > FRAMED_BYTES) break
        bytes += bucketBytes
        end = bucketStart(level, bucket + 1) - 1
      }
      if (buckets.length === 0) return to
      if (end !== undefined) return Math.min(Math.max(end, from), to)
      const [bucket, bucketBytes] = buckets[0] ?? [first, 0]
      if (bucket > first) return Math.min(bucketStart(level, bucket) - 1, to)
      if (level === 0) return Math.min(from + Math.floor((FINEST_MS * FRAMED_BYTES) / bucketBytes), to)
    }
    return to
  }

  #buckets(part: number, level: number, first: number): [bucket: number, bytes: number][] {
    const sql = `SELECT bucket, bytes FROM part_buckets WHERE part = ? AND level = ? AND bucket >= ? ORDER BY bucket LIMIT ${MAX_BUCKETS}`
    return this.#statements.rows<[number, number]>(sql).all(part, level, first)
  }
}
