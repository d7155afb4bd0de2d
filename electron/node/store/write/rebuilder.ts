import type { ContentKeyLookup } from '../content-keys.ts'
import { FINEST_MS, LEVELS } from '../pyramid/levels.ts'
import { PartBucket } from '../pyramid/part-bucket.ts'
import { PublisherBucket } from '../pyramid/publisher-bucket.ts'
import { ALL_CHUNKS, refoldPart, refoldPublisher } from '../pyramid/refold.ts'
import type { SqlConnection } from '../sql-connection.ts'
import { fieldsOfRaw } from '../stored-fields.ts'
import { addFieldValues } from './batch-fields.ts'
import type { ChainRebuilder } from './chain-rebuilder.ts'
import { PENDING, UNAUTHORISED } from './message-entry.ts'
import type { PartState, PartStates } from './part-state.ts'

/** How far a rebuild of one stream part has come. */
export interface RebuildProgress {
  part: string
  stage: 'chains' | 'publishers' | 'part'
  /** Number of the publisher at hand; publishers are gone through in the order of their numbers. */
  publisher: number
  /** First bucket of the finest level that is not made anew yet. */
  from: number
  /** Messages read so far; each is read three times. */
  messagesRead: number
}

/** Messages one slice reads: it holds the writer for a tenth of a second or two. */
const SLICE_MESSAGES = 8_192

/** Behind the last bucket there can be: the end of time as a `Date` knows it. */
const END_OF_TIME = 8_640_000_000_000_000 / FINEST_MS + 1

type PublisherRow = [timestamp: number, sequence: number, verdict: number, raw: Buffer]
type PartRow = [
  timestamp: number,
  sequence: number,
  publisher: number,
  chain: number,
  verdict: number,
  sizeBytes: number,
  digest: Buffer,
]

/**
 * Makes chains, gaps and pyramid of a stream part anew from its messages, slice by slice: each slice is one
 * transaction over a stretch of time, right in itself, so that messages may go on being stored in between and a
 * rebuild that is stopped leaves nothing half done.
 */
export class Rebuilder {
  readonly #parts: PartStates
  readonly #chains: ChainRebuilder
  readonly #keys: ContentKeyLookup
  readonly #nextPublisher
  readonly #publisherMessages
  readonly #publisherUndecided
  readonly #publisherGaps
  readonly #partMessages
  readonly #partUnproven
  readonly #partGaps
  readonly #endOfPublisherSlice
  readonly #endOfPartSlice
  readonly #setTotals

  constructor(db: SqlConnection, parts: PartStates, chains: ChainRebuilder, keys: ContentKeyLookup) {
    this.#parts = parts
    this.#chains = chains
    this.#keys = keys
    const within = 'timestamp >= ? AND timestamp < ?'
    const ofPublisher = 'FROM messages INDEXED BY messages_by_publisher WHERE part = ? AND publisher = ?'
    const shown = `FROM gaps g INDEXED BY gaps_by_namer
      JOIN chain_states s ON s.part = g.part AND s.publisher = g.publisher AND s.chain = g.chain
      WHERE g.part = ? AND named_by_timestamp >= ? AND named_by_timestamp < ?
        AND (missing_timestamp, missing_sequence) >= (first_timestamp, first_sequence)`
    this.#nextPublisher = db
      .prepare<number[], number>(
        'SELECT publisher FROM part_publishers WHERE part = ? AND publisher >= ? ORDER BY publisher LIMIT 1',
      )
      .pluck()
    this.#publisherMessages = db
      .prepare<number[], PublisherRow>(
        `SELECT timestamp, sequence, verdict, raw ${ofPublisher} AND ${within}`,
      )
      .raw()
    this.#publisherUndecided = db
      .prepare<number[], PublisherRow>(
        `SELECT timestamp, sequence, verdict, raw FROM unproven INDEXED BY unproven_by_publisher
         WHERE part = ? AND publisher = (SELECT name FROM publishers WHERE id = ?) AND ${within}
           AND verdict = ${PENDING}`,
      )
      .raw()
    this.#publisherGaps = db
      .prepare<number[], number>(`SELECT named_by_timestamp ${shown} AND g.publisher = ?`)
      .pluck()
    this.#partMessages = db
      .prepare<number[], PartRow>(
        `SELECT timestamp, sequence, publisher, chain, verdict, length(raw), digest FROM messages NOT INDEXED
         WHERE part = ? AND ${within} ORDER BY timestamp, sequence, publisher, chain`,
      )
      .raw()
    this.#partUnproven = db
      .prepare<number[], [number, number, number]>(
        `SELECT timestamp, verdict, length(raw) FROM unproven WHERE part = ? AND ${within}`,
      )
      .raw()
    this.#partGaps = db.prepare<number[], number>(`SELECT named_by_timestamp ${shown}`).pluck()
    const sliceEnd = `AND timestamp >= ? ORDER BY timestamp LIMIT 1 OFFSET ${SLICE_MESSAGES}`
    this.#endOfPublisherSlice = db
      .prepare<number[], number>(`SELECT timestamp ${ofPublisher} ${sliceEnd}`)
      .pluck()
    this.#endOfPartSlice = db
      .prepare<number[], number>(`SELECT timestamp FROM messages NOT INDEXED WHERE part = ? ${sliceEnd}`)
      .pluck()
    const sums = ['verified', 'pending', 'unauthorised', 'forged', 'bytes', 'equivocations', 'gaps']
    this.#setTotals = db.prepare<[number]>(
      `UPDATE parts SET ${sums
        .map(
          (sum) => `${sum} = (SELECT coalesce(sum(b.${sum}), 0) FROM part_buckets b
            WHERE b.part = parts.id AND b.level = ${LEVELS - 1})`,
        )
        .join(', ')} WHERE id = ?`,
    )
  }

  /** Does one slice; null when the part is done, or not known. */
  slice(progress: RebuildProgress): RebuildProgress | null {
    const part = this.#parts.find(progress.part)
    if (part === undefined) return null
    this.#parts.changeBehind(part)
    if (progress.stage === 'part') return this.#partSlice(part, progress)
    const publisher = this.#nextPublisher.get(part.id, progress.publisher)
    if (publisher === undefined) {
      const stage = progress.stage === 'chains' ? 'publishers' : 'part'
      return { ...progress, stage, publisher: 0, from: 0 }
    }
    return this.#publisherSlice(part, publisher, progress)
  }

  #publisherSlice(part: PartState, publisher: number, progress: RebuildProgress): RebuildProgress {
    const from = progress.publisher === publisher ? progress.from : 0
    const end = endOfSlice(from, this.#endOfPublisherSlice.get(part.id, publisher, from * FINEST_MS))
    const messagesRead =
      progress.stage === 'chains'
        ? this.#chains.rebuild(part, publisher, from * FINEST_MS, end * FINEST_MS)
        : this.#rebuildPublisher(part, publisher, from, end)
    const isDone = end === END_OF_TIME
    if (isDone && progress.stage === 'chains') this.#chains.countGaps(part, publisher)
    return {
      ...progress,
      publisher: isDone ? publisher + 1 : publisher,
      from: isDone ? 0 : end,
      messagesRead: progress.messagesRead + messagesRead,
    }
  }

  /** @returns the number of messages read */
  #rebuildPublisher(part: PartState, publisher: number, from: number, end: number): number {
    const buckets = new Map<number, PublisherBucket>()
    const bucketAt = (timestamp: number): PublisherBucket =>
      bucketIn(buckets, timestamp, (at) => new PublisherBucket(at))
    const range = [from * FINEST_MS, end * FINEST_MS]
    let messagesRead = 0
    for (const statement of [this.#publisherMessages, this.#publisherUndecided]) {
      for (const [timestamp, sequence, verdict, raw] of statement.iterate(part.id, publisher, ...range)) {
        messagesRead += 1
        const bucket = bucketAt(timestamp)
        bucket.addCount(verdict, 1)
        if (verdict === UNAUTHORISED) continue
        addFieldValues(fieldsOfRaw(raw, this.#keys), part.fields, bucket.fields, timestamp, sequence)
      }
    }
    for (const timestamp of this.#publisherGaps.iterate(part.id, ...range, publisher))
      bucketAt(timestamp).gaps += 1
    part.fields.flush()
    const table = this.#parts.publisherBuckets
    table.deleteRange(part.id, publisher, 0, from, end)
    for (const bucket of buckets.values()) table.save(part.id, publisher, 0, bucket, ALL_CHUNKS)
    refoldPublisher(table, part.id, publisher, from, end, part.fields.slots)
    return messagesRead
  }

  #partSlice(part: PartState, progress: RebuildProgress): RebuildProgress | null {
    const { from } = progress
    const end = endOfSlice(from, this.#endOfPartSlice.get(part.id, from * FINEST_MS))
    const buckets = new Map<number, PartBucket>()
    const bucketAt = (timestamp: number): PartBucket =>
      bucketIn(buckets, timestamp, (at) => new PartBucket(at))
    const range = [from * FINEST_MS, end * FINEST_MS]
    let messagesRead = 0
    let last: PartRow | undefined
    for (const row of this.#partMessages.iterate(part.id, ...range)) {
      messagesRead += 1
      const bucket = bucketAt(row[0])
      bucket.addMessage(row[4], row[5], row[6], 1)
      if (last !== undefined && isSameId(last, row)) bucket.equivocations += 1
      last = row
    }
    for (const [timestamp, verdict, sizeBytes] of this.#partUnproven.iterate(part.id, ...range)) {
      bucketAt(timestamp).addCount(verdict, sizeBytes, 1)
    }
    for (const timestamp of this.#partGaps.iterate(part.id, ...range)) bucketAt(timestamp).gaps += 1
    const table = this.#parts.partBuckets
    table.deleteRange(part.id, 0, from, end)
    for (const bucket of buckets.values()) table.save(part.id, 0, bucket)
    refoldPart(table, part.id, from, end)
    if (end < END_OF_TIME)
      return { ...progress, from: end, messagesRead: progress.messagesRead + messagesRead }
    this.#setTotals.run(part.id)
    return null
  }
}

function endOfSlice(from: number, timestamp: number | undefined): number {
  if (timestamp === undefined) return END_OF_TIME
  // A bucket is never divided: one with more messages than a slice is done whole.
  return Math.max(from + 1, Math.floor(timestamp / FINEST_MS))
}

function bucketIn<B>(buckets: Map<number, B>, timestamp: number, create: (bucket: number) => B): B {
  const number = Math.floor(timestamp / FINEST_MS)
  let bucket = buckets.get(number)
  if (bucket === undefined) {
    bucket = create(number)
    buckets.set(number, bucket)
  }
  return bucket
}

function isSameId(a: PartRow, b: PartRow): boolean {
  return a[0] === b[0] && a[1] === b[1] && a[2] === b[2] && a[3] === b[3]
}
