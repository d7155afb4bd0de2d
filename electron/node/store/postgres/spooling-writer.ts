import type { SpoolStatus } from '../../../../shared/database.ts'
import { TidemarkError } from '../../../../shared/errors.ts'
import { readVerifiedBatch, type VerifiedBatch } from '../../message/verified-batch.ts'
import type { AppendResult, StoredNotice } from '../../ports.ts'
import { isPassing, toDatabaseError } from '../../postgres/database-errors.ts'
import { PostgresError } from '../../postgres/postgres-error.ts'
import { SPOOL_SLICE_BYTES } from '../limits.ts'
import type { DrainedBatch, Spool } from '../spool/spool.ts'
import { mergeNotices } from '../write/batch-tally.ts'
import type { Outage } from './outage.ts'

export interface SpoolingWriterOptions {
  spool: Spool
  outage: Outage
  /** One transaction of the database, on its disk when it returns. */
  append(batches: readonly VerifiedBatch[]): AppendResult[]
  /** Told of what was drained, after it is in the database. */
  onNotices(notices: StoredNotice[]): void
  /** Told whenever what waits, or what is wrong, has changed. */
  onChange(status: SpoolStatus, error: TidemarkError | null): void
}

/**
 * Puts batches into the database while it is there, and into the spool while it is away or older ones wait: so they
 * reach it in the order they came. Either way they are on a disk when `append` returns.
 */
export class SpoolingWriter {
  readonly #options: SpoolingWriterOptions
  #isDraining = false
  #isStopped = false

  constructor(options: SpoolingWriterOptions) {
    this.#options = options
  }

  append(batches: readonly VerifiedBatch[], buffers: readonly ArrayBuffer[]): AppendResult[] {
    const { spool, outage } = this.#options
    if (outage.since === null && spool.isEmpty) {
      try {
        const results = this.#options.append(batches)
        outage.end()
        return results
      } catch (error) {
        if (!this.note(error)) throw error
      }
    }
    spool.put(batches.map((batch, at) => ({ batch, buffer: buffers[at] as ArrayBuffer })))
    this.#tell()
    if (outage.since === null) this.drain()
    return batches.map(spooled)
  }

  /** Takes down what says that the database is away. @returns whether it does */
  note(error: unknown): boolean {
    if (!(error instanceof PostgresError && isPassing(error))) return false
    this.#options.outage.begin(error)
    this.#tell()
    return true
  }

  /** @throws {TidemarkError} while the database is away: nothing else is asked of it then */
  assertThere(): void {
    const { outage } = this.#options
    if (outage.since !== null) throw this.problem() ?? new TypeError('An outage without an error')
  }

  /** Brings what waits to the database, slice by slice, with room for other work in between. */
  drain(): void {
    if (this.#isDraining) return
    this.#isDraining = true
    setImmediate(() => {
      this.#isDraining = false
      const { spool, outage } = this.#options
      if (this.#isStopped || outage.since !== null) return
      if (!spool.isEmpty) this.#drainSlice(spool.next(SPOOL_SLICE_BYTES))
      this.#tell()
      if (!spool.isEmpty && outage.since === null) this.drain()
    })
  }

  stop(): void {
    this.#isStopped = true
    this.#options.outage.stop()
    this.#options.spool.close()
  }

  /** What keeps the database away, in the words of a user. */
  problem(): TidemarkError | null {
    const { outage } = this.#options
    if (outage.since === null) return null
    const told = outage.error instanceof PostgresError ? toDatabaseError(outage.error) : outage.error
    if (told instanceof TidemarkError) return told
    return new TidemarkError(
      'database-unreachable',
      'The database does not take messages at the moment.',
      'The log of this node says more; it is tried again by itself.',
      { cause: told },
    )
  }

  #drainSlice(batches: readonly DrainedBatch[]): void {
    const { spool, outage } = this.#options
    try {
      const read = batches.map(({ buffer }) => readVerifiedBatch(buffer))
      const results = this.#options.append(read)
      spool.remove(batches.map(({ id }) => id))
      outage.end()
      const notices = mergeNotices(results.flatMap(({ parts }) => parts))
      if (notices.length > 0) this.#options.onNotices(notices)
    } catch (error) {
      if (this.note(error)) return
      const [first] = batches
      // One bad batch must not keep the others: each goes alone, and what is refused for what it is stays here.
      if (batches.length === 1 && first !== undefined) spool.setAside(first.id, String(error))
      else for (const batch of batches) if (outage.since === null) this.#drainSlice([batch])
    }
  }

  #tell(): void {
    const { spool, outage, onChange } = this.#options
    onChange(spool.status(outage.since), this.problem())
  }
}

function spooled({ messages, refused }: VerifiedBatch): AppendResult {
  const nothing = { stored: 0, duplicates: 0, quarantined: 0, equivocations: 0, held: 0, declined: 0 }
  return { ...nothing, spooled: messages + refused.length, parts: [] }
}
