import { type Batch, type Datastore, Key, type KeyQuery, type Pair, type Query } from 'interface-datastore'
import { CommitQueue } from '../database/commit-queue.ts'
import type { Database, SqlRow } from '../database/database.ts'
import { NotFound } from './not-found.ts'

type AnyIterable<T> = Iterable<T> | AsyncIterable<T>

interface EntryRow extends SqlRow {
  key: string
  value: Uint8Array
}

const PUT =
  'INSERT INTO entry (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value'
const DELETE = 'DELETE FROM entry WHERE key = ?'
/** Entries are read in pages of this many, so that a query does not hold all of them in memory. */
const QUERY_PAGE = 256

/** The small things of libp2p and Helia (keys, known peers, name records) in SQLite. */
export class SqliteDatastore implements Datastore {
  readonly #database: Database
  readonly #commits: CommitQueue

  constructor(database: Database) {
    this.#database = database
    this.#commits = new CommitQueue(database)
  }

  async put(key: Key, value: Uint8Array): Promise<Key> {
    await this.#commits.run(PUT, key.toString(), value)
    return key
  }

  async *putMany(pairs: AnyIterable<Pair>): AsyncGenerator<Key> {
    for await (const { key, value } of pairs) yield this.put(key, value)
  }

  async has(key: Key): Promise<boolean> {
    const rows = await this.#database.read('SELECT 1 AS found FROM entry WHERE key = ?', key.toString())
    return rows.length > 0
  }

  async get(key: Key): Promise<Uint8Array> {
    const [row] = await this.#database.read<EntryRow>(
      'SELECT key, value FROM entry WHERE key = ?',
      key.toString(),
    )
    if (row === undefined) throw new NotFound(`The entry ${key} is not here.`)
    return row.value
  }

  async *getMany(keys: AnyIterable<Key>): AsyncGenerator<Pair> {
    for await (const key of keys) yield { key, value: await this.get(key) }
  }

  async delete(key: Key): Promise<void> {
    await this.#commits.run(DELETE, key.toString())
  }

  async *deleteMany(keys: AnyIterable<Key>): AsyncGenerator<Key> {
    for await (const key of keys) {
      await this.delete(key)
      yield key
    }
  }

  batch(): Batch {
    const puts: [string, Uint8Array][] = []
    const deletes: [string][] = []
    return {
      put: (key, value) => {
        puts.push([key.toString(), value])
      },
      delete: (key) => {
        deletes.push([key.toString()])
      },
      // One transaction: whoever uses a batch relies on all or nothing.
      commit: async () => {
        await this.#database.write([
          { sql: PUT, rows: puts },
          { sql: DELETE, rows: deletes },
        ])
      },
    }
  }

  async *query({ prefix, filters = [], orders = [], offset = 0, limit }: Query): AsyncGenerator<Pair> {
    const matching = this.#matching(prefix, (pair) => filters.every((filter) => filter(pair)))
    yield* slice(orders.length === 0 ? matching : sorted(matching, orders), offset, limit)
  }

  async *queryKeys({ prefix, filters = [], orders = [], offset = 0, limit }: KeyQuery): AsyncGenerator<Key> {
    const matching = this.#matching(prefix, ({ key }) => filters.every((filter) => filter(key)))
    const keys = map(matching, ({ key }) => key)
    yield* slice(orders.length === 0 ? keys : sorted(keys, orders), offset, limit)
  }

  async *#matching(prefix: string | undefined, accepts: (pair: Pair) => boolean): AsyncGenerator<Pair> {
    let after = ''
    while (true) {
      const rows: EntryRow[] = await this.#database.read<EntryRow>(
        'SELECT key, value FROM entry WHERE key > ? AND substr(key, 1, ?) = ? ORDER BY key LIMIT ?',
        after,
        prefix?.length ?? 0,
        prefix ?? '',
        QUERY_PAGE,
      )
      for (const row of rows) {
        const pair = { key: new Key(row.key), value: row.value }
        if (accepts(pair)) yield pair
      }
      const last = rows.at(-1)
      if (last === undefined) return
      after = last.key
    }
  }
}

async function* map<T, U>(items: AsyncIterable<T>, change: (item: T) => U): AsyncGenerator<U> {
  for await (const item of items) yield change(item)
}

async function* sorted<T>(
  items: AsyncIterable<T>,
  orders: readonly ((a: T, b: T) => -1 | 0 | 1)[],
): AsyncGenerator<T> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  yield* all.sort((a, b) => orders.map((order) => order(a, b)).find((result) => result !== 0) ?? 0)
}

async function* slice<T>(
  items: AsyncIterable<T>,
  offset: number,
  limit = Number.POSITIVE_INFINITY,
): AsyncGenerator<T> {
  let at = 0
  for await (const item of items) {
    if (at >= offset + limit) return
    if (at >= offset) yield item
    at += 1
  }
}
