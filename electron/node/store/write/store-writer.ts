import { clockStanding } from '../../../../shared/clock-standing.ts'
import type { VerifiedBatch } from '../../message/verified-batch.ts'
import { DIGEST_BYTES } from '../../message/verified-batch-layout.ts'
import type { AppendResult, ContentKeyRecord, OpenedMessage, StoredNotice } from '../../ports.ts'
import { ContentKeys } from '../content-keys.ts'
import { bucketOf } from '../pyramid/levels.ts'
import type { SqlConnection } from '../sql-connection.ts'
import { BatchFields } from './batch-fields.ts'
import { BatchTally } from './batch-tally.ts'
import { ChainRebuilder } from './chain-rebuilder.ts'
import { Decider, type Decision } from './decider.ts'
import { HeldRelease } from './held-release.ts'
import { FLAG_CLOCK, type MessageEntry } from './message-entry.ts'
import { MessageTable } from './message-table.ts'
import { type AddFields, MessageWriter } from './message-writer.ts'
import { NameTable } from './name-table.ts'
import { type PartState, PartStates } from './part-state.ts'
import { Rebuilder, type RebuildProgress } from './rebuilder.ts'
import { RefusedTable } from './refused-table.ts'
import { type Dropped, Retention, type RetentionLimits } from './retention.ts'
import { StaleBuckets } from './stale-buckets.ts'

/** The one writer of a store file. Every public method is one transaction, on disk when it returns. */
export class StoreWriter {
  readonly #db: SqlConnection
  readonly #publishers: NameTable
  readonly #chains: NameTable
  readonly #sources: NameTable
  readonly #table: MessageTable
  readonly #parts: PartStates
  readonly #messages: MessageWriter
  readonly #refused: RefusedTable
  readonly #keys: ContentKeys
  readonly #stale: StaleBuckets
  readonly #decider: Decider
  readonly #rebuilder: Rebuilder
  readonly #heldRelease: HeldRelease
  readonly #retention: Retention
  readonly #begin
  readonly #commit
  readonly #rollback

  /** @param table how messages are put into `messages`; engines whose calls are far gather them */
  constructor(db: SqlConnection, table: MessageTable = new MessageTable(db)) {
    this.#db = db
    this.#table = table
    this.#publishers = new NameTable(db, 'publishers')
    this.#chains = new NameTable(db, 'chains')
    this.#sources = new NameTable(db, 'sources')
    this.#parts = new PartStates(db)
    this.#messages = new MessageWriter(db, table, this.#parts, this.#publishers, this.#chains)
    this.#refused = new RefusedTable(db)
    this.#keys = new ContentKeys(db)
    this.#stale = new StaleBuckets(db, this.#parts, this.#keys)
    this.#decider = new Decider(this.#parts, this.#messages, this.#publishers, this.#chains)
    this.#rebuilder = new Rebuilder(db, this.#parts, new ChainRebuilder(db, table), this.#keys)
    this.#heldRelease = new HeldRelease(db, this.#parts, this.#messages)
    this.#retention = new Retention(db, this.#parts)
    this.#begin = db.prepare(db.dialect.begin)
    this.#commit = db.prepare('COMMIT')
    this.#rollback = db.prepare('ROLLBACK')
  }

  /** Stores several batches in one transaction; the results stand in their order. */
  append(batches: readonly VerifiedBatch[]): AppendResult[] {
    return this.#inTransaction(() => {
      this.#parts.lock(batches.flatMap(({ parts }) => parts))
      this.#table.expect(batches, {
        part: (name) => this.#parts.find(name)?.id,
        publisher: (name) => this.#publishers.find(name),
        chain: (name) => this.#chains.find(name),
      })
      return batches.map((batch) => this.#appendBatch(batch).toResult())
    })
  }

  decide(decisions: readonly Decision[]): StoredNotice[] {
    return this.#inTransaction(() => {
      this.#parts.lock(decisions.map(({ part }) => part))
      const tally = new BatchTally()
      for (const decision of decisions) this.#decider.decide(decision, tally)
      return tally.toNotices()
    })
  }

  /** Remembers group keys, and finds anew what charts show of the messages that they open. */
  openContents(keys: readonly ContentKeyRecord[], opened: readonly OpenedMessage[]): StoredNotice[] {
    return this.#inTransaction(() => {
      this.#parts.lock(opened.map(({ part }) => part))
      this.#keys.record(keys)
      const tally = new BatchTally()
      for (const { part: name, publisher, timestamp } of opened) {
        const publisherId = this.#publishers.find(publisher)
        if (publisherId === undefined || this.#parts.find(name) === undefined) continue
        const part = this.#parts.touch(name)
        this.#parts.publisher(part, publisherId).staleBuckets.add(bucketOf(timestamp, 0))
        tally.part(name).addTouched(timestamp)
      }
      return tally.toNotices()
    })
  }

  /** Does one slice of a rebuild; null when it is done. */
  rebuildSlice(progress: RebuildProgress): RebuildProgress | null {
    const next = this.#inTransaction(() => this.#rebuilder.slice(progress))
    this.#forget()
    return next
  }

  /** Stores what was held back and whose time has come. */
  releaseHeld(now: number): StoredNotice[] {
    if (!this.#heldRelease.isDue(now)) return []
    const tally = new BatchTally()
    while (this.#inTransaction(() => this.#heldRelease.release(now, tally)));
    return tally.toNotices()
  }

  setRetention(part: string, limits: RetentionLimits): void {
    this.#inTransaction(() => this.#retention.set(part, limits))
  }

  retention(part: string): RetentionLimits {
    return this.#retention.get(part)
  }

  /** Removes one slice of what is beyond its limits; null when nothing is. */
  retentionSlice(now: number): Dropped | null {
    return this.#retention.isDue(now) ? this.#inTransaction(() => this.#retention.slice(now)) : null
  }

  /** Names of all stream parts. */
  parts(): string[] {
    return this.#db.prepare<[], string>('SELECT name FROM parts ORDER BY name').pluck().all()
  }

  #appendBatch(batch: VerifiedBatch): BatchTally {
    const tally = new BatchTally()
    const { raw, digests, rawEnds } = batch
    const rawBytes = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength)
    const digestBytes = Buffer.from(digests.buffer, digests.byteOffset, digests.byteLength)
    const sources = batch.sources.map((name) => this.#sources.intern(name))
    const fields = new BatchFields(batch)
    let at = 0
    let part = undefined as PartState | undefined
    const addFields: AddFields = (statistics) => {
      if (part !== undefined) fields.add(at, part.fields, statistics)
    }
    const entry = {} as MessageEntry
    for (; at < batch.messages; at++) {
      const partName = batch.parts[batch.partIndexes[at] as number] as string
      if (part?.name !== partName) part = this.#parts.touch(partName)
      entry.timestamp = batch.timestamps[at] as number
      entry.sequence = batch.sequences[at] as number
      entry.publisher = batch.publishers[batch.publisherIndexes[at] as number] as string
      entry.chain = batch.chains[batch.chainIndexes[at] as number] as string
      entry.previousTimestamp = batch.previousTimestamps[at] as number
      entry.previousSequence = batch.previousSequences[at] as number
      entry.digest = digestBytes.subarray(at * DIGEST_BYTES, (at + 1) * DIGEST_BYTES)
      entry.verdict = batch.verdicts[at] as number
      entry.reason = batch.reasons[at] as number
      const source = batch.sourceIndexes[at] as number
      entry.source = sources[source] as number
      entry.receivedAt = batch.receivedAts[at] as number
      const clock = clockStanding(entry.timestamp, entry.receivedAt, batch.sources[source] as string)
      entry.flags = (batch.flags[at] as number) | (clock === 'in-bounds' ? 0 : FLAG_CLOCK)
      entry.raw = rawBytes.subarray(at === 0 ? 0 : rawEnds[at - 1], rawEnds[at])
      this.#messages.write(part, entry, entry.receivedAt, addFields, tally)
    }
    for (const refused of batch.refused) {
      this.#refused.insert(refused, this.#sources.intern(refused.source))
      tally.quarantined += 1
    }
    for (const { part: name, key, verdict, reason } of this.#messages.takeDecided()) {
      this.#decider.decide({ part: name, key, verdict, reason, raw: undefined }, tally)
    }
    return tally
  }

  #inTransaction<T>(work: () => T): T {
    this.#begin.run()
    try {
      const result = work()
      this.#messages.flush()
      this.#parts.flush((part, publisher) => this.#stale.renew(part, publisher))
      this.#commit.run()
      this.#parts.trim()
      return result
    } catch (error) {
      this.#forget()
      if (this.#db.inTransaction) this.#rollback.run()
      throw error
    }
  }

  /** What is in memory belongs to a transaction that does not exist. */
  #forget(): void {
    this.#parts.clear()
    this.#messages.clear()
    this.#publishers.clearCache()
    this.#chains.clearCache()
    this.#sources.clearCache()
  }
}
