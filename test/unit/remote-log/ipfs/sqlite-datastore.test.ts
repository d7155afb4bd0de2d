import { join } from 'node:path'
import { Key } from 'interface-datastore'
import { describe, expect, it } from 'vitest'
import { IPFS_MIGRATIONS } from '../../../../electron/node/remote-log/ipfs/ipfs-node.ts'
import { SqliteDatastore } from '../../../../electron/node/remote-log/ipfs/sqlite-datastore.ts'
import { databaseHost, temporaryFolder } from '../temporary-folder.ts'

async function open(): Promise<SqliteDatastore> {
  return new SqliteDatastore(
    await databaseHost().open(join(await temporaryFolder(), 'ipfs.db'), IPFS_MIGRATIONS),
  )
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

describe('a datastore in SQLite', () => {
  it('puts, overwrites, has, gets and deletes', async () => {
    const store = await open()
    const key = new Key('/a')
    await store.put(key, Uint8Array.of(1))
    await store.put(key, Uint8Array.of(2))
    expect(await store.has(key)).toBe(true)
    expect(await store.get(key)).toEqual(Uint8Array.of(2))
    await store.delete(key)
    expect(await store.has(key)).toBe(false)
    await expect(store.get(key)).rejects.toMatchObject({ name: 'NotFoundError' })
  })

  it('does many at once, in order', async () => {
    const store = await open()
    const pairs = ['/c', '/a', '/b'].map((name, at) => ({ key: new Key(name), value: Uint8Array.of(at) }))
    const keys = pairs.map(({ key }) => key)
    expect((await collect(store.putMany(pairs))).map(String)).toEqual(['/c', '/a', '/b'])
    expect((await collect(store.getMany(keys))).map(({ value }) => value[0])).toEqual([0, 1, 2])
    await collect(store.deleteMany(keys))
    expect(await collect(store.query({}))).toEqual([])
  })

  it('commits a batch whole', async () => {
    const store = await open()
    await store.put(new Key('/old'), Uint8Array.of(1))
    const batch = store.batch()
    batch.put(new Key('/new'), Uint8Array.of(2))
    batch.delete(new Key('/old'))
    expect((await collect(store.queryKeys({}))).map(String)).toEqual(['/old'])
    await batch.commit()
    expect((await collect(store.queryKeys({}))).map(String)).toEqual(['/new'])
  })

  it('answers queries by prefix, filter, order, offset and limit, over more than one page', async () => {
    const store = await open()
    const pairs = Array.from({ length: 600 }, (_, at) => ({
      key: new Key(`/${at % 2 === 0 ? 'even' : 'odd_'}/${String(at).padStart(3, '0')}`),
      value: Uint8Array.of(at % 7),
    }))
    await collect(store.putMany(pairs))
    expect(await collect(store.queryKeys({ prefix: '/even/' }))).toHaveLength(300)
    // An underscore is any character to LIKE; here it is itself.
    expect(await collect(store.queryKeys({ prefix: '/od_' }))).toHaveLength(0)
    const page = await collect(
      store.query({
        prefix: '/odd_/',
        filters: [({ value }) => value[0] === 3],
        orders: [(a, b) => (a.key.toString() < b.key.toString() ? 1 : -1)],
        offset: 1,
        limit: 2,
      }),
    )
    const expected = pairs
      .filter(({ key, value }) => key.toString().startsWith('/odd_/') && value[0] === 3)
      .map(({ key }) => key.toString())
      .sort()
      .reverse()
      .slice(1, 3)
    expect(page.map(({ key }) => key.toString())).toEqual(expected)
  })
})
