import { setTimeout as delay } from 'node:timers/promises'
import fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'
import {
  ALICE,
  BOB,
  Cleanup,
  eventually,
  indexOf,
  OWNER,
  PUBLIC,
  STREAM,
  snapshot,
  startChain,
} from './fixtures.ts'
import {
  assigned,
  created,
  deleted,
  MAX_UINT,
  nodeRemoved,
  nodeUpdated,
  ownership,
  permission,
  permissionForUserId,
  ScriptedChain,
  type ScriptedLog,
  unassigned,
} from './scripted-chain.ts'

const NODE = `0x${'cc'.repeat(20)}`
const cleanup = new Cleanup()
afterEach(() => cleanup.run())

describe('reorganisations', () => {
  test('what was on the abandoned branch is gone, and its streams are told of', async () => {
    const chain = await startChain(cleanup)
    chain.mine([created(STREAM), ownership(STREAM, OWNER)])
    chain.mine([permission(STREAM, ALICE, MAX_UINT)])
    const index = indexOf([chain], cleanup)
    await index.start()
    await index.awaitBlock(2)
    const time = (chain.blocks[2]?.timestamp ?? 0) * 1_000
    expect(await index.publishPermission(STREAM, ALICE, time)).toMatchObject({ state: 'permitted' })
    const heard = new Set<string>()
    index.onChange((id) => heard.add(id))
    chain.reorganise(1)
    chain.mine([permission(STREAM, BOB, MAX_UINT)])
    chain.mine()
    await index.awaitBlock(3)
    expect((await index.permissions(STREAM)).map(({ grantee }) => grantee)).toEqual([OWNER, BOB])
    expect(heard).toEqual(new Set([STREAM]))
    // The right is judged anew: no message of Alice rests on the block that is gone.
    expect((await index.publishPermission(STREAM, ALICE, time)).state).not.toBe('permitted')
  })

  test('a chain that came back shorter is followed back', async () => {
    const chain = await startChain(cleanup)
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
    const chain = await startChain(cleanup)
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
    const chain = await startChain(cleanup)
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
    const chain = await startChain(cleanup)
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
