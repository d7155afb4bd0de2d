import type { StreamPartId } from '../../../../shared/message.ts'
import type { Database, SqlRow, Statement } from '../database/database.ts'
import { toHex } from '../hex.ts'

/** What is kept of MVDS: records of OFFER, REQUEST and MESSAGE per peer, never of ACK. */
export const MVDS_MIGRATIONS = [
  `CREATE TABLE clock (id INTEGER PRIMARY KEY CHECK (id = 1), epoch INTEGER NOT NULL);
   INSERT INTO clock VALUES (1, 0);
   CREATE TABLE peer (
     id INTEGER PRIMARY KEY, peer TEXT NOT NULL UNIQUE, label TEXT NOT NULL, paired_at INTEGER NOT NULL
   );
   CREATE TABLE record (
     peer INTEGER NOT NULL REFERENCES peer, message BLOB NOT NULL, type INTEGER NOT NULL,
     send_count INTEGER NOT NULL DEFAULT 0, send_epoch INTEGER NOT NULL, PRIMARY KEY (peer, message)
   ) WITHOUT ROWID;
   CREATE INDEX record_due ON record (peer, type, send_epoch);
   CREATE TABLE shown (peer INTEGER NOT NULL, message BLOB NOT NULL, PRIMARY KEY (peer, message)) WITHOUT ROWID;
   CREATE TABLE part (id INTEGER PRIMARY KEY, part TEXT NOT NULL UNIQUE, position INTEGER NOT NULL DEFAULT 0);
   CREATE TABLE held (message BLOB PRIMARY KEY, part INTEGER, position INTEGER) WITHOUT ROWID;
   CREATE TABLE feed (
     peer INTEGER NOT NULL, part INTEGER NOT NULL, position INTEGER NOT NULL, PRIMARY KEY (peer, part)
   ) WITHOUT ROWID;`,
]

export const RECORD_TYPE = { offer: 1, request: 2, message: 3 } as const
export type RecordType = keyof typeof RECORD_TYPE

export interface PairedPeer {
  /** Row of the peer; other tables name it by this. */
  id: number
  /** libp2p peer id, or whatever names peers on the transport. */
  peer: string
  label: string
  pairedAt: number
}

/** A message this node holds; `part` and `position` are null until it was met in the local log. */
export interface HeldMessage {
  message: Uint8Array
  part: StreamPartId | null
  position: number | null
}

export interface DueRecord {
  message: Uint8Array
  sendCount: number
}

/** Queries of the MVDS tables, and the statements that change them; what belongs together is written together. */
export class MvdsState {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  async write(statements: readonly Statement[]): Promise<void> {
    const filled = statements.filter(({ rows }) => rows.length > 0)
    if (filled.length > 0) await this.#database.write(filled)
  }

  async epoch(): Promise<number> {
    const [row] = await this.#database.read<{ epoch: number }>('SELECT epoch FROM clock')
    return row?.epoch ?? 0
  }

  async peers(): Promise<PairedPeer[]> {
    const rows = await this.#database.read<
      SqlRow & { id: number; peer: string; label: string; paired_at: number }
    >('SELECT id, peer, label, paired_at FROM peer ORDER BY id')
    return rows.map(({ id, peer, label, paired_at }) => ({ id, peer, label, pairedAt: paired_at }))
  }

  async due(peer: number, type: RecordType, epoch: number, limit: number): Promise<DueRecord[]> {
    const rows = await this.#database.read<{ message: Uint8Array; send_count: number }>(
      'SELECT message, send_count FROM record WHERE peer = ? AND type = ? AND send_epoch <= ? ORDER BY send_epoch LIMIT ?',
      peer,
      RECORD_TYPE[type],
      epoch,
      limit,
    )
    return rows.map(({ message, send_count }) => ({ message, sendCount: send_count }))
  }

  async countRecords(peer: number): Promise<{ outgoing: number; requests: number }> {
    const [row] = await this.#database.read<{ outgoing: number; requests: number }>(
      `SELECT coalesce(sum(type <> 2), 0) AS outgoing, coalesce(sum(type = 2), 0) AS requests
       FROM record WHERE peer = ?`,
      peer,
    )
    return row ?? { outgoing: 0, requests: 0 }
  }

  async held(messages: readonly Uint8Array[]): Promise<Map<string, HeldMessage>> {
    const rows = await this.#database.read<SqlRow & HeldMessage>(
      `SELECT held.message, part.part, held.position FROM held LEFT JOIN part ON part.id = held.part
       WHERE held.message IN (SELECT unhex(value) FROM json_each(?))`,
      JSON.stringify(messages.map(toHex)),
    )
    return new Map(rows.map((row) => [toHex(row.message), row]))
  }

  /** Which of the messages the peer has shown to have. */
  async shown(peer: number, messages: readonly Uint8Array[]): Promise<Set<string>> {
    const rows = await this.#database.read<{ hash: string }>(
      `SELECT lower(hex(message)) AS hash FROM shown
       WHERE peer = ? AND message IN (SELECT unhex(value) FROM json_each(?))`,
      peer,
      JSON.stringify(messages.map(toHex)),
    )
    return new Set(rows.map(({ hash }) => hash))
  }

  /** How far the local log of a part was looked through. */
  async scanned(part: StreamPartId): Promise<{ id: number; position: number }> {
    await this.#database.write([{ sql: 'INSERT OR IGNORE INTO part (part) VALUES (?)', rows: [[part]] }])
    const [row] = await this.#database.read<{ id: number; position: number }>(
      'SELECT id, position FROM part WHERE part = ?',
      part,
    )
    return row ?? { id: 0, position: 0 }
  }

  /** How far the local log of a part was taken up for a peer. */
  async fed(peer: number, part: number): Promise<number> {
    const [row] = await this.#database.read<{ position: number }>(
      'SELECT position FROM feed WHERE peer = ? AND part = ?',
      peer,
      part,
    )
    return row?.position ?? 0
  }
}

/** Statements, each for any number of rows. */
export const SQL = {
  saveEpoch: 'UPDATE clock SET epoch = ?',
  addPeer: `INSERT INTO peer (peer, label, paired_at) VALUES (?, ?, ?)
    ON CONFLICT (peer) DO UPDATE SET label = excluded.label`,
  /** peer, message, type, epoch. A record that changes its type starts anew. */
  addRecord: `INSERT INTO record (peer, message, type, send_epoch) VALUES (?, ?, ?, ?)
    ON CONFLICT (peer, message) DO UPDATE SET type = excluded.type, send_count = 0, send_epoch = excluded.send_epoch
    WHERE type <> excluded.type`,
  removeRecord: 'DELETE FROM record WHERE peer = ? AND message = ?',
  removeOutgoing: 'DELETE FROM record WHERE peer = ? AND message = ? AND type <> 2',
  removeRequest: 'DELETE FROM record WHERE peer = ? AND message = ? AND type = 2',
  /** send count, send epoch, peer, message */
  sent: 'UPDATE record SET send_count = ?, send_epoch = ? WHERE peer = ? AND message = ?',
  /** epoch, peer */
  wake: 'UPDATE record SET send_epoch = ? WHERE peer = ?',
  addShown: 'INSERT OR IGNORE INTO shown (peer, message) VALUES (?, ?)',
  removeShown: 'DELETE FROM shown WHERE peer = ? AND message = ?',
  addHeld: 'INSERT OR IGNORE INTO held (message) VALUES (?)',
  locateHeld: `INSERT INTO held (message, part, position) VALUES (?, ?, ?)
    ON CONFLICT (message) DO UPDATE SET part = excluded.part, position = excluded.position WHERE position IS NULL`,
  saveScan: 'UPDATE part SET position = ? WHERE id = ?',
  saveFeed: `INSERT INTO feed (peer, part, position) VALUES (?, ?, ?)
    ON CONFLICT (peer, part) DO UPDATE SET position = excluded.position`,
} as const
