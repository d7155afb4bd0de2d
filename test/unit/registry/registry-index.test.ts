import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import Database from 'better-sqlite3'
import fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'
import { createRegistryIndex } from '../../../electron/node/registry/registry-index.ts'
import {
  ALICE,
  BOB,
  Cleanup,
  eventually,
  indexOf,
  OWNER,
  PUBLIC,
  STREAM,
  silentLogger,
  snapshot,
} from './fixtures.ts'
import {
  assigned,
  CHAIN_ID,
  CONTRACTS,
  created,
  deleted,
  garbled,
  MAX_UINT,
  nodeRemoved,
  nodeUpdated,
  ownership,
  permission,
  permissionForUserId,
  ScriptedChain,
  type ScriptedLog,
  unassigned,
  updated,
} from './scripted-chain.ts'

const NODE = `0x${'cc'.repeat(20)}`
const cleanup = new Cleanup()
afterEach(() => cleanup.run())

async function scriptedChain(): Promise<ScriptedChain> {
  const chain = new ScriptedChain()
  await chain.listen()
  cleanup.add(() => chain.close())
  return chain
}

describe('following the registry contracts', () => {
  test('streams, rights, nodes and assignments are what the events add up to', async () => {
    const chain = await scriptedChain()
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
    const chain = await scriptedChain()
    chain.mine([created(STREAM), ownership(STREAM, OWNER), permission(STREAM, ALICE, MAX_UINT)])
    chain.mine([deleted(STREAM)])
    chain.mine([created(STREAM, '{"partitions":2}'), ownership(STREAM, BOB)])
    const index = indexOf([chain], cleanup)
    await index.start()
    await index.awaitBlock(3)
    expect((await index.permissions(STREAM)).map(({ grantee }) => grantee)).toEqual([BOB])
  })

  test('listeners hear of a stream after its change can be read', async () => {
    const chain = await scriptedChain()
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
    const chain = await scriptedChain()
    const longId = `${OWNER}/${'x'.repeat(2_000)}`
    chain.mine([garbled(), created(longId), created(STREAM, 'm'.repeat(100_000)), ownership(STREAM, OWNER)])
    const index = indexOf([chain], cleanup)
    await index.start()
    await index.awaitBlock(1)
    expect(index.status().refusedLogs).toBe(2)
    expect(await index.searchStreams({})).toEqual([{ id: STREAM, metadata: '' }])
  })

  test('a long history is read in ranges the endpoint accepts, each block once', async () => {
    const chain = await scriptedChain()
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
    const chain = await scriptedChain()
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

describe('reorganisations', () => {
  test('what was on the abandoned branch is gone, and its streams are told of', async () => {
    const chain = await scriptedChain()
    chain.mine([created(STREAM), ownership(STREAM, OWNER)])
    chain.mine([permission(STREAM, ALICE, MAX_UINT)])
    const index = indexOf([chain], cleanup)
    await index.start()
    await index.awaitBlock(2)
    const heard = new Set<string>()
    index.onChange((id) => heard.add(id))
    chain.reorganise(1)
    chain.mine([permission(STREAM, BOB, MAX_UINT)])
    chain.mine()
    await index.awaitBlock(3)
    expect((await index.permissions(STREAM)).map(({ grantee }) => grantee)).toEqual([OWNER, BOB])
    expect(heard).toEqual(new Set([STREAM]))
  })

  test('a chain that came back shorter is followed back', async () => {
    const chain = await scriptedChain()
    chain.mine([created(STREAM)])
    chain.mine([permission(STREAM, ALICE, MAX_UINT)])
    const index = indexOf([chain], cleanup)
    await index.start()
    await index.awaitBlock(2)
    chain.reorganise(1)
    await eventually('the index is back at block 1', () => index.status().headBlock === 1)
    expect(await index.permissions(STREAM)).toEqual([])
  })

  test('an endpoint a little behind is not taken for a reorganisation', async () => {
    const chain = await scriptedChain()
    chain.mine([created(STREAM)])
    chain.mineEmpty(5)
    const index = indexOf([chain], cleanup, { confirmations: 3 })
    await index.start()
    await index.awaitBlock(3)
    const [stale] = chain.blocks.slice(2, 3)
    chain.override = (method, params) =>
      method === 'eth_getBlockByNumber' && params[0] === 'latest' && stale !== undefined
        ? { result: { number: '0x2', hash: stale.hash, timestamp: `0x${stale.timestamp.toString(16)}` } }
        : undefined
    const { length } = chain.calls
    await eventually('it has polled some more', () => chain.calls.length > length + 5)
    expect(index.status().headBlock).toBe(3)
  })

  test('logs of one branch with headers of another are not mixed', async () => {
    const chain = await scriptedChain()
    const other = `0x${'ee'.repeat(32)}`
    chain.mine([created(STREAM)], 2_000)
    chain.mine()
    let asked = 0
    chain.override = (method, params) => {
      if (method !== 'eth_getBlockByNumber' || params[0] !== '0x1' || ++asked > 3) return undefined
      return { result: { number: '0x1', hash: other, timestamp: '0x1' } }
    }
    const index = indexOf([chain], cleanup)
    await index.start()
    await index.awaitBlock(2)
    expect(asked).toBeGreaterThan(3)
    expect(await index.publishPermission(STREAM, OWNER, 2_000_000)).toMatchObject({ state: 'unknown' })
    expect((await index.publishPermission(STREAM, OWNER, 1_000)).state).toBe('no-stream')
  })

  test('a reorganisation deeper than any chain has is not believed', async () => {
    const chain = await scriptedChain()
    chain.mine([created(STREAM)])
    chain.mineEmpty(1_500)
    const index = indexOf([chain], cleanup)
    await index.start()
    await index.awaitBlock(1_501)
    chain.reorganise(1_501)
    chain.mineEmpty(1_600)
    await eventually('the endpoint is held to be broken', () => !index.status().reachable)
    expect(await index.stream(STREAM)).toBeDefined()
    expect(index.status().endpoints[0]?.problem).toMatch(/not believed/)
  })

  test('after any course of blocks and reorganisations the index equals one made from the final chain', async () => {
    const streams = [`${OWNER}/a`, `${OWNER}/b`]
    const pick = (number: number) => streams[number % 2] ?? STREAM
    const event = fc
      .record({
        kind: fc.nat(6),
        stream: fc.nat(1),
        user: fc.constantFrom(ALICE, BOB, PUBLIC),
        until: fc.nat(3),
      })
      .map(({ kind, stream, user, until }): ScriptedLog => {
        const id = pick(stream)
        const logs = [
          created(id, `{"partitions":${until + 1}}`),
          deleted(id),
          permission(id, user, BigInt(until) * 1_000n),
          permissionForUserId(id, user, BigInt(until)),
          assigned(id, NODE),
          unassigned(id, NODE),
          nodeUpdated(NODE, `{"urls":["${until}"]}`),
        ]
        return logs[kind] ?? nodeRemoved(NODE)
      })
    const step = fc.oneof(
      { weight: 3, arbitrary: fc.record({ mine: fc.array(event, { maxLength: 4 }) }) },
      { weight: 1, arbitrary: fc.record({ reorganise: fc.integer({ min: 1, max: 6 }) }) },
    )
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 15 }), async (steps) => {
        const inner = new Cleanup()
        try {
          const chain = new ScriptedChain()
          await chain.listen()
          inner.add(() => chain.close())
          const followed = indexOf([chain], inner, { pollIntervalMs: 1 })
          await followed.start()
          for (const next of steps) {
            if ('mine' in next) chain.mine(next.mine)
            else chain.reorganise(next.reorganise)
            // Seen or not seen by the index: both have to come out right.
            await delay(next === steps[0] ? 5 : 2)
          }
          // A time that no abandoned block has had.
          const last = chain.mine([], chain.head.timestamp + 10_000)
          const fresh = indexOf([chain], inner, { pollIntervalMs: 1 })
          await fresh.start()
          for (const index of [followed, fresh]) {
            await eventually('the index stands at the tip', () => {
              const { headBlock, headTimestamp } = index.status()
              return headBlock === last.number && headTimestamp === last.timestamp * 1_000
            })
          }
          expect(await snapshot(followed)).toEqual(await snapshot(fresh))
        } finally {
          await inner.run()
        }
      }),
      { numRuns: 25 },
    )
  }, 60_000)
})

describe('endpoints and restarts', () => {
  test('what is known is answered while no endpoint is there, and is up to date when one is back', async () => {
    const chain = await scriptedChain()
    chain.mine([created(STREAM), ownership(STREAM, OWNER)])
    const index = indexOf([chain], cleanup)
    await index.start()
    await index.awaitBlock(1)
    await chain.close()
    await eventually('it says so', () => !index.status().reachable)
    expect(await index.stream(STREAM)).toBeDefined()
    chain.mine([permission(STREAM, ALICE, MAX_UINT)])
    await chain.reopen()
    await index.awaitBlock(2)
    expect(index.status()).toMatchObject({ reachable: true, endpoints: [{ ok: true, problem: null }] })
  })

  test('it starts without any endpoint and catches up', async () => {
    const chain = await scriptedChain()
    await chain.close()
    const index = indexOf([chain], cleanup)
    await index.start()
    await eventually('it has tried', () => (index.status().endpoints[0]?.failuresInARow ?? 0) > 0)
    expect(await index.publishPermission(STREAM, ALICE, 1_000)).toMatchObject({ state: 'unknown' })
    chain.mine([created(STREAM)])
    await chain.reopen()
    await index.awaitBlock(1)
    expect(await index.stream(STREAM)).toBeDefined()
  })

  test.each([
    ['answers nonsense', '<html>502 Bad Gateway</html>'],
    ['answers blocks without hash', { result: { number: '0x1' } }],
    ['refuses', { error: { code: -32_005, message: 'limit exceeded' } }],
  ])('the next endpoint is used when the first %s', async (_name, answer) => {
    const [bad, good] = [await scriptedChain(), await scriptedChain()]
    bad.override = () => answer
    good.mine([created(STREAM)])
    const index = indexOf([bad, good], cleanup)
    await index.start()
    await index.awaitBlock(1)
    const [first, second] = index.status().endpoints
    expect(first).toMatchObject({ ok: false })
    expect(first?.problem).toBeTruthy()
    expect(second).toMatchObject({ ok: true })
  })

  test('an endpoint of another chain is not used, whatever it answers', async () => {
    const [bad, good] = [await scriptedChain(), await scriptedChain()]
    bad.chainId = CHAIN_ID + 1
    bad.mine([created(`${OWNER}/elsewhere`)])
    good.mine([created(STREAM)])
    const index = indexOf([bad, good], cleanup)
    await index.start()
    await index.awaitBlock(1)
    expect((await index.searchStreams({})).map(({ id }) => id)).toEqual([STREAM])
    expect(index.status().endpoints[0]?.problem).toMatch(/chain 138 instead of 137/)
  })

  test('keys in the URLs of endpoints are not shown', async () => {
    const chain = await scriptedChain()
    const index = indexOf([chain], cleanup)
    await index.start()
    await index.awaitBlock(0)
    await chain.close()
    await eventually('it has failed', () => !index.status().reachable)
    expect(JSON.stringify(index.status())).not.toMatch(/secret/)
  })

  test('an answer without end is cut off', async () => {
    const [bad, good] = [await scriptedChain(), await scriptedChain()]
    bad.override = (method) =>
      method === 'eth_getLogs' ? `{"result":"${'x'.repeat(34_000_000)}"}` : undefined
    bad.mine([created(STREAM)])
    good.mine([created(STREAM)])
    const index = indexOf([bad, good], cleanup)
    await index.start()
    await index.awaitBlock(1)
    expect(index.status().endpoints[0]?.ok).toBe(false)
  })

  test('a restart goes on where the index was', async () => {
    const chain = await scriptedChain()
    chain.mine([created(STREAM)])
    chain.mineEmpty(20)
    const databaseFile = join(cleanup.folder(), 'registry.sqlite')
    const first = indexOf([chain], cleanup, { databaseFile })
    await first.start()
    await first.awaitBlock(21)
    await first.stop()
    chain.calls.length = 0
    chain.mineEmpty(1)
    const second = indexOf([chain], cleanup, { databaseFile })
    expect(await second.stream(STREAM)).toBeDefined()
    await second.start()
    await second.awaitBlock(22)
    const from = chain.calls
      .filter(({ method }) => method === 'eth_getLogs')
      .map(({ params }) => Number((params[0] as { fromBlock: string }).fromBlock))
    expect(Math.min(...from)).toBe(22)
  })

  test('a file of other contracts is set aside and the index built again', async () => {
    const chain = await scriptedChain()
    chain.mine([created(STREAM)])
    const databaseFile = join(cleanup.folder(), 'registry.sqlite')
    const first = indexOf([chain], cleanup, { databaseFile })
    await first.start()
    await first.awaitBlock(1)
    await first.stop()
    const contracts = { ...CONTRACTS, streamRegistry: `0x${'b1'.repeat(20)}` }
    const second = createRegistryIndex({
      ...{ databaseFile, contracts, chainId: CHAIN_ID, rpcUrls: [chain.url], logger: silentLogger },
    })
    cleanup.add(() => second.stop())
    expect(await second.stream(STREAM)).toBeUndefined()
  })

  test('a damaged file is set aside and the index built again', async () => {
    const chain = await scriptedChain()
    chain.mine([created(STREAM)])
    const folder = cleanup.folder()
    const databaseFile = join(folder, 'registry.sqlite')
    writeFileSync(databaseFile, 'not a database at all, but long enough to look like one'.repeat(50))
    const index = indexOf([chain], cleanup, { databaseFile })
    await index.start()
    await index.awaitBlock(1)
    expect(await index.stream(STREAM)).toBeDefined()
    expect(readdirSync(folder).some((name) => name.endsWith('.old'))).toBe(true)
  })

  test('a file of a newer version is refused and left as it is', async () => {
    const chain = await scriptedChain()
    const databaseFile = join(cleanup.folder(), 'registry.sqlite')
    const newer = new Database(databaseFile)
    newer.pragma('user_version = 99')
    newer.close()
    expect(() => indexOf([chain], cleanup, { databaseFile })).toThrow(/newer version/)
    expect(new Database(databaseFile, { readonly: true }).pragma('user_version', { simple: true })).toBe(99)
  })

  test('waiting for a block ends with the caller’s signal and with the index', async () => {
    const chain = await scriptedChain()
    const index = indexOf([chain], cleanup)
    await index.start()
    const caller = new AbortController()
    const waiting = index.awaitBlock(99, caller.signal)
    caller.abort()
    await expect(waiting).rejects.toMatchObject({ code: 'aborted' })
    const other = index.awaitBlock(99)
    await Promise.all([expect(other).rejects.toMatchObject({ code: 'aborted' }), index.stop()])
  })
})
