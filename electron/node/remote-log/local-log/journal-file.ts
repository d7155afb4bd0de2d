import type { StreamPartId } from '../../../../shared/message.ts'
import { DigestSum } from '../../message/digest-sum.ts'
import type { Database, SqlRow, Statement } from '../database/database.ts'
import { toHex } from '../hex.ts'

/** The order in which this node stored the messages of stream parts that go into logs. One file for all of them. */
export const JOURNAL_MIGRATIONS = [
  `CREATE TABLE part (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
   CREATE TABLE entry (
     part INTEGER NOT NULL, position INTEGER NOT NULL, timestamp INTEGER NOT NULL, sequence INTEGER NOT NULL,
     size_bytes INTEGER NOT NULL, digest BLOB NOT NULL, PRIMARY KEY (part, position)
   ) WITHOUT ROWID;
   CREATE UNIQUE INDEX entry_digest ON entry (part, digest);
   CREATE TABLE bucket (
     part INTEGER NOT NULL, level INTEGER NOT NULL, start INTEGER NOT NULL, count INTEGER NOT NULL,
     sum BLOB NOT NULL, PRIMARY KEY (part, level, start)
   ) WITHOUT ROWID;`,
]

export interface JournalEntry {
  position: number
  timestamp: number
  sequence: number
  sizeBytes: number
  digest: Uint8Array
}

export type NewJournalEntry = Omit<JournalEntry, 'position'>

export interface BucketRow {
  level: number
  start: number
  sum: DigestSum
}

/** What is on disk of one part's journal. Each method is one query or one transaction. */
export class JournalFile {
  readonly #database: Database
  readonly #part: number

  private constructor(database: Database, part: number) {
    this.#database = database
    this.#part = part
  }

  static async open(database: Database, part: StreamPartId): Promise<JournalFile> {
    await database.write([{ sql: 'INSERT OR IGNORE INTO part (name) VALUES (?)', rows: [[part]] }])
    const [row] = await database.read<{ id: number }>('SELECT id FROM part WHERE name = ?', part)
    if (row === undefined) throw new Error(`The journal of ${part} could not be opened.`)
    return new JournalFile(database, row.id)
  }

  async lastPosition(): Promise<number> {
    const [row] = await this.#database.read<{ position: number | null }>(
      'SELECT max(position) AS position FROM entry WHERE part = ?',
      this.#part,
    )
    return row?.position ?? 0
  }

  /** Which of the digests have an entry, in hex. */
  async known(digests: readonly Uint8Array[]): Promise<Set<string>> {
    const rows = await this.#database.read<{ digest: string }>(
      `SELECT lower(hex(digest)) AS digest FROM entry
       WHERE part = ? AND digest IN (SELECT unhex(value) FROM json_each(?))`,
      this.#part,
      JSON.stringify(digests.map(toHex)),
    )
    return new Set(rows.map(({ digest }) => digest))
  }

  /** The next entries after `position`: at most `maxEntries` of at most `maxBytes` together, and one at least. */
  async after(position: number, maxEntries: number, maxBytes: number): Promise<JournalEntry[]> {
    return this.#database.read<SqlRow & JournalEntry>(
      `SELECT position, timestamp, sequence, size_bytes AS sizeBytes, digest FROM (
         SELECT *, sum(size_bytes) OVER (ORDER BY position) - size_bytes AS before
         FROM (SELECT * FROM entry WHERE part = ? AND position > ? ORDER BY position LIMIT ?)
       ) WHERE before < ?`,
      this.#part,
      position,
      maxEntries,
      maxBytes,
    )
  }

  /** Buckets of one level that begin within `from` to `to`, by their start. */
  async buckets(level: number, from: number, to: number): Promise<Map<number, DigestSum>> {
    const rows = await this.#database.read<SqlRow & { start: number; count: number; sum: Uint8Array }>(
      'SELECT start, count, sum FROM bucket WHERE part = ? AND level = ? AND start >= ? AND start <= ?',
      this.#part,
      level,
      from,
      to,
    )
    return new Map(rows.map(({ start, count, sum }) => [start, new DigestSum(count, sum)]))
  }

  async add(
    firstPosition: number,
    entries: readonly NewJournalEntry[],
    buckets: readonly BucketRow[],
  ): Promise<void> {
    const part = this.#part
    await this.#write([
      {
        sql: `INSERT INTO entry (part, position, timestamp, sequence, size_bytes, digest) VALUES (?, ?, ?, ?, ?, ?)`,
        rows: entries.map(({ timestamp, sequence, sizeBytes, digest }, at) => [
          ...[part, firstPosition + at, timestamp, sequence, sizeBytes],
          digest,
        ]),
      },
      this.#saveBuckets(buckets),
    ])
  }

  async saveBuckets(buckets: readonly BucketRow[]): Promise<void> {
    await this.#write([this.#saveBuckets(buckets)])
  }

  #saveBuckets(buckets: readonly BucketRow[]): Statement {
    return {
      sql: 'INSERT OR REPLACE INTO bucket (part, level, start, count, sum) VALUES (?, ?, ?, ?, ?)',
      rows: buckets.map(({ level, start, sum }) => [this.#part, level, start, sum.count, sum.sum]),
    }
  }

  async #write(statements: readonly Statement[]): Promise<void> {
    const filled = statements.filter(({ rows }) => rows.length > 0)
    if (filled.length > 0) await this.#database.write(filled)
  }
}
