import type { Address } from '../address.ts'
import type { Database, SqlRow, Statement } from '../database/database.ts'
import type { LogFinding } from './finding.ts'

/** Everything a reader has to know over a crash. One file holds all logs a node reads. */
export const RESTORE_MIGRATIONS = [
  `CREATE TABLE log (
     id INTEGER PRIMARY KEY,
     name TEXT NOT NULL UNIQUE,
     part TEXT,
     head BLOB,
     baseline BLOB,
     candidate BLOB,
     candidate_walk INTEGER,
     touched_known INTEGER NOT NULL DEFAULT 0,
     walks INTEGER NOT NULL DEFAULT 0,
     runs INTEGER NOT NULL DEFAULT 0,
     fetched_at INTEGER
   );
   CREATE TABLE page (
     id INTEGER PRIMARY KEY, log INTEGER NOT NULL, address BLOB NOT NULL, is_read INTEGER NOT NULL
   );
   CREATE UNIQUE INDEX page_address ON page (log, address);
   CREATE TABLE frontier (
     log INTEGER NOT NULL, address BLOB NOT NULL, walk INTEGER NOT NULL, PRIMARY KEY (log, address)
   ) WITHOUT ROWID;
   CREATE TABLE entry (
     log INTEGER NOT NULL, local_hash BLOB NOT NULL, page INTEGER, PRIMARY KEY (log, local_hash)
   ) WITHOUT ROWID;
   CREATE TABLE missing (
     log INTEGER NOT NULL, local_hash BLOB NOT NULL, remote_hash BLOB NOT NULL, page BLOB,
     run INTEGER NOT NULL, PRIMARY KEY (log, local_hash)
   ) WITHOUT ROWID;
   CREATE TABLE finding (
     id INTEGER PRIMARY KEY, log INTEGER NOT NULL, found_at INTEGER NOT NULL, finding TEXT NOT NULL,
     UNIQUE (log, finding)
   );`,
]

/** Findings kept of one log; a log that is wrong throughout needs no million of them. */
const MAX_FINDINGS = 1_000

export interface LogView {
  part: string | null
  /** The head that was seen last. */
  head: Uint8Array | null
  /** MVDS id of the newest message of the state that later heads have to contain. */
  baseline: Uint8Array | null
  /** Newest message of a head of which it is not known yet whether it contains the baseline. */
  candidate: Uint8Array | null
  candidateWalk: number | null
  /** The candidate's log was seen to share something with what was known before. */
  touchedKnown: boolean
  /** Heads that were walked from, and runs over the log: both only count up. */
  walks: number
  runs: number
  fetchedAt: number | null
}

/** A page that is to be read; of the newest walk first. */
export interface FrontierPage {
  address: Address
  walk: number
}

export interface MissingMessage {
  localHash: Uint8Array
  remoteHash: Address
  page: Address | null
}

/** What one step found out, committed whole. */
export interface RestoreStep {
  /** Messages that are in the store, or known to be bad: not to be fetched again; and the page that names them. */
  settled: { localHash: Uint8Array; page: Address | null }[]
  missing: MissingMessage[]
  /** Pages that are read; `next` is the page before, when it is still to be read. */
  pages: { address: Address; walk: number; next: Address | null }[]
  findings: LogFinding[]
}

export interface RestoreFigures {
  messages: number
  pages: number
  pagesToRead: number
  messagesMissing: number
}

/** The state of one log that is read. Each method is one query or one transaction. */
export class RestoredLog {
  readonly #database: Database
  readonly #id: number

  private constructor(database: Database, id: number) {
    this.#database = database
    this.#id = id
  }

  static async open(database: Database, name: string): Promise<RestoredLog> {
    await database.write([{ sql: 'INSERT OR IGNORE INTO log (name) VALUES (?)', rows: [[name]] }])
    const [row] = await database.read<{ id: number }>('SELECT id FROM log WHERE name = ?', name)
    if (row === undefined) throw new Error(`The log ${name} could not be opened.`)
    return new RestoredLog(database, row.id)
  }

  async view(): Promise<LogView> {
    const [row] = await this.#database.read<SqlRow & LogRow>('SELECT * FROM log WHERE id = ?', this.#id)
    if (row === undefined) throw new Error('The log is not in its file any more.')
    return {
      part: row.part,
      head: row.head,
      baseline: row.baseline,
      candidate: row.candidate,
      candidateWalk: row.candidate_walk,
      touchedKnown: row.touched_known === 1,
      walks: row.walks,
      runs: row.runs,
      fetchedAt: row.fetched_at,
    }
  }

  async saveView(view: LogView): Promise<void> {
    await this.#database.write([
      {
        sql: `UPDATE log SET part = ?, head = ?, baseline = ?, candidate = ?, candidate_walk = ?, touched_known = ?,
          walks = ?, runs = ?, fetched_at = ? WHERE id = ?`,
        rows: [
          [
            view.part,
            view.head,
            view.baseline,
            view.candidate,
            view.candidateWalk,
            view.touchedKnown ? 1 : 0,
            view.walks,
            view.runs,
            view.fetchedAt,
            this.#id,
          ],
        ],
      },
    ])
  }

  /** Which of the messages are settled already, as hex of their ids. */
  async known(localHashes: readonly Uint8Array[]): Promise<Set<string>> {
    const rows = await this.#database.read<{ hash: string }>(
      `SELECT lower(hex(local_hash)) AS hash FROM entry
       WHERE log = ? AND local_hash IN (SELECT unhex(value) FROM json_each(?))`,
      this.#id,
      JSON.stringify(localHashes.map((hash) => Buffer.from(hash).toString('hex'))),
    )
    return new Set(rows.map(({ hash }) => hash))
  }

  /** All of a page has been read, and with it what it leads to is read or on the frontier. */
  async isRead(page: Address): Promise<boolean> {
    const rows = await this.#database.read(
      'SELECT 1 AS found FROM page WHERE log = ? AND address = ? AND is_read = 1',
      this.#id,
      page,
    )
    return rows.length > 0
  }

  async addToFrontier(address: Address, walk: number): Promise<void> {
    await this.#database.write([{ sql: ADD_FRONTIER, rows: [[this.#id, address, walk]] }])
  }

  /** Pages to read, those of the newest walk first. */
  async frontier(): Promise<FrontierPage[]> {
    return this.#database.read<SqlRow & FrontierPage>(
      'SELECT address, walk FROM frontier WHERE log = ? ORDER BY walk DESC LIMIT 1000',
      this.#id,
    )
  }

  /** Messages that were missing in runs before `run`, by id. */
  async missingBefore(run: number, after: Uint8Array, limit: number): Promise<MissingMessage[]> {
    const rows = await this.#database.read<SqlRow & MissingRow>(
      `SELECT local_hash, remote_hash, page FROM missing
       WHERE log = ? AND local_hash > ? AND run < ? ORDER BY local_hash LIMIT ?`,
      this.#id,
      after,
      run,
      limit,
    )
    return rows.map((row) => ({ localHash: row.local_hash, remoteHash: row.remote_hash, page: row.page }))
  }

  async commit({ settled, missing, pages, findings }: RestoreStep, run: number, atMs: number): Promise<void> {
    const log = this.#id
    const statements: Statement[] = [
      {
        sql: `INSERT INTO page (log, address, is_read) VALUES (?, ?, 1)
          ON CONFLICT (log, address) DO UPDATE SET is_read = 1`,
        rows: pages.map(({ address }) => [log, address]),
      },
      // Of a large page, messages are settled before all of it is read.
      {
        sql: 'INSERT OR IGNORE INTO page (log, address, is_read) VALUES (?, ?, 0)',
        rows: [...new Set(settled.map(({ page }) => page))].flatMap((page) =>
          page === null ? [] : [[log, page]],
        ),
      },
      {
        sql: `INSERT INTO entry (log, local_hash, page) VALUES (?, ?, (SELECT id FROM page WHERE log = ? AND address = ?))
          ON CONFLICT (log, local_hash) DO UPDATE SET page = coalesce(excluded.page, page)`,
        rows: settled.map(({ localHash, page }) => [log, localHash, log, page]),
      },
      {
        sql: 'DELETE FROM missing WHERE log = ? AND local_hash = ?',
        rows: settled.map(({ localHash }) => [log, localHash]),
      },
      {
        sql: 'INSERT OR REPLACE INTO missing (log, local_hash, remote_hash, page, run) VALUES (?, ?, ?, ?, ?)',
        rows: missing.map(({ localHash, remoteHash, page }) => [log, localHash, remoteHash, page, run]),
      },
      {
        sql: 'DELETE FROM frontier WHERE log = ? AND address = ?',
        rows: pages.map(({ address }) => [log, address]),
      },
      {
        sql: ADD_FRONTIER,
        rows: pages.flatMap(({ next, walk }) => (next === null ? [] : [[log, next, walk]])),
      },
      ...this.#findingStatements(findings, atMs),
    ]
    await this.#database.write(statements.filter(({ rows }) => rows.length > 0))
  }

  async addFindings(findings: readonly LogFinding[], atMs: number): Promise<void> {
    await this.#database.write(this.#findingStatements(findings, atMs))
  }

  #findingStatements(findings: readonly LogFinding[], atMs: number): Statement[] {
    return [
      {
        sql: `INSERT OR IGNORE INTO finding (log, found_at, finding)
          SELECT ?, ?, ? WHERE (SELECT count(*) FROM finding WHERE log = ?) < ${MAX_FINDINGS}`,
        rows: findings.map((finding) => [this.#id, atMs, JSON.stringify(finding), this.#id]),
      },
    ]
  }

  async findings(limit = MAX_FINDINGS): Promise<{ foundAt: number; finding: LogFinding }[]> {
    const rows = await this.#database.read<{ found_at: number; finding: string }>(
      'SELECT found_at, finding FROM finding WHERE log = ? ORDER BY id DESC LIMIT ?',
      this.#id,
      limit,
    )
    return rows.map((row) => ({ foundAt: row.found_at, finding: JSON.parse(row.finding) as LogFinding }))
  }

  /** The page a message was found on; `undefined` when it is not part of the log, null while it is on the head. */
  async pageOf(localHash: Uint8Array): Promise<Address | null | undefined> {
    const [row] = await this.#database.read<{ address: Uint8Array | null }>(
      `SELECT page.address FROM entry LEFT JOIN page ON page.id = entry.page
       WHERE entry.log = ? AND entry.local_hash = ?`,
      this.#id,
      localHash,
    )
    return row === undefined ? undefined : row.address
  }

  async figures(): Promise<RestoreFigures> {
    const count = (table: string, condition = '') =>
      `(SELECT count(*) FROM ${table} WHERE ${table}.log = log.id ${condition})`
    const [row] = await this.#database.read<SqlRow & RestoreFigures>(
      `SELECT ${count('entry')} AS messages, ${count('page', 'AND is_read = 1')} AS pages, ${count('frontier')} AS pagesToRead,
         ${count('missing')} AS messagesMissing FROM log WHERE id = ?`,
      this.#id,
    )
    return row ?? { messages: 0, pages: 0, pagesToRead: 0, messagesMissing: 0 }
  }
}

/** A page that was read already is not read again. */
const ADD_FRONTIER = `INSERT OR IGNORE INTO frontier (log, address, walk)
  SELECT column1, column2, column3 FROM (VALUES (?, ?, ?))
  WHERE NOT EXISTS (SELECT 1 FROM page WHERE log = column1 AND address = column2 AND is_read = 1)`

interface LogRow {
  part: string | null
  head: Uint8Array | null
  baseline: Uint8Array | null
  candidate: Uint8Array | null
  candidate_walk: number | null
  touched_known: number
  walks: number
  runs: number
  fetched_at: number | null
}

interface MissingRow {
  local_hash: Uint8Array
  remote_hash: Uint8Array
  page: Uint8Array | null
}
