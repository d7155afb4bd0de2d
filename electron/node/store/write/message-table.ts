import type { VerifiedBatch } from '../../message/verified-batch.ts'
import type { SqlConnection } from '../sql-connection.ts'
import type { ChainPosition } from './chain-state.ts'
import { FLAG_EQUIVOCATION, hasPredecessor, type MessageEntry, type MessageKey } from './message-entry.ts'

/** Outcome of putting a message into `messages`. */
export interface Inserted {
  isNew: boolean
  /** Other digests stored under the same message id. */
  rivals: number
}

const FRESH: Inserted = { isNew: true, rivals: 0 }
const DUPLICATE: Inserted = { isNew: false, rivals: 0 }

/** What is needed of a stored message to change its verdict. */
export interface DecidableRow {
  verdict: number
  reason: number
  sizeBytes: number
  previousTimestamp: number | null
  previousSequence: number | null
}

/**
 * Passes over a key that is there, and nothing else: `OR IGNORE` would also pass over a row that breaks another
 * constraint, and call a message stored that is not.
 */
const UNLESS_STORED = 'ON CONFLICT (part, timestamp, sequence, publisher, chain, digest) DO NOTHING'

/** Numbers of names, where they have any. */
export interface KnownNames {
  part(name: string): number | undefined
  publisher(name: string): number | undefined
  chain(name: string): number | undefined
}

/** Statements over `messages`. */
export class MessageTable {
  readonly #insert
  readonly #countSameId
  readonly #markEquivocation
  readonly #select
  readonly #selectSameId
  readonly #setVerdict
  readonly #isStored

  constructor(db: SqlConnection) {
    const sameId = 'WHERE part = ? AND timestamp = ? AND sequence = ? AND publisher = ? AND chain = ?'
    this.#insert = db.prepare(
      `INSERT INTO messages (part, timestamp, sequence, publisher, chain, digest, previous_timestamp,
         previous_sequence, verdict, reason, flags, source, received_at, raw)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
       ${UNLESS_STORED}`,
    )
    this.#countSameId = db.prepare<number[], number>(`SELECT count(*) FROM messages ${sameId}`).pluck()
    this.#markEquivocation = db.prepare(`UPDATE messages SET flags = flags | ${FLAG_EQUIVOCATION} ${sameId}`)
    const decidable = `SELECT verdict, reason, length(raw) AS "sizeBytes", previous_timestamp AS "previousTimestamp",
      previous_sequence AS "previousSequence" FROM messages`
    this.#select = db.prepare<unknown[], DecidableRow>(`${decidable} ${sameId} AND digest = ?`)
    this.#selectSameId = db.prepare<unknown[], DecidableRow>(`${decidable} ${sameId}`)
    this.#isStored = db.prepare<number[], number>(`SELECT 1 FROM messages ${sameId} LIMIT 1`).pluck()
    this.#setVerdict = db.prepare(`UPDATE messages SET verdict = ?, reason = ? ${sameId} AND digest = ?`)
  }

  /** Told of the batches a transaction is about to store, so that an engine may look for all of them at once. */
  expect(_batches: readonly VerifiedBatch[], _names: KnownNames): void {
    // SQLite finds a row as fast as it would gather what to find.
  }

  /**
   * @param isNewest that nothing of its chain at or after it is stored, so that neither a duplicate nor a rival
   *   needs to be looked for
   */
  insert(part: number, publisher: number, chain: number, entry: MessageEntry, isNewest: boolean): Inserted {
    const { timestamp, sequence } = entry
    const named = hasPredecessor(entry)
    const { changes } = this.#insert.run(
      part,
      timestamp,
      sequence,
      publisher,
      chain,
      entry.digest,
      named ? entry.previousTimestamp : null,
      named ? entry.previousSequence : null,
      entry.verdict,
      entry.reason,
      entry.flags,
      entry.source,
      entry.receivedAt,
      entry.raw,
    )
    if (changes === 0) return DUPLICATE
    if (isNewest) return FRESH
    const rivals = (this.#countSameId.get(part, timestamp, sequence, publisher, chain) ?? 1) - 1
    if (rivals > 0) this.mark(part, publisher, chain, entry)
    return { isNew: true, rivals }
  }

  /** Marks all contents stored under one message id as equivocating. */
  mark(part: number, publisher: number, chain: number, at: ChainPosition): void {
    this.#markEquivocation.run(part, at.timestamp, at.sequence, publisher, chain)
  }

  /** Whether anything is stored under a message id. */
  isStored(part: number, timestamp: number, sequence: number, publisher: number, chain: number): boolean {
    return this.#isStored.get(part, timestamp, sequence, publisher, chain) !== undefined
  }

  find(part: number, publisher: number, chain: number, key: MessageKey): DecidableRow | undefined {
    return this.#select.get(part, key.timestamp, key.sequence, publisher, chain, key.digest)
  }

  /** All contents stored under one message id. */
  sameId(part: number, publisher: number, chain: number, at: ChainPosition): DecidableRow[] {
    return this.#selectSameId.all(part, at.timestamp, at.sequence, publisher, chain)
  }

  setVerdict(
    part: number,
    publisher: number,
    chain: number,
    key: MessageKey,
    verdict: number,
    reason: number,
  ): void {
    this.#setVerdict.run(verdict, reason, part, key.timestamp, key.sequence, publisher, chain, key.digest)
  }
}
