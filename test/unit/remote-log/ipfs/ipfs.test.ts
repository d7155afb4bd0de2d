import { join } from 'node:path'
import type { Libp2p } from '@libp2p/interface'
import { PING_PROTOCOL } from '@libp2p/ping'
import type { Key } from 'interface-datastore'
import { createLibp2p } from 'libp2p'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { addressOf } from '../../../../electron/node/remote-log/address.ts'
import type { Database } from '../../../../electron/node/remote-log/database/database.ts'
import { createHostOptions } from '../../../../electron/node/remote-log/ipfs/host-options.ts'
import {
  IPFS_MIGRATIONS,
  type IpfsNode,
  startIpfsNode,
} from '../../../../electron/node/remote-log/ipfs/ipfs-node.ts'
import { SqliteDatastore } from '../../../../electron/node/remote-log/ipfs/sqlite-datastore.ts'
import { encodePage } from '../../../../electron/node/remote-log/wire/page.ts'
import { describeContentStore } from '../content-store-conformance.ts'
import { rejectionCode } from '../error-code.ts'
import { describeNameSystem } from '../name-system-conformance.ts'
import { quietLogger } from '../quiet-logger.ts'
import { databaseHost, temporaryFolder } from '../temporary-folder.ts'

const LISTEN = ['/ip4/127.0.0.1/tcp/0']

interface Started {
  node: IpfsNode
  database: Database
}

async function start(folder?: string): Promise<Started> {
  const database = await databaseHost().open(
    join(folder ?? (await temporaryFolder()), 'ipfs.db'),
    IPFS_MIGRATIONS,
  )
  const node = await startIpfsNode({
    database,
    libp2p: createHostOptions({ listen: LISTEN }),
    timeoutMs: 2_000,
    logger: quietLogger,
  })
  onTestFinished(() => node.stop())
  return { node, database }
}

async function startOn(host: Libp2p): Promise<IpfsNode> {
  const database = await databaseHost().open(join(await temporaryFolder(), 'ipfs.db'), IPFS_MIGRATIONS)
  const node = await startIpfsNode({
    ...{ database, libp2p: host, timeoutMs: 2_000, lookupTimeoutMs: 500 },
    logger: quietLogger,
  })
  onTestFinished(() => node.stop())
  return node
}

const connect = (from: IpfsNode, to: IpfsNode) => from.content.reachOut?.(to.content.multiaddrs())

async function startPair(): Promise<[Started, Started]> {
  const pair: [Started, Started] = [await start(), await start()]
  await connect(pair[1].node, pair[0].node)
  return pair
}

const corruptIn = (database: Database) => async (address: Uint8Array, content: Uint8Array) => {
  await database.write([{ sql: 'UPDATE block SET content = ? WHERE cid = ?', rows: [[content, address]] }])
}

describeContentStore('IPFS blocks between two connected nodes', async () => {
  const [{ node, database }, { node: other }] = await startPair()
  return { store: node.content, other: other.content, corrupt: corruptIn(database) }
})

describeNameSystem('IPNS between two connected nodes', async () => {
  const [{ node }, { node: other }] = await startPair()
  return { names: node.names, other: other.names, freshName: () => node.names.createName() }
})

describe('an IPFS node', () => {
  it('refuses a block that was damaged in its own store', async () => {
    const { node, database } = await start()
    const address = await node.content.add(Buffer.from('good'))
    await corruptIn(database)(address, Buffer.from('bad'))
    expect(await rejectionCode(node.content.get(address))).toBe('content-mismatch')
  })

  it('keeps blocks, names and its identity over a restart', async () => {
    const folder = await temporaryFolder()
    const first = await start(folder)
    const address = await first.node.content.add(Buffer.from('kept'))
    const name = await first.node.names.createName()
    const identity = first.node.host.peerId.toString()
    await first.node.stop()
    const { node } = await start(folder)
    const { node: peer } = await start()
    await connect(peer, node)
    expect(node.host.peerId.toString()).toBe(identity)
    expect(Buffer.from(await node.content.get(address)).toString()).toBe('kept')
    await node.names.update(name, Buffer.from('still mine'))
    expect(Buffer.from(await peer.names.fetch(name)).toString()).toBe('still mine')
  })

  it('refuses to update a name whose key is elsewhere', async () => {
    const [{ node }, { node: other }] = await startPair()
    const name = await node.names.createName()
    expect(await rejectionCode(other.names.update(name, Buffer.of(1)))).toBe('name-refused')
  })

  it('lets a third node answer for an author that is gone', async () => {
    const [{ node: author }, { node: keeper }] = await startPair()
    const name = await author.names.createName()
    const address = await author.content.add(Buffer.from('page'))
    await author.names.update(name, Buffer.from('head'))
    await keeper.names.fetch(name)
    await keeper.content.get(address)
    await author.stop()
    await keeper.names.carry(name)
    const { node: reader } = await start()
    await connect(reader, keeper)
    expect(Buffer.from(await reader.names.fetch(name)).toString()).toBe('head')
    expect(Buffer.from(await reader.content.get(address)).toString()).toBe('page')
  })

  it('carries a name that has faded from the network, from what was read here last', async () => {
    const { node: author } = await start()
    const records = new SqliteDatastore(await databaseHost().open('', IPFS_MIGRATIONS))
    const host = await createLibp2p({ ...createHostOptions({ listen: LISTEN }), datastore: records })
    onTestFinished(() => host.stop())
    const keeper = await startOn(host)
    await connect(keeper, author)
    const name = await author.names.createName()
    await author.names.update(name, Buffer.from('head'))
    await keeper.names.fetch(name)
    await author.stop()
    const recordKeys = async () => {
      const keys: Key[] = []
      for await (const key of records.queryKeys({ prefix: '/dht/record' })) keys.push(key)
      return keys
    }
    // Two days later: what the network kept of it is gone.
    const faded = await recordKeys()
    expect(faded.length).toBeGreaterThan(0)
    for (const key of faded) await records.delete(key)
    const { node: reader } = await start()
    await connect(reader, keeper)
    await keeper.names.carry(name)
    expect((await recordKeys()).map(String)).toEqual(faded.map(String))
    expect(Buffer.from(await reader.names.fetch(name)).toString()).toBe('head')
  })

  it('learns a name from a peer that keeps it, though its own table of neighbours has nobody', async () => {
    const [{ node: author }, { node: keeper }] = await startPair()
    const name = await author.names.createName()
    await author.names.update(name, Buffer.from('head'))
    await keeper.names.fetch(name)
    await author.stop()
    // Whoever does not answer a ping is left out of the table, and nobody asks again.
    await keeper.host.unhandle(PING_PROTOCOL)
    const host = await createLibp2p(createHostOptions({ listen: LISTEN }))
    onTestFinished(() => host.stop())
    const reader = await startOn(host)
    await connect(reader, keeper)
    expect(Buffer.from(await reader.names.fetch(name)).toString()).toBe('head')
  })

  it('finds a block at a node it is not connected to', async () => {
    const [{ node: author }, { node: middle }] = await startPair()
    const name = await author.names.createName()
    await author.names.update(name, Buffer.from('head'))
    const { node: reader } = await start()
    await connect(reader, middle)
    expect(Buffer.from(await reader.names.fetch(name)).toString()).toBe('head')
  })

  it('keeps one head a name, and the page that has the same bytes', async () => {
    const [{ node, database }] = await startPair()
    const name = await node.names.createName()
    await node.content.add(Buffer.from('page and head'))
    for (const head of ['page and head', 'second', 'third']) await node.names.update(name, Buffer.from(head))
    const rows = await database.read<{ cid: Uint8Array }>('SELECT cid FROM block ORDER BY cid')
    const expected = ['page and head', 'third']
      .map((content) => addressOf(Buffer.from(content)))
      .sort(Buffer.compare)
    expect(rows.map(({ cid }) => Buffer.from(cid))).toEqual(expected.map((address) => Buffer.from(address)))
  })

  it('runs on a host that was handed in, and leaves it running', async () => {
    const { node: peer } = await start()
    const host = await createLibp2p(createHostOptions({ listen: LISTEN }))
    onTestFinished(() => host.stop())
    const node = await startOn(host)
    expect(node.host).toBe(host)
    await connect(node, peer)
    const address = await peer.content.add(Buffer.from('from the other'))
    expect(Buffer.from(await node.content.get(address)).toString()).toBe('from the other')
    const name = await node.names.createName()
    await node.names.update(name, Buffer.from('head'))
    expect(Buffer.from(await peer.names.fetch(name)).toString()).toBe('head')
    await node.stop()
    expect(host.status).toBe('started')
  })

  it('fetches small pages ahead, hundreds at a time, and checks each against the one after it', async () => {
    const [{ node: author }, { node: reader, database }] = await startPair()
    const pages: Uint8Array[] = []
    let tail: Uint8Array | null = null
    for (let at = 0; at < 700; at += 1) {
      const page: Uint8Array = encodePage({
        pairs: [{ localHash: new Uint8Array(32).fill(at % 256), remoteHash: null, data: Uint8Array.of(1) }],
        tail,
      })
      tail = await author.content.add(page)
      pages.push(page)
    }
    expect(await reader.content.fetchAhead?.(tail ?? new Uint8Array(0))).toBe(512)
    const newest = pages
      .slice(-512)
      .map((page) => Buffer.from(addressOf(page)).toString('hex'))
      .sort()
    await vi.waitFor(async () => {
      const rows = await database.read<{ cid: Uint8Array }>('SELECT cid FROM block')
      expect(rows.map(({ cid }) => Buffer.from(cid).toString('hex')).sort()).toEqual(newest)
    })
  })

  it('stops fetching ahead where a peer answers with something else, or has nothing', async () => {
    const [{ node: author, database }, { node: reader }] = await startPair()
    const pair = { localHash: new Uint8Array(32), remoteHash: null, data: Uint8Array.of(1) }
    const first = await author.content.add(encodePage({ pairs: [pair], tail: null }))
    const second = await author.content.add(encodePage({ pairs: [pair], tail: first }))
    await corruptIn(database)(first, encodePage({ pairs: [{ ...pair, data: Uint8Array.of(2) }], tail: null }))
    expect(await reader.content.fetchAhead?.(second)).toBe(1)
    expect(await reader.content.fetchAhead?.(addressOf(Buffer.from('never added')))).toBe(0)
    expect(await reader.content.fetchAhead?.(await author.content.add(Buffer.from('no page')))).toBe(0)
  })
})
