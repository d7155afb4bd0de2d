import { TidemarkError } from '../../../../shared/errors.ts'
import type { StreamPartId } from '../../../../shared/message.ts'
import type { Address } from '../address.ts'
import type { Database, SqlRow, Statement } from '../database/database.ts'
import { toHex } from '../hex.ts'
import type { OpenEntry, Plan } from './plan.ts'

/** Everything a publisher has to know over a crash. One file holds all logs of a node. */
export const PUBLISHER_MIGRATIONS = [
  `CREATE TABLE log (
     id INTEGER PRIMARY KEY,
     name TEXT NOT NULL UNIQUE,
     part TEXT NOT NULL,
     position INTEGER NOT NULL DEFAULT 0,
     messages INTEGER NOT NULL DEFAULT 0,
     pages INTEGER NOT NULL DEFAULT 0,
     page_bytes INTEGER NOT NULL DEFAULT 0,
     planned_head BLOB,
     published_head BLOB,
     published_at INTEGER
   );
   CREATE TABLE entry (
     log INTEGER NOT NULL, local_hash BLOB NOT NULL, number INTEGER NOT NULL, PRIMARY KEY (log, local_hash)
   ) WITHOUT ROWID;
   CREATE TABLE open_entry (
     log INTEGER NOT NULL, number INTEGER NOT NULL, local_hash BLOB NOT NULL, remote_hash BLOB, message BLOB,
     PRIMARY KEY (log, number)
   ) WITHOUT ROWID;
   CREATE TABLE page (
     log INTEGER NOT NULL, last_number INTEGER NOT NULL, first_number INTEGER NOT NULL, address BLOB NOT NULL,
     size_bytes INTEGER NOT NULL, PRIMARY KEY (log, last_number)
   ) WITHOUT ROWID;
   CREATE TABLE upload (id INTEGER PRIMARY KEY, log INTEGER NOT NULL, content BLOB NOT NULL);
   CREATE INDEX upload_log ON upload (log, id);`,
]

export interface LogRecord {
  /** Everything the source holds up to here is planned. */
  position: number
  plannedHead: Uint8Array | null
  publishedHead: Uint8Array | null
  publishedAt: number | null
}

export interface Upload {
  id: number
  content: Uint8Array
}

export interface LogFigures {
  messages: number
  pages: number
  pageBytes: number
  pendingUploads: number
}

/** An entry that was read from the source, on its way into the log. */
export interface NewEntry {
  localHash: Uint8Array
  message: Uint8Array
}

/** The state of one published log. Each method is one query or one transaction. */
export class PublishedLog {
  readonly #database: Database
  readonly #id: number

  private constructor(database: Database, id: number) {
    this.#database = database
    this.#id = id
  }

  /** @throws TidemarkError `remote-log-taken` when this node publishes another stream part under the name. */
  static async open(database: Database, name: string, part: StreamPartId): Promise<PublishedLog> {
    await database.write([
      { sql: 'INSERT OR IGNORE INTO log (name, part) VALUES (?, ?)', rows: [[name, part]] },
    ])
    const [row] = await database.read<{ id: number; part: string }>(
      'SELECT id, part FROM log WHERE name = ?',
      name,
    )
    if (row === undefined) throw new Error(`The log ${name} could not be opened.`)
    if (row.part !== part) {
      throw new TidemarkError(
        'remote-log-taken',
        `The name ${name} is in use for ${row.part}.`,
        'Publish each stream part under a name of its own.',
      )
    }
    return new PublishedLog(database, row.id)
  }

  async record(): Promise<LogRecord> {
    const [row] = await this.#database.read<{
      position: number
      planned_head: Uint8Array | null
      published_head: Uint8Array | null
      published_at: number | null
    }>('SELECT position, planned_head, published_head, published_at FROM log WHERE id = ?', this.#id)
    if (row === undefined) throw new Error('The log is not in its file any more.')
    return {
      position: row.position,
      plannedHead: row.planned_head,
      publishedHead: row.published_head,
      publishedAt: row.published_at,
    }
  }

  /** Place in the log of those of the messages that are part of it, by the hex of their hash. */
  async numbers(localHashes: readonly Uint8Array[]): Promise<Map<string, number>> {
    const wanted = JSON.stringify(localHashes.map(toHex))
    const rows = await this.#database.read<{ hash: string; number: number }>(
      `SELECT lower(hex(local_hash)) AS hash, number FROM entry
       WHERE log = ? AND local_hash IN (SELECT unhex(value) FROM json_each(?))`,
      this.#id,
      wanted,
    )
    return new Map(rows.map(({ hash, number }) => [hash, number]))
  }

  /** Entries that are on no closed page, oldest first. */
  async openEntries(): Promise<OpenEntry[]> {
    const rows = await this.#database.read<SqlRow & OpenEntryRow>(
      'SELECT number, local_hash, remote_hash, message FROM open_entry WHERE log = ? ORDER BY number',
      this.#id,
    )
    return rows.map((row) => ({
      number: row.number,
      localHash: row.local_hash,
      remoteHash: row.remote_hash,
      message: row.message,
    }))
  }

  /** The newest closed page. */
  async newestPage(): Promise<Address | null> {
    const [row] = await this.#database.read<{ address: Uint8Array }>(
      'SELECT address FROM page WHERE log = ? ORDER BY last_number DESC LIMIT 1',
      this.#id,
    )
    return row?.address ?? null
  }

  /** The closed page an entry is on, or null while it is on the head. */
  async pageOf(number: number): Promise<Address | null> {
    const [row] = await this.#database.read<{ address: Uint8Array }>(
      'SELECT address FROM page WHERE log = ? AND last_number >= ? ORDER BY last_number LIMIT 1',
      this.#id,
      number,
    )
    return row?.address ?? null
  }

  async figures(): Promise<LogFigures> {
    const [row] = await this.#database.read<SqlRow & LogFigures>(
      `SELECT messages, pages, page_bytes AS pageBytes,
         (SELECT count(*) FROM upload WHERE upload.log = log.id) AS pendingUploads
       FROM log WHERE id = ?`,
      this.#id,
    )
    return row ?? { messages: 0, pages: 0, pageBytes: 0, pendingUploads: 0 }
  }

  /** Remembers a plan whole, before any of it is carried out. */
  async commitPlan(
    plan: Plan,
    added: readonly NewEntry[],
    firstNumber: number,
    position: number,
    head: Uint8Array,
  ): Promise<void> {
    const log = this.#id
    const pageBytes = plan.pages.reduce((sum, { content }) => sum + content.length, 0)
    const statements: Statement[] = [
      {
        sql: 'INSERT INTO entry (log, local_hash, number) VALUES (?, ?, ?)',
        rows: added.map(({ localHash }, at) => [log, localHash, firstNumber + at]),
      },
      { sql: 'DELETE FROM open_entry WHERE log = ?', rows: [[log]] },
      {
        sql: 'INSERT INTO open_entry (log, number, local_hash, remote_hash, message) VALUES (?, ?, ?, ?, ?)',
        rows: plan.open.map((entry) => [log, entry.number, entry.localHash, entry.remoteHash, entry.message]),
      },
      {
        sql: 'INSERT INTO page (log, last_number, first_number, address, size_bytes) VALUES (?, ?, ?, ?, ?)',
        rows: plan.pages.map((page) => [
          log,
          page.lastNumber,
          page.firstNumber,
          page.address,
          page.content.length,
        ]),
      },
      {
        sql: 'INSERT INTO upload (log, content) VALUES (?, ?)',
        rows: [...plan.messages, ...plan.pages.map(({ content }) => content)].map((content) => [
          log,
          content,
        ]),
      },
      {
        sql: `UPDATE log SET position = ?, planned_head = ?,
          messages = messages + ?, pages = pages + ?, page_bytes = page_bytes + ? WHERE id = ?`,
        rows: [[position, head, added.length, plan.pages.length, pageBytes, log]],
      },
    ]
    await this.#database.write(statements)
  }

  /** The source was read up to `position` and had nothing new for the log. */
  async skipTo(position: number): Promise<void> {
    await this.#database.write([
      { sql: 'UPDATE log SET position = ? WHERE id = ?', rows: [[position, this.#id]] },
    ])
  }

  /** The next pieces to upload; at least one, if there is any. */
  async nextUploads(maxCount: number, maxBytes: number): Promise<Upload[]> {
    return this.#database.read<SqlRow & Upload>(
      `SELECT id, content FROM (
         SELECT id, content, sum(length(content)) OVER (ORDER BY id) - length(content) AS before
         FROM (SELECT id, content FROM upload WHERE log = ? ORDER BY id LIMIT ?)
       ) WHERE before < ?`,
      this.#id,
      maxCount,
      maxBytes,
    )
  }

  async uploaded(uploads: readonly Upload[]): Promise<void> {
    await this.#database.write([
      { sql: 'DELETE FROM upload WHERE id = ?', rows: uploads.map(({ id }) => [id]) },
    ])
  }

  async published(head: Uint8Array, atMs: number): Promise<void> {
    await this.#database.write([
      {
        sql: 'UPDATE log SET published_head = ?, published_at = ? WHERE id = ?',
        rows: [[head, atMs, this.#id]],
      },
    ])
  }
}

interface OpenEntryRow {
  number: number
  local_hash: Uint8Array
  remote_hash: Uint8Array | null
  message: Uint8Array | null
}
