import { createHash } from 'node:crypto'
import type { SqlConnection } from '../sql-connection.ts'
import { hasPredecessor, type MessageEntry, type MessageKey } from './message-entry.ts'

/** Bytes of the hash that tells copies of one message apart by their signatures. */
const COPY_BYTES = 16

export type UnprovenRow = {
  timestamp: number
  sequence: number
  publisher: string
  chain: string
  digest: Buffer
  copy: Buffer
  previous_timestamp: number | null
  previous_sequence: number | null
  verdict: number
  reason: number
  flags: number
  source: number
  received_at: number
  raw: Buffer
}

/** Statements over a table of messages that must not take a key in `messages`: `unproven` or `held`. */
export class UnprovenTable {
  readonly #insert
  readonly #delete
  readonly #setVerdict
  readonly #copies
  readonly #oldest

  constructor(db: SqlConnection, table: 'unproven' | 'held') {
    this.#insert = db.prepare(
      `INSERT INTO ${table} (part, timestamp, sequence, publisher, chain, digest, copy,
         previous_timestamp, previous_sequence, verdict, reason, flags, source, received_at, raw)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (part, timestamp, sequence, publisher, chain, digest, copy) DO NOTHING`,
    )
    const key = 'part = ? AND timestamp = ? AND sequence = ? AND publisher = ? AND chain = ? AND digest = ?'
    this.#delete = db.prepare(`DELETE FROM ${table} WHERE ${key} AND copy = ?`)
    this.#setVerdict = db.prepare(`UPDATE ${table} SET verdict = ?, reason = ? WHERE ${key} AND copy = ?`)
    this.#copies = db.prepare<unknown[], UnprovenRow>(
      `SELECT * FROM ${table} WHERE ${key} ORDER BY received_at, copy`,
    )
    this.#oldest = db.prepare<[number, number, number], UnprovenRow>(
      `SELECT * FROM ${table} WHERE part = ? AND verdict = ? ORDER BY received_at LIMIT ?`,
    )
  }

  /** @returns whether it was not there yet */
  insert(part: number, entry: MessageEntry): boolean {
    const named = hasPredecessor(entry)
    const { changes } = this.#insert.run(
      part,
      entry.timestamp,
      entry.sequence,
      entry.publisher,
      entry.chain,
      entry.digest,
      copyOf(entry.raw),
      named ? entry.previousTimestamp : null,
      named ? entry.previousSequence : null,
      entry.verdict,
      entry.reason,
      entry.flags,
      entry.source,
      entry.receivedAt,
      entry.raw,
    )
    return changes > 0
  }

  delete(part: number, row: UnprovenRow): void {
    this.#delete.run(part, row.timestamp, row.sequence, row.publisher, row.chain, row.digest, row.copy)
  }

  setVerdict(part: number, row: UnprovenRow, verdict: number, reason: number): void {
    const { timestamp, sequence, publisher, chain, digest, copy } = row
    this.#setVerdict.run(verdict, reason, part, timestamp, sequence, publisher, chain, digest, copy)
  }

  /** All copies of one message, the earliest received first. */
  copies(part: number, key: MessageKey): UnprovenRow[] {
    return this.#copies.all(part, key.timestamp, key.sequence, key.publisher, key.chain, key.digest)
  }

  /** The `limit` messages of a verdict that were received first. */
  oldest(part: number, verdict: number, limit: number): UnprovenRow[] {
    return this.#oldest.all(part, verdict, limit)
  }
}

/** Short hash of raw bytes: the same payload with another signature is another copy. */
export function copyOf(raw: Uint8Array): Buffer {
  return createHash('sha256').update(raw).digest().subarray(0, COPY_BYTES)
}

export function toEntry(row: UnprovenRow): MessageEntry {
  return {
    timestamp: row.timestamp,
    sequence: row.sequence,
    publisher: row.publisher,
    chain: row.chain,
    previousTimestamp: row.previous_timestamp ?? Number.NaN,
    previousSequence: row.previous_sequence ?? 0,
    digest: row.digest,
    verdict: row.verdict,
    reason: row.reason,
    flags: row.flags,
    source: row.source,
    receivedAt: row.received_at,
    raw: row.raw,
  }
}
