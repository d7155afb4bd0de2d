import type { Blockstore, InputPair, Pair } from 'interface-blockstore'
import { CID } from 'multiformats/cid'
import type { Logger } from '../../ports.ts'
import type { Address } from '../address.ts'
import { CommitQueue } from '../database/commit-queue.ts'
import type { Database, SqlRow } from '../database/database.ts'
import { toHex } from '../hex.ts'
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

/** In the order asked for, as many as fit; of the others not even the content is read. */
const FIND_MANY = `SELECT content FROM block JOIN (
    SELECT cid, position, sum(size) OVER (ORDER BY position) - size AS before FROM (
      SELECT block.cid AS cid, wanted.key AS position, length(block.content) AS size
      FROM json_each(?) AS wanted JOIN block ON block.cid = unhex(wanted.value)
    )
  ) AS found ON block.cid = found.cid WHERE found.before < ? ORDER BY found.position`

const FORGET_HEAD =
  'DELETE FROM block WHERE role = ? AND cid = (SELECT cid FROM head WHERE name = ? AND cid <> ?)'
const NOTE_HEAD =
  'INSERT INTO head (name, cid) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET cid = excluded.cid'

/**
 * Fetched blocks wait so long for others to go to disk with them. Somebody else has them, so nobody waits for that:
 * of a log that is walked block by block, each would cost a wait for the disk.
 */
const GATHER_MS = 200
/** Bytes of fetched blocks that may wait. */
const MAX_WAITING_BYTES = 16_777_216

/** Helia's blocks in SQLite. */
export class SqliteBlockstore implements Blockstore {
  readonly #database: Database
  readonly #commits: CommitQueue
  readonly #logger: Logger
  /** Fetched blocks that are not on disk yet, by CID. */
  readonly #waiting = new Map<string, { cid: CID; bytes: Uint8Array }>()
  #waitingBytes = 0
  #gathering: NodeJS.Timeout | null = null
  #flushed: Promise<void> = Promise.resolve()

  constructor(database: Database, logger: Logger) {
    this.#database = database
    this.#logger = logger
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
    await this.flush()
    await this.#commits.run('UPDATE block SET role = ? WHERE cid = ? AND role > ?', role, cid.bytes, role)
  }

  /** Resolves when every block that was put is on disk. */
  flush(): Promise<void> {
    if (this.#gathering !== null) clearTimeout(this.#gathering)
    this.#gathering = null
    const written = this.#flushed.then(() => this.#write([...this.#waiting.values()]))
    this.#flushed = written.catch(() => undefined)
    return written
  }

  async put(cid: CID, content: Uint8Array | AnyIterable<Uint8Array>): Promise<CID> {
    const bytes = content instanceof Uint8Array ? content : await concat(content)
    const key = cid.toString()
    if (!this.#waiting.has(key)) this.#waitingBytes += bytes.length
    this.#waiting.set(key, { cid, bytes })
    this.#gathering ??= setTimeout(() => this.#flushInBackground(), GATHER_MS)
    if (this.#waitingBytes > MAX_WAITING_BYTES) await this.flush()
    return cid
  }

  async *putMany(pairs: AnyIterable<InputPair>): AsyncGenerator<CID> {
    for await (const { cid, bytes } of pairs) yield this.put(cid, bytes)
  }

  async has(cid: CID): Promise<boolean> {
    if (this.#waiting.has(cid.toString())) return true
    const rows = await this.#database.read('SELECT 1 AS found FROM block WHERE cid = ?', cid.bytes)
    return rows.length > 0
  }

  async *get(cid: CID): AsyncGenerator<Uint8Array> {
    const content = await this.find(cid)
    if (content === null) throw new NotFound(`The block ${cid} is not here.`)
    yield content
  }

  /** The block's content; null when it is not here. */
  async find(cid: CID): Promise<Uint8Array | null> {
    const waiting = this.#waiting.get(cid.toString())
    if (waiting !== undefined) return waiting.bytes
    const [row] = await this.#database.read<BlockRow>(
      'SELECT cid, content FROM block WHERE cid = ?',
      cid.bytes,
    )
    return row?.content ?? null
  }

  /**
   * Those of the blocks that are here, in the order asked for, as long as they stay within `maxBytes` together; the
   * last of them may go beyond.
   */
  async findMany(addresses: readonly Address[], maxBytes: number): Promise<Uint8Array[]> {
    // What waits for the disk is as good as what is there.
    if (this.#waiting.size > 0) await this.flush()
    const rows = await this.#database.read<SqlRow & Pick<BlockRow, 'content'>>(
      FIND_MANY,
      JSON.stringify(addresses.map(toHex)),
      maxBytes,
    )
    return rows.map(({ content }) => content)
  }

  async *getMany(cids: AnyIterable<CID>): AsyncGenerator<Pair> {
    for await (const cid of cids) yield { cid, bytes: this.get(cid) }
  }

  async delete(cid: CID): Promise<void> {
    await this.flush()
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

  #flushInBackground(): void {
    this.flush().catch((error: unknown) => {
      // They are fetched again when they are asked for again.
      this.#logger.warn({ error }, 'fetched blocks were not kept')
    })
  }

  async #write(blocks: readonly { cid: CID; bytes: Uint8Array }[]): Promise<void> {
    if (blocks.length === 0) return
    try {
      await this.#database.write([
        { sql: PUT, rows: blocks.map(({ cid, bytes }) => [cid.bytes, BLOCK_ROLE.cached, bytes]) },
      ])
    } finally {
      for (const { cid, bytes } of blocks) {
        if (this.#waiting.delete(cid.toString())) this.#waitingBytes -= bytes.length
      }
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
