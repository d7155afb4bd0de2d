import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, describe, expect, test } from 'vitest'
import { ALICE, BOB, Cleanup, indexOf, OWNER, STREAM, snapshot, startChain } from './fixtures.ts'
import {
  assigned,
  created,
  deleted,
  garbled,
  MAX_UINT,
  nodeRemoved,
  nodeUpdated,
  ownership,
  permission,
  permissionForUserId,
  unassigned,
  updated,
} from './scripted-chain.ts'

const NODE = `0x${'cc'.repeat(20)}`
const cleanup = new Cleanup()
afterEach(() => cleanup.run())

describe('following the registry contracts', () => {
  test('streams, rights, nodes and assignments are what the events add up to', async () => {
    const chain = await startChain(cleanup)
    chain.mine([created(STREAM), ownership(STREAM, OWNER)])
    chain.mine([permission(STREAM, ALICE, MAX_UINT), permission(STREAM, BOB, MAX_UINT)])
    chain.mine([permissionForUserId(STREAM, ALICE, 5n), permission(STREAM, BOB, 0n)])
    chain.mine([
      nodeUpdated(NODE, '{"urls":["http://a"]}'),
      assigned(STREAM, NODE),
      updated(STREAM, '{"partitions":3}'),
    ])
    const index = indexOf([chain], cleanup)
    await index.start()
    await index.awaitBlock(4)
    expect(await index.stream(STREAM)).toEqual({ id: STREAM, metadata: '{"partitions":3}' })
    const rights = await index.permissions(STREAM)
    expect(
      rights.map(({ grantee, publishExpiration, block }) => [grantee, publishExpiration, block]),
    ).toEqual([
      [OWNER, MAX_UINT.toString(), 1],
      [ALICE, '5', 3],
    ])
    expect(rights[1]).toMatchObject({
      blockTimestamp: 1_006_000,
      transaction: expect.stringMatching(/^0x[0-9a-f]{64}$/),
    })
    expect(await index.storageNodes(STREAM)).toEqual([
      { id: NODE, metadata: '{"urls":["http://a"]}', lastSeen: 1_000 },
    ])
    expect(await index.assignments(NODE.toUpperCase().replace('0X', '0x'))).toHaveLength(1)

    chain.mine([unassigned(STREAM, NODE), nodeRemoved(NODE), deleted(STREAM)])
    await index.awaitBlock(5)
    expect(await snapshot(index)).toMatchObject({ streams: [], nodes: [] })
    expect(await index.permissions(STREAM)).toEqual([])
  })

  test('a stream made again starts without the rights it had', async () => {
    const chain = await startChain(cleanup)
    chain.mine([created(STREAM), ownership(STREAM, OWNER), permission(STREAM, ALICE, MAX_UINT)])
    chain.mine([deleted(STREAM)])
    chain.mine([created(STREAM, '{"partitions":2}'), ownership(STREAM, BOB)])
    const index = indexOf([chain], cleanup)
    await index.start()
    await index.awaitBlock(3)
    expect((await index.permissions(STREAM)).map(({ grantee }) => grantee)).toEqual([BOB])
  })

  test('listeners hear of a stream after its change can be read', async () => {
    const chain = await startChain(cleanup)
    const index = indexOf([chain], cleanup)
    const heard: string[] = []
    const read: Promise<unknown>[] = []
    index.onChange((id) => {
      heard.push(id)
      read.push(index.stream(id))
    })
    await index.start()
    chain.mine([created(STREAM)])
    await index.awaitBlock(1)
    expect(heard).toEqual([STREAM])
    expect(await read[0]).toBeDefined()
  })

  test('events that cannot be read or are beyond the bounds are counted, and the rest goes on', async () => {
    const chain = await startChain(cleanup)
    const longId = `${OWNER}/${'x'.repeat(2_000)}`
    chain.mine([garbled(), created(longId), created(STREAM, 'm'.repeat(100_000)), ownership(STREAM, OWNER)])
    const index = indexOf([chain], cleanup)
    await index.start()
    await index.awaitBlock(1)
    expect(index.status().refusedLogs).toBe(2)
    expect(await index.searchStreams({})).toEqual([{ id: STREAM, metadata: '' }])
  })

  test('a long history is read in ranges the endpoint accepts, each block once', async () => {
    const chain = await startChain(cleanup)
    chain.mineEmpty(500)
    chain.mine([created(STREAM)])
    chain.mineEmpty(500)
    const ranges: [number, number][] = []
    chain.override = (method, params) => {
      if (method !== 'eth_getLogs') return undefined
      const { fromBlock, toBlock } = params[0] as { fromBlock: string; toBlock: string }
      if (Number(toBlock) - Number(fromBlock) >= 300)
        return { error: { code: -32_005, message: 'range too large' } }
      ranges.push([Number(fromBlock), Number(toBlock)])
      return undefined
    }
    const index = indexOf([chain], cleanup)
    await index.start()
    await index.awaitBlock(1_001)
    expect(await index.stream(STREAM)).toBeDefined()
    let next = 0
    for (const [from, to] of ranges) {
      expect(from).toBe(next)
      next = to + 1
    }
  })

  test('blocks wait for their confirmations', async () => {
    const chain = await startChain(cleanup)
    chain.mine([created(STREAM)])
    chain.mineEmpty(1)
    const index = indexOf([chain], cleanup, { confirmations: 2 })
    await index.start()
    await index.awaitBlock(0)
    await delay(50)
    expect(await index.stream(STREAM)).toBeUndefined()
    chain.mineEmpty(1)
    await index.awaitBlock(1)
    expect(await index.stream(STREAM)).toBeDefined()
  })
})
