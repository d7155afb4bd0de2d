import type { ContentKeyLookup } from '../content-keys.ts'
import type { FieldStatistics } from '../pyramid/field-statistics.ts'
import { FINEST_MS } from '../pyramid/levels.ts'
import { PublisherBucket } from '../pyramid/publisher-bucket.ts'
import { ALL_CHUNKS, refoldPublisher } from '../pyramid/refold.ts'
import type { SqlConnection } from '../sql-connection.ts'
import { fieldsOfRaw } from '../stored-fields.ts'
import { addFieldValues } from './batch-fields.ts'
import { PENDING, VERIFIED } from './message-entry.ts'
import type { PartState, PartStates, PublisherState } from './part-state.ts'

type ValueRow = [timestamp: number, sequence: number, raw: Buffer]

/**
 * Finds the field statistics of buckets anew, from the messages themselves. Minimum and maximum cannot be taken
 * back, so this is how a value leaves the pyramid when the verdict of its message changes; and how the values of
 * encrypted messages enter it once their key is known.
 */
export class StaleBuckets {
  readonly #parts: PartStates
  readonly #keys: ContentKeyLookup
  readonly #proven
  readonly #undecided

  constructor(db: SqlConnection, parts: PartStates, keys: ContentKeyLookup) {
    this.#parts = parts
    this.#keys = keys
    this.#proven = db
      .prepare<number[], ValueRow>(
        `SELECT timestamp, sequence, raw FROM messages
         WHERE part = ? AND publisher = ? AND timestamp >= ? AND timestamp < ? AND verdict IN (${VERIFIED}, ${PENDING})`,
      )
      .raw()
    this.#undecided = db
      .prepare<number[], ValueRow>(
        `SELECT timestamp, sequence, raw FROM unproven
         WHERE part = ? AND publisher = (SELECT name FROM publishers WHERE id = ?)
           AND timestamp >= ? AND timestamp < ? AND verdict = ${PENDING}`,
      )
      .raw()
  }

  /** Renews the stale buckets of a publisher, whose counts are on disk already, and the coarser ones above them. */
  renew(part: PartState, publisher: PublisherState): void {
    const table = this.#parts.publisherBuckets
    const rows = table.rowsOf(part.id, publisher.id, () => part.fields.slots)
    for (const bucket of publisher.staleBuckets) {
      const found = rows.load(0, bucket) ?? new PublisherBucket(bucket)
      const renewed = new PublisherBucket(bucket, part.fields.slots)
      renewed.addCounts(found)
      this.addFields(part, publisher.id, bucket, renewed.fields)
      table.save(part.id, publisher.id, 0, renewed, ALL_CHUNKS)
      part.fields.flush()
      refoldPublisher(table, part.id, publisher.id, bucket, bucket + 1, part.fields.slots)
    }
    publisher.staleBuckets.clear()
    publisher.buckets.reload()
  }

  /** Adds the fields of all messages that count in a bucket of the finest level. */
  addFields(part: PartState, publisher: number, bucket: number, statistics: FieldStatistics): void {
    const range = [part.id, publisher, bucket * FINEST_MS, (bucket + 1) * FINEST_MS]
    for (const statement of [this.#proven, this.#undecided]) {
      for (const [timestamp, sequence, raw] of statement.iterate(...range)) {
        addFieldValues(fieldsOfRaw(raw, this.#keys), part.fields, statistics, timestamp, sequence)
      }
    }
  }
}
