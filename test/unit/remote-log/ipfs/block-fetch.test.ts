import type { Stream } from '@libp2p/interface'
import { lpStream } from '@libp2p/utils'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { addressOf, toCid } from '../../../../electron/node/remote-log/address.ts'
import { MAX_BLOCK_BYTES } from '../../../../electron/node/remote-log/bounds.ts'
import { BLOCK_FETCH_PROTOCOL, BlockFetch } from '../../../../electron/node/remote-log/ipfs/block-fetch.ts'
import { IPFS_MIGRATIONS } from '../../../../electron/node/remote-log/ipfs/ipfs-node.ts'
import { MAX_ANSWER_BYTES, MAX_WANTED_BLOCKS } from '../../../../electron/node/remote-log/ipfs/limits.ts'
import { BLOCK_ROLE, SqliteBlockstore } from '../../../../electron/node/remote-log/ipfs/sqlite-blockstore.ts'
import { quietLogger } from '../quiet-logger.ts'
import { databaseHost } from '../temporary-folder.ts'
import { testHost } from '../test-host.ts'

const blockOf = (index: number, sizeBytes = 40) => {
  const block = new Uint8Array(sizeBytes).fill(index % 251)
  new DataView(block.buffer).setUint32(0, index)
  return block
}

async function startNode(maxSilenceMs?: number) {
  const host = await testHost()
  const blocks = new SqliteBlockstore(await databaseHost().open('', IPFS_MIGRATIONS), quietLogger)
  const fetch = new BlockFetch({ host, blocks, logger: quietLogger, maxSilenceMs })
  return { host, blocks, fetch }
}

async function startPair() {
  const [holder, asker] = await Promise.all([startNode(), startNode()])
  await holder.fetch.start()
  await asker.host.dial(holder.host.getMultiaddrs())
  onTestFinished(() => Promise.all([holder.fetch.stop(), asker.fetch.stop()]).then(() => undefined))
  return { holder, asker, dials: vi.spyOn(asker.host, 'dialProtocol') }
}

/** An asker connected to a peer that answers every request in its own way. */
async function askerOf(answer: (stream: Stream) => Promise<void>) {
  const [liar, asker] = await Promise.all([testHost(), startNode(150)])
  await liar.handle(BLOCK_FETCH_PROTOCOL, (stream) => void answer(stream).catch(() => undefined))
  await asker.host.dial(liar.getMultiaddrs())
  onTestFinished(() => asker.fetch.stop())
  return { asker, dials: vi.spyOn(asker.host, 'dialProtocol') }
}

describe('fetching blocks from a node of Tidemark', () => {
  it('brings a thousand that are wanted at once with a handful of requests, each to its waiter', async () => {
    const { holder, asker, dials } = await startPair()
    const all = Array.from({ length: 1_000 }, (_, index) => blockOf(index))
    await Promise.all(all.map((block) => holder.blocks.keep(toCid(addressOf(block)), block, BLOCK_ROLE.kept)))
    const fetched = await Promise.all(all.map((block) => asker.fetch.get(addressOf(block))))
    expect(fetched.map((block) => Buffer.from(block ?? []))).toEqual(all.map((block) => Buffer.from(block)))
    expect(dials.mock.calls.length).toBe(Math.ceil(1_000 / MAX_WANTED_BLOCKS))
    const [first] = all
    expect(await asker.blocks.find(toCid(addressOf(first ?? new Uint8Array(0))))).not.toBeNull()
  })

  it('hands out what waits for the disk, and says null of what nobody has', async () => {
    const { holder, asker } = await startPair()
    await holder.blocks.put(toCid(addressOf(blockOf(1))), blockOf(1))
    const [here, nowhere] = await Promise.all([1, 2].map((at) => asker.fetch.get(addressOf(blockOf(at)))))
    expect(Buffer.from(here ?? [])).toEqual(Buffer.from(blockOf(1)))
    expect(nowhere).toBeNull()
  })

  it('keeps each answer within its bound, and asks again for the rest', async () => {
    const { holder, asker, dials } = await startPair()
    const large = Array.from({ length: 5 }, (_, index) => blockOf(index, MAX_BLOCK_BYTES))
    for (const block of large) await holder.blocks.keep(toCid(addressOf(block)), block, BLOCK_ROLE.kept)
    const answer = await holder.blocks.findMany(large.map(addressOf), MAX_ANSWER_BYTES)
    expect(answer.length).toBe(Math.ceil(MAX_ANSWER_BYTES / MAX_BLOCK_BYTES))
    const fetched = await Promise.all(large.map((block) => asker.fetch.get(addressOf(block))))
    expect(fetched.map((block) => block?.length)).toEqual(large.map(() => MAX_BLOCK_BYTES))
    expect(dials.mock.calls.length).toBe(3)
  })

  it('takes no block that was not asked for, and leaves the peer that sent it alone', async () => {
    const { asker, dials } = await askerOf(async (stream) => {
      const frames = lpStream(stream)
      await frames.read()
      await frames.write(blockOf(2))
      await frames.write(blockOf(1))
      await frames.write(new Uint8Array(0))
    })
    expect(await asker.fetch.get(addressOf(blockOf(1)))).toBeNull()
    expect(await asker.blocks.find(toCid(addressOf(blockOf(2))))).toBeNull()
    expect(await asker.fetch.get(addressOf(blockOf(1)))).toBeNull()
    expect(dials.mock.calls.length).toBe(1)
  })

  it('gives up on a peer that answers in part and then is silent, and keeps the part', async () => {
    const { asker, dials } = await askerOf(async (stream) => {
      const frames = lpStream(stream)
      await frames.read()
      await frames.write(blockOf(1))
    })
    const [part, rest] = await Promise.all([1, 2].map((at) => asker.fetch.get(addressOf(blockOf(at)))))
    expect(Buffer.from(part ?? [])).toEqual(Buffer.from(blockOf(1)))
    expect(rest).toBeNull()
    expect(dials.mock.calls.length).toBe(1)
  })

  it('refuses requests that are no list of addresses, or too long', async () => {
    const { holder, asker } = await startPair()
    await holder.blocks.keep(toCid(addressOf(blockOf(1))), blockOf(1), BLOCK_ROLE.kept)
    const looked = vi.spyOn(holder.blocks, 'findMany')
    const tooMany = Buffer.concat(Array.from({ length: MAX_WANTED_BLOCKS + 1 }, () => addressOf(blockOf(1))))
    const notAnAddress = Uint8Array.from(addressOf(blockOf(1))).fill(9, 0, 1)
    for (const request of [tooMany, addressOf(blockOf(1)).slice(1), new Uint8Array(0), notAnAddress]) {
      const stream = await asker.host.dialProtocol(holder.host.peerId, BLOCK_FETCH_PROTOCOL)
      const frames = lpStream(stream)
      await frames.write(request)
      await expect(frames.read()).rejects.toThrow()
    }
    expect(looked).not.toHaveBeenCalled()
  })

  it('lets nobody wait once it has stopped', async () => {
    const { asker } = await askerOf(() => new Promise(() => undefined))
    const waiting = asker.fetch.get(addressOf(blockOf(1)))
    await asker.fetch.stop()
    expect(await waiting).toBeNull()
    expect(await asker.fetch.get(addressOf(blockOf(1)))).toBeNull()
  })
})
