import type { Blockstore, InputPair, Pair } from 'interface-blockstore'
import { CID } from 'multiformats/cid'
import { CommitQueue } from '../database/commit-queue.ts'
import type { Database, SqlRow } from '../database/database.ts'
import { NotFound } from './not-found.ts'

type AnyIterable<T> = Iterable<T> | AsyncIterable<T>

/**
 * Why a block is here. `kept`: added by this node, or kept for others on purpose. `head`: a head of a log, out of
 * use as soon as the name has moved on. `cached`: fetched from a peer on the way.
 */
export const BLOCK_ROLE = { kept: 0, head: 1, cached: 2 } as const
export type BlockRole = (typeof BLOCK_ROLE)[keyof typeof BLOCK_ROLE]

interface BlockRow extends SqlRow {
  cid: Uint8Array
  content: Uint8Array
}

/** Keys are read in pages of this many, so that listing does not hold all of them in memory. */
const LIST_PAGE = 256

const PUT = `INSERT INTO block (cid, role, content) VALUES (?, ?, ?)
  ON CONFLICT (cid) DO UPDATE SET role = excluded.role WHERE excluded.role < role`

const FORGET_HEAD =
  'DELETE FROM block WHERE role = ? AND cid = (SELECT cid FROM head WHERE name = ? AND cid <> ?)'
const NOTE_HEAD =
  'INSERT INTO head (name, cid) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET cid = excluded.cid'

/** Helia's blocks in SQLite. */
export class SqliteBlockstore implements Blockstore {
  readonly #database: Database
  readonly #commits: CommitQueue

  constructor(database: Database) {
    this.#database = database
    this.#commits = new CommitQueue(database)
  }

  /** Puts a block for a reason; a stronger reason replaces a weaker one. */
  async keep(cid: CID, content: Uint8Array, role: BlockRole): Promise<void> {
    await this.#commits.run(PUT, cid.bytes, role, content)
  }

  /** Notes which block a name leads to now; the one it led to before goes, unless its bytes are kept as a page. */
  async moveHead(name: string, cid: CID): Promise<void> {
    await this.#database.write([
      { sql: FORGET_HEAD, rows: [[BLOCK_ROLE.head, name, cid.bytes]] },
      { sql: NOTE_HEAD, rows: [[name, cid.bytes]] },
    ])
  }

  /** Gives a block that is here a stronger reason to be. */
  async promote(cid: CID, role: BlockRole): Promise<void> {
    await this.#commits.run('UPDATE block SET role = ? WHERE cid = ? AND role > ?', role, cid.bytes, role)
  }

  async put(cid: CID, content: Uint8Array | AnyIterable<Uint8Array>): Promise<CID> {
    const bytes = content instanceof Uint8Array ? content : await concat(content)
    await this.keep(cid, bytes, BLOCK_ROLE.cached)
    return cid
  }

  async *putMany(pairs: AnyIterable<InputPair>): AsyncGenerator<CID> {
    for await (const { cid, bytes } of pairs) yield this.put(cid, bytes)
  }

  async has(cid: CID): Promise<boolean> {
    const rows = await this.#database.read('SELECT 1 AS found FROM block WHERE cid = ?', cid.bytes)
    return rows.length > 0
  }

  async *get(cid: CID): AsyncGenerator<Uint8Array> {
    const [row] = await this.#database.read<BlockRow>(
      'SELECT cid, content FROM block WHERE cid = ?',
      cid.bytes,
    )
    if (row === undefined) throw new NotFound(`The block ${cid} is not here.`)
    yield row.content
  }

  async *getMany(cids: AnyIterable<CID>): AsyncGenerator<Pair> {
    for await (const cid of cids) yield { cid, bytes: this.get(cid) }
  }

  async delete(cid: CID): Promise<void> {
    await this.#commits.run('DELETE FROM block WHERE cid = ?', cid.bytes)
  }

  async *deleteMany(cids: AnyIterable<CID>): AsyncGenerator<CID> {
    for await (const cid of cids) {
      await this.delete(cid)
      yield cid
    }
  }

  async *getAll(): AsyncGenerator<Pair> {
    let after: Uint8Array = new Uint8Array(0)
    while (true) {
      const rows: BlockRow[] = await this.#database.read<BlockRow>(
        'SELECT cid, content FROM block WHERE cid > ? ORDER BY cid LIMIT ?',
        after,
        LIST_PAGE,
      )
      for (const { cid, content } of rows) yield { cid: CID.decode(cid), bytes: single(content) }
      const last = rows.at(-1)
      if (last === undefined) return
      after = last.cid
    }
  }
}

async function* single(content: Uint8Array): AsyncGenerator<Uint8Array> {
  yield content
}

async function concat(chunks: AnyIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  for await (const chunk of chunks) parts.push(chunk)
  return Buffer.concat(parts)
}
