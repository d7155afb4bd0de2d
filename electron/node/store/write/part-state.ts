import { MAX_CACHED_BYTES, MAX_EXPECTED_ROWS } from '../limits.ts'
import { BucketLevels } from '../pyramid/bucket-levels.ts'
import { STRIDE } from '../pyramid/field-statistics.ts'
import { LEVELS } from '../pyramid/levels.ts'
import type { PartBucket } from '../pyramid/part-bucket.ts'
import { PartBucketTable } from '../pyramid/part-bucket-rows.ts'
import type { PublisherBucket } from '../pyramid/publisher-bucket.ts'
import { PublisherBucketTable, type WantedRow } from '../pyramid/publisher-bucket-rows.ts'
import type { SqlConnection } from '../sql-connection.ts'
import type { ChainState } from './chain-state.ts'
import { FieldSlots } from './field-slots.ts'

/** Figures of a stream part that are written with every transaction that touches it. */
export interface PartTotals {
  verified: number
  pending: number
  unauthorised: number
  forged: number
  bytes: number
  equivocations: number
  gaps: number
  lastReceivedAt: number | null
}

/** What the writer keeps in memory of one stream part. */
export interface PartState {
  readonly id: number
  readonly name: string
  /** Counts the transactions that changed the part, where other nodes may do so too; else 0. */
  version: number
  readonly totals: PartTotals
  /** Messages before this timestamp were dropped by retention and are not taken again. */
  droppedBefore: number
  /** Messages in `unproven` that are pending, and in `held`. */
  undecided: number
  held: number
  readonly fields: FieldSlots
  readonly buckets: BucketLevels<PartBucket>
  readonly publishers: Map<number, PublisherState>
}

/** What the writer keeps in memory of one publisher of one stream part. */
export interface PublisherState {
  readonly id: number
  readonly buckets: BucketLevels<PublisherBucket>
  readonly chains: Map<number, ChainState>
  /** Buckets of the finest level from which values were taken away: counted anew at the end of the transaction. */
  readonly staleBuckets: Set<number>
}

type PartRow = [number, number, number, number, number, number, number, number, number | null, number, number]

/**
 * Loads the states of stream parts, keeps those in use, and writes what changed at the end of a transaction.
 *
 * Where several nodes share a database, a transaction locks the row of each part before it looks at the part, and
 * everything that hangs on a part is written under that lock. What is in memory of it holds while nobody else
 * changed the part since, which the row's version tells.
 */
export class PartStates {
  readonly #db: SqlConnection
  /** Whether each statement is a way to a server and back. */
  readonly #isFar: boolean
  readonly #partBuckets: PartBucketTable
  readonly #publisherBuckets: PublisherBucketTable
  readonly #states = new Map<string, PartState>()
  readonly #touched = new Set<PartState>()
  readonly #select
  readonly #update
  readonly #knowsPublisher
  readonly #addPublisher
  readonly #lock
  readonly #changeVersion
  /** Parts whose rows the running transaction holds. */
  readonly #locked = new Set<string>()

  constructor(db: SqlConnection) {
    this.#db = db
    this.#isFar = db.dialect.listOfNumbers !== null
    this.#partBuckets = new PartBucketTable(db)
    this.#publisherBuckets = new PublisherBucketTable(db)
    const { isShared } = db.dialect
    this.#select = db
      .prepare<[string], PartRow>(
        `SELECT id, verified, pending, unauthorised, forged, bytes, equivocations, gaps, last_received_at,
           dropped_before, ${isShared ? 'version' : '0'}
         FROM parts WHERE name = ?`,
      )
      .raw()
    this.#update = db.prepare(
      `UPDATE parts SET verified = ?, pending = ?, unauthorised = ?, forged = ?, bytes = ?, equivocations = ?,
         gaps = ?, last_received_at = ?${isShared ? ', version = version + 1' : ''} WHERE id = ?`,
    )
    this.#knowsPublisher = db
      .prepare<[number, number], number>('SELECT 1 FROM part_publishers WHERE part = ? AND publisher = ?')
      .pluck()
    this.#lock = isShared
      ? db.prepare<[string], number>('SELECT version FROM parts WHERE name = ? FOR UPDATE').pluck()
      : null
    this.#changeVersion = isShared ? db.prepare('UPDATE parts SET version = version + 1 WHERE id = ?') : null
    this.#addPublisher = db.prepare<[number, number]>(
      'INSERT INTO part_publishers (part, publisher) VALUES (?, ?)',
    )
  }

  get partBuckets(): PartBucketTable {
    return this.#partBuckets
  }

  get publisherBuckets(): PublisherBucketTable {
    return this.#publisherBuckets
  }

  /** Takes the parts a transaction will touch in an order that all nodes keep, so that none waits for another in a ring. */
  lock(names: Iterable<string>): void {
    if (this.#lock !== null) for (const name of [...new Set(names)].sort()) this.#enter(name)
  }

  /** Tells other nodes that what hangs on a part is about to change otherwise than by `flush`. */
  changeBehind(part: PartState): void {
    this.#changeVersion?.run(part.id)
  }

  /** The state of a part for a transaction that will change it; the part is created if it is new. */
  touch(name: string): PartState {
    const state = this.find(name) ?? this.#create(name)
    this.#touched.add(state)
    return state
  }

  /** The state of a part that exists. */
  find(name: string): PartState | undefined {
    this.#enter(name)
    const known = this.#states.get(name)
    if (known !== undefined) return known
    const row = this.#select.get(name)
    if (row === undefined) return undefined
    return this.#keep(name, row, false)
  }

  publisher(part: PartState, id: number): PublisherState {
    const known = part.publishers.get(id)
    if (known !== undefined) return known
    const isNew = this.#knowsPublisher.get(part.id, id) === undefined
    if (isNew) this.#addPublisher.run(part.id, id)
    const rows = this.#publisherBuckets.rowsOf(part.id, id, () => part.fields.slots)
    const state: PublisherState = {
      id,
      buckets: new BucketLevels(rows, isNew),
      chains: new Map(),
      staleBuckets: new Set(),
    }
    part.publishers.set(id, state)
    return state
  }

  /**
   * Writes the totals, fields and pyramid rows of all parts touched since the last flush.
   * @param renew called for publishers from whose buckets values were taken away
   */
  flush(renew: (part: PartState, publisher: PublisherState) => void): void {
    for (const part of this.#touched) {
      part.fields.flush()
      if (this.#isFar) this.#partBuckets.expect(part.id, part.buckets.rowsToRead())
      part.buckets.flush()
      this.#partBuckets.forgetExpected()
      const publishers = [...part.publishers.values()].filter(isChanged)
      let expected = 0
      publishers.forEach((publisher, at) => {
        if (this.#isFar && at >= expected) expected = at + this.#expectRows(part, publishers.slice(at))
        publisher.buckets.flush()
        // What comes next reads what was just written.
        this.#publisherBuckets.forgetExpected(publisher.id)
        if (publisher.staleBuckets.size > 0) renew(part, publisher)
      })
      const { totals } = part
      this.#update.run(
        totals.verified,
        totals.pending,
        totals.unauthorised,
        totals.forged,
        totals.bytes,
        totals.equivocations,
        totals.gaps,
        totals.lastReceivedAt,
        part.id,
      )
    }
    for (const part of this.#touched) part.version += 1
    this.#touched.clear()
    this.#locked.clear()
  }

  /** After a commit: forgets publishers when those in memory outgrow their bound. */
  trim(): void {
    let bytes = 0
    for (const part of this.#states.values()) {
      bytes += part.publishers.size * (LEVELS * part.fields.slots * STRIDE * 8 + PUBLISHER_BYTES)
    }
    if (bytes > MAX_CACHED_BYTES) for (const part of this.#states.values()) part.publishers.clear()
  }

  /** Forgets everything: what is in memory belongs to a transaction that was rolled back. */
  clear(): void {
    this.#partBuckets.forgetExpected()
    this.#publisherBuckets.forgetExpected()
    this.#states.clear()
    this.#touched.clear()
    this.#locked.clear()
  }

  /** Reads at once the rows that the next publishers' flushes need. @returns of how many publishers */
  #expectRows(part: PartState, publishers: readonly PublisherState[]): number {
    const wanted: WantedRow[] = []
    let count = 0
    for (const { id, buckets } of publishers) {
      const rows = buckets.rowsToRead()
      if (count > 0 && wanted.length + rows.length > MAX_EXPECTED_ROWS) break
      for (const row of rows) wanted.push({ publisher: id, ...row })
      count += 1
    }
    this.#publisherBuckets.expect(part.id, wanted, part.fields.slots)
    return count
  }

  #enter(name: string): void {
    if (this.#lock === null || !this.#db.inTransaction || this.#locked.has(name)) return
    const version = this.#lock.get(name)
    const known = this.#states.get(name)
    if (known !== undefined && known.version !== version) this.#states.delete(name)
    // A row that is not there cannot be held: another node may make it, and more, before we look again.
    if (version !== undefined) this.#locked.add(name)
  }

  #create(name: string): PartState {
    const { lastInsertRowid } = this.#db.prepare('INSERT INTO parts (name) VALUES (?)').run(name)
    // Made or found, the row is held from here on.
    this.#locked.add(name)
    // Another node may have made it in between, and more than that.
    const row = this.#lock === null ? undefined : this.#select.get(name)
    if (row !== undefined) return this.#keep(name, row, false)
    return this.#keep(name, [Number(lastInsertRowid), 0, 0, 0, 0, 0, 0, 0, null, 0, 0], true)
  }

  #keep(name: string, row: PartRow, isNew: boolean): PartState {
    const [id, verified, pending, unauthorised, forged, bytes, equivocations, gaps, lastReceivedAt] = row
    const count = (sql: string): number => this.#db.prepare<[number], number>(sql).pluck().get(id) ?? 0
    const state: PartState = {
      id,
      name,
      version: row[10],
      totals: { verified, pending, unauthorised, forged, bytes, equivocations, gaps, lastReceivedAt },
      droppedBefore: row[9],
      undecided: isNew ? 0 : count('SELECT count(*) FROM unproven WHERE part = ? AND verdict = 1'),
      held: isNew ? 0 : count('SELECT count(*) FROM held WHERE part = ?'),
      fields: new FieldSlots(this.#db, id),
      buckets: new BucketLevels(this.#partBuckets.rowsOf(id), isNew),
      publishers: new Map(),
    }
    this.#states.set(name, state)
    return state
  }
}

function isChanged({ buckets, staleBuckets }: PublisherState): boolean {
  return buckets.hasChanges || staleBuckets.size > 0
}

/** Rough cost of a cached publisher beside its statistics: maps, chain states. */
const PUBLISHER_BYTES = 2_048
