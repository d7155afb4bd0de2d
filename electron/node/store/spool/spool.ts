import { existsSync } from 'node:fs'
import Database from 'better-sqlite3'
import type { SpoolStatus } from '../../../../shared/database.ts'
import { TidemarkError } from '../../../../shared/errors.ts'
import type { VerifiedBatch } from '../../message/verified-batch.ts'
import { setUpForWriting } from './spool-database.ts'

export interface SpoolOptions {
  file: string
  /** Bytes of batches it takes; what would go beyond is refused, and waits with who sent it. */
  maxBytes: number
}

/** An encoded batch, and what it says of itself. */
export interface SpooledBatch {
  buffer: ArrayBuffer
  batch: VerifiedBatch
}

/** A batch as it comes out again. */
export interface DrainedBatch {
  id: number
  buffer: ArrayBuffer
}

interface Totals {
  messages: number
  bytes: number
  first: number | null
  last: number | null
  setAside: number
}

/**
 * Batches of verified messages that wait on this machine's disk, in the order they came. What `put` has returned for
 * survives a power cut; what was taken out is removed only when the database has it, so that a crash in between
 * brings it a second time, which the store knows by its digests.
 */
export class Spool {
  readonly #db: Database.Database
  readonly #maxBytes: number
  readonly #insert
  readonly #select
  readonly #delete
  readonly #setAside
  #totals: Totals

  constructor({ file, maxBytes }: SpoolOptions) {
    this.#db = new Database(file)
    this.#maxBytes = maxBytes
    setUpForWriting(this.#db, file)
    this.#insert = this.#db.prepare(
      'INSERT INTO batches (messages, first_timestamp, last_timestamp, size_bytes, content) VALUES (?, ?, ?, ?, ?)',
    )
    this.#select = this.#db.prepare<[], { id: number; sizeBytes: number; content: Buffer }>(
      'SELECT id, size_bytes AS sizeBytes, content FROM batches WHERE reason IS NULL ORDER BY id',
    )
    this.#delete = this.#db.prepare('DELETE FROM batches WHERE id = ?')
    this.#setAside = this.#db.prepare('UPDATE batches SET reason = ? WHERE id = ?')
    this.#totals = this.#count()
  }

  get isEmpty(): boolean {
    return this.#totals.messages === 0
  }

  status(awaySince: number | null): SpoolStatus {
    const { messages, bytes, first, last, setAside } = this.#totals
    return {
      messages,
      bytes,
      maxBytes: this.#maxBytes,
      firstTimestamp: first,
      lastTimestamp: last,
      awaySince,
      setAside,
    }
  }

  /** On disk when it returns. @throws {TidemarkError} `disk-full` beyond the bound; nothing of it is kept then */
  put(batches: readonly SpooledBatch[]): void {
    const bytes = batches.reduce((sum, { buffer }) => sum + buffer.byteLength, 0)
    if (this.#totals.bytes + bytes > this.#maxBytes) throw spoolFull(this.#maxBytes)
    const added = { ...this.#totals }
    this.#db.transaction(() => {
      for (const { buffer, batch } of batches) {
        const { first, last } = spanOf(batch)
        const messages = batch.messages + batch.refused.length
        this.#insert.run(messages, first, last, buffer.byteLength, Buffer.from(buffer))
        added.messages += messages
        added.bytes += buffer.byteLength
        added.first = first === null ? added.first : Math.min(first, added.first ?? first)
        added.last = last === null ? added.last : Math.max(last, added.last ?? last)
      }
    })()
    this.#totals = added
  }

  /** The oldest batches, one at least where there is one, up to a number of bytes. */
  next(maxBytes: number): DrainedBatch[] {
    const found: DrainedBatch[] = []
    let bytes = 0
    for (const { id, sizeBytes, content } of this.#select.iterate()) {
      if (found.length > 0 && bytes + sizeBytes > maxBytes) break
      bytes += sizeBytes
      // A copy with a buffer of its own, from byte 0 on, as batches are read.
      found.push({ id, buffer: Uint8Array.from(content).buffer })
    }
    return found
  }

  /** Takes out what the database has. */
  remove(ids: readonly number[]): void {
    this.#db.transaction(() => {
      for (const id of ids) this.#delete.run(id)
    })()
    this.#totals = this.#count()
    // What the disk gave is given back when all is done.
    if (this.#totals.bytes === 0) this.#db.exec('VACUUM; PRAGMA wal_checkpoint(TRUNCATE)')
  }

  /** Keeps a batch in the file that the database refuses for what it is, so that the others go on. */
  setAside(id: number, reason: string): void {
    this.#setAside.run(reason.slice(0, MAX_REASON_LENGTH), id)
    this.#totals = this.#count()
  }

  close(): void {
    this.#db.close()
  }

  #count(): Totals {
    const counted = this.#db
      .prepare<[], Totals>(
        `SELECT coalesce(sum(messages) FILTER (WHERE reason IS NULL), 0) AS messages,
           coalesce(sum(size_bytes), 0) AS bytes, min(first_timestamp) FILTER (WHERE reason IS NULL) AS first,
           max(last_timestamp) FILTER (WHERE reason IS NULL) AS last,
           coalesce(sum(messages) FILTER (WHERE reason IS NOT NULL), 0) AS setAside FROM batches`,
      )
      .get()
    return counted ?? { messages: 0, bytes: 0, first: null, last: null, setAside: 0 }
  }
}

/** How many messages wait in a file that no node has open; 0 where there is none. */
export function spooledMessages(file: string): number {
  if (!existsSync(file)) return 0
  const spool = new Spool({ file, maxBytes: 0 })
  try {
    return spool.status(null).messages
  } finally {
    spool.close()
  }
}

const MAX_REASON_LENGTH = 500

function spanOf({ messages, timestamps }: VerifiedBatch): { first: number | null; last: number | null } {
  if (messages === 0) return { first: null, last: null }
  let first = Number.POSITIVE_INFINITY
  let last = Number.NEGATIVE_INFINITY
  for (let at = 0; at < messages; at++) {
    const timestamp = timestamps[at] as number
    if (timestamp < first) first = timestamp
    if (timestamp > last) last = timestamp
  }
  return { first, last }
}

function spoolFull(maxBytes: number): TidemarkError {
  return new TidemarkError(
    'disk-full',
    `The database is away, and what waits for it on this machine’s disk has reached its bound of ${Math.round(maxBytes / 1_048_576)} MiB: no more messages are taken.`,
    'Bring the database back; what waits is stored then, and new messages are taken again by itself.',
  )
}
