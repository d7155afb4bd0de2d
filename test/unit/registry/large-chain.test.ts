import { AbiCoder, Interface } from 'ethers'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { NO_TRANSACTION } from '../../../electron/node/registry/baselines.ts'
import { GRANT_LEAD_MS } from '../../../electron/node/registry/permission-history.ts'
import { ALICE, BOB, Cleanup, eventually, indexOf, OWNER, PUBLIC, STREAM } from './fixtures.ts'
import { MAX_UINT, permission, ScriptedChain } from './scripted-chain.ts'

/** An index that begins at the chain's newest block, as on chains too large to read whole. */
const REGISTRY = new Interface([
  'function getStreamMetadata(string streamId) view returns (string)',
  'function getDirectPermissionsForUserId(string streamId, bytes user) view returns (tuple(bool canEdit, bool canDelete, uint256 publishExpiration, uint256 subscribeExpiration, bool canGrant))',
])
const cleanup = new Cleanup()
let chain: ScriptedChain
let publishers: Map<string, bigint>

beforeEach(async () => {
  chain = new ScriptedChain()
  await chain.listen()
  cleanup.add(() => chain.close())
  publishers = new Map([[ALICE, MAX_UINT]])
  chain.override = (method, params) => {
    if (method !== 'eth_call') return undefined
    const { data } = params[0] as { data: string }
    const call = REGISTRY.parseTransaction({ data })
    const [streamId, user] = call?.args ?? []
    if (streamId !== STREAM)
      return { error: { code: 3, message: 'execution reverted: error_streamDoesNotExist' } }
    if (call?.name === 'getStreamMetadata') {
      return { result: AbiCoder.defaultAbiCoder().encode(['string'], ['{"partitions":4}']) }
    }
    const until = publishers.get(String(user)) ?? 0n
    const result = REGISTRY.encodeFunctionResult('getDirectPermissionsForUserId', [
      [false, false, until, 0n, false],
    ])
    return { result }
  }
  chain.mineEmpty(5)
})
afterEach(() => cleanup.run())

async function begunAtTheNewest() {
  const index = indexOf([chain], cleanup, { startBlock: null })
  await index.start()
  await index.awaitBlock(chain.head.number)
  return index
}

/** Asks until the chain was asked, too. */
async function askUntilKnown(
  index: Awaited<ReturnType<typeof begunAtTheNewest>>,
  publisher: string,
  at: number,
) {
  await eventually('it is known', async () => {
    return (await index.publishPermission(STREAM, publisher, at)).state !== 'unknown'
  })
  return index.publishPermission(STREAM, publisher, at)
}

describe('an index that begins at the newest block', () => {
  test('reads nothing of the blocks before it', async () => {
    await begunAtTheNewest()
    const ranges = chain.calls.filter(({ method }) => method === 'eth_getLogs').map(({ params }) => params[0])
    expect(ranges[0]).toMatchObject({ fromBlock: '0x5' })
  })

  test('asks the contract about a publisher, and says what the answer rests on', async () => {
    const index = await begunAtTheNewest()
    const at = chain.head.timestamp * 1_000
    expect(await askUntilKnown(index, ALICE, at)).toMatchObject({
      state: 'permitted',
      partitions: 4,
      evidence: { block: 5, transaction: NO_TRANSACTION },
    })
    expect(await index.stream(STREAM)).toMatchObject({ metadata: '{"partitions":4}' })
  })

  test('knows nothing of the time before it asked, for or against', async () => {
    const index = await begunAtTheNewest()
    const at = chain.head.timestamp * 1_000
    await askUntilKnown(index, ALICE, at)
    const before = at - GRANT_LEAD_MS - 1
    expect(await index.publishPermission(STREAM, ALICE, before)).toMatchObject({
      state: 'unknown',
      evidence: null,
    })
  })

  test('says that a right is missing only from the block on at which it asked', async () => {
    const index = await begunAtTheNewest()
    const at = chain.head.timestamp * 1_000
    await index.publishPermission(STREAM, BOB, at)
    await eventually('the stream is known', () => index.stream(STREAM))
    chain.mine([], chain.head.timestamp + 60)
    await index.awaitBlock(6)
    expect(await askUntilKnown(index, BOB, at + 1_000)).toMatchObject({ state: 'denied', validFrom: at })
    expect((await index.publishPermission(STREAM, BOB, at - 1)).state).toBe('unknown')
  })

  test('goes on from there by the chain’s own events', async () => {
    const index = await begunAtTheNewest()
    await askUntilKnown(index, ALICE, chain.head.timestamp * 1_000)
    const revoked = chain.mine([permission(STREAM, ALICE, 0n)])
    chain.mine([permission(STREAM, BOB, MAX_UINT)], revoked.timestamp + 60)
    await index.awaitBlock(7)
    const state = async (who: string, at: number) => (await index.publishPermission(STREAM, who, at)).state
    expect(await state(ALICE, revoked.timestamp * 1_000 - 1)).toBe('permitted')
    expect(await state(ALICE, revoked.timestamp * 1_000 + 1_000)).toBe('denied')
    expect(await state(BOB, chain.head.timestamp * 1_000)).toBe('permitted')
  })

  test('takes a right of everybody for one of each', async () => {
    publishers.set(PUBLIC, MAX_UINT)
    const index = await begunAtTheNewest()
    const answer = await askUntilKnown(index, BOB, chain.head.timestamp * 1_000)
    expect(answer).toMatchObject({ state: 'permitted', evidence: { grantee: PUBLIC } })
  })

  test('asks again when a reorganisation took back the block it asked at', async () => {
    const index = await begunAtTheNewest()
    index.follow(STREAM)
    await eventually('the stream is known', () => index.stream(STREAM))
    publishers.set(PUBLIC, MAX_UINT)
    chain.reorganise(2)
    chain.mineEmpty(3)
    await index.awaitBlock(chain.head.number)
    await eventually('the stream is known again, by what holds now', async () => {
      const [right] = await index.permissions(STREAM)
      return right?.grantee === PUBLIC && right.block > 3
    })
  })

  test('leaves a stream that is not there unknown, and asks about it once', async () => {
    const index = await begunAtTheNewest()
    const other = `${OWNER}/not-there`
    for (let block = 6; block < 9; block++) {
      expect((await index.publishPermission(other, ALICE, chain.head.timestamp * 1_000)).state).toBe(
        'unknown',
      )
      chain.mine()
      await index.awaitBlock(block)
    }
    const asked = chain.calls.filter(({ method, params }) => {
      return (
        method === 'eth_call' && JSON.stringify(params).includes(Buffer.from('not-there').toString('hex'))
      )
    })
    expect(asked).toHaveLength(1)
  })

  test('takes over the storage nodes another index tells of, but not against its own events', async () => {
    const index = await begunAtTheNewest()
    index.follow(STREAM)
    await eventually('the stream is known', () => index.stream(STREAM))
    const node = { id: `0x${'cc'.repeat(20)}`, metadata: '{"urls":["http://a"]}', lastSeen: 7 }
    index.adoptStorage(STREAM, [node])
    index.adoptStorage(STREAM, [{ ...node, metadata: '{}' }])
    expect(await index.storageNodes(STREAM)).toEqual([node])
    expect(await index.assignments(node.id)).toMatchObject([{ id: STREAM }])
  })

  test('does well with endpoints that answer no calls', async () => {
    const answers = chain.override
    chain.override = (method) =>
      method === 'eth_call' ? { error: { code: -32_000, message: 'missing trie node' } } : undefined
    const index = await begunAtTheNewest()
    expect((await index.publishPermission(STREAM, ALICE, chain.head.timestamp * 1_000)).state).toBe('unknown')
    await eventually('it was asked', () => chain.calls.some(({ method }) => method === 'eth_call'))
    chain.override = answers
    expect(await askUntilKnown(index, ALICE, chain.head.timestamp * 1_000)).toMatchObject({
      state: 'permitted',
    })
  })
})
