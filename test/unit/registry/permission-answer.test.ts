import { afterEach, describe, expect, test } from 'vitest'
import { PERMITTED_AHEAD_MS, partitionsOf } from '../../../electron/node/registry/permission-answer.ts'
import { GRANT_LEAD_MS } from '../../../electron/node/registry/permission-history.ts'
import type { RegistryIndex } from '../../../electron/node/registry/registry-index.ts'
import { ALICE, BOB, Cleanup, eventually, indexOf, OWNER, STREAM } from './fixtures.ts'
import {
  CHAIN_ID,
  CONTRACTS,
  created,
  MAX_UINT,
  ownership,
  permission,
  ScriptedChain,
} from './scripted-chain.ts'

const cleanup = new Cleanup()
afterEach(() => cleanup.run())

/** The stream is made at second 2,000, Alice may publish from 3,000 on; the chain stands at 4,000. */
async function indexedStream(): Promise<{ chain: ScriptedChain; index: RegistryIndex }> {
  const chain = new ScriptedChain()
  await chain.listen()
  cleanup.add(() => chain.close())
  chain.mine([created(STREAM, '{"partitions":4}'), ownership(STREAM, OWNER)], 2_000)
  chain.mine([permission(STREAM, ALICE, MAX_UINT)], 3_000)
  chain.mine([], 4_000)
  const index = indexOf([chain], cleanup)
  await index.start()
  await index.awaitBlock(3)
  return { chain, index }
}

describe('the permission oracle', () => {
  test('a permitted publisher is shown with the event the right rests on', async () => {
    const { chain, index } = await indexedStream()
    expect(await index.publishPermission(STREAM, ALICE.toUpperCase().replace('0X', '0x'), 3_500_000)).toEqual(
      {
        state: 'permitted',
        evidence: {
          chainId: CHAIN_ID,
          contract: CONTRACTS.streamRegistry,
          block: 2,
          blockTimestamp: 3_000_000,
          transaction: expect.stringMatching(/^0x[0-9a-f]{64}$/),
          publisher: ALICE,
          grantee: ALICE,
          publishExpiration: MAX_UINT.toString(),
        },
        validFrom: 3_000_000 - GRANT_LEAD_MS,
        validTo: chain.head.timestamp * 1_000 + PERMITTED_AHEAD_MS,
        partitions: 4,
      },
    )
  })

  test('a message newer than the chain is permitted for a while, and then waits for the chain', async () => {
    const { chain, index } = await indexedStream()
    const last = 4_000_000 + PERMITTED_AHEAD_MS
    expect((await index.publishPermission(STREAM, ALICE, last - 1)).state).toBe('permitted')
    const answer = await index.publishPermission(STREAM, ALICE, last)
    expect(answer).toMatchObject({ state: 'unknown', validFrom: last, validTo: last + 1 })
    const heard: string[] = []
    index.onChange((id) => heard.push(id))
    chain.mine([], 4_001)
    await eventually('the stream is asked about again', () => heard.includes(STREAM))
    expect((await index.publishPermission(STREAM, ALICE, last)).state).toBe('permitted')
  })

  test('a missing right is only certain once no grant can reach back to the message', async () => {
    const { chain, index } = await indexedStream()
    expect(await index.publishPermission(STREAM, BOB, 4_000_000 - GRANT_LEAD_MS)).toMatchObject({
      state: 'denied',
      evidence: null,
      validTo: 4_000_000 - GRANT_LEAD_MS + 1,
    })
    const at = 4_000_000
    expect((await index.publishPermission(STREAM, BOB, at)).state).toBe('unknown')
    const heard: string[] = []
    index.onChange((id) => heard.push(id))
    chain.mine([], 4_014)
    await index.awaitBlock(4)
    expect(heard).toEqual([])
    chain.mine([], 4_015)
    await index.awaitBlock(5)
    expect(heard).toEqual([STREAM])
    expect((await index.publishPermission(STREAM, BOB, at)).state).toBe('denied')
  })

  test('a grant in a block that comes after the message makes it permitted', async () => {
    const { chain, index } = await indexedStream()
    expect((await index.publishPermission(STREAM, BOB, 4_005_000)).state).toBe('unknown')
    chain.mine([permission(STREAM, BOB, MAX_UINT)], 4_010)
    await index.awaitBlock(4)
    expect((await index.publishPermission(STREAM, BOB, 4_005_000)).state).toBe('permitted')
  })

  test('a stream that is not there is told from one that is not known yet', async () => {
    const { chain, index } = await indexedStream()
    expect((await index.publishPermission(`${OWNER}/other`, ALICE, 3_000_000)).state).toBe('no-stream')
    const partial = indexOf([chain], cleanup, { startBlock: 3, complete: false })
    await partial.start()
    await partial.awaitBlock(3)
    expect((await partial.publishPermission(STREAM, ALICE, 3_000_000)).state).toBe('unknown')
  })
})

describe('the number of partitions', () => {
  test.each([
    ['{}', 1],
    ['not json', 1],
    ['{"partitions":100}', 100],
    ['{"partitions":101}', null],
    ['{"partitions":0}', null],
    ['{"partitions":1.5}', null],
    ['{"partitions":"7"}', null],
    ['null', 1],
    ['[]', 1],
  ])('of metadata %s is %s', (metadata, expected) => {
    expect(partitionsOf(metadata)).toBe(expected)
  })
})
