import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { contentDigest } from '../../../electron/node/message/content-digest.ts'
import { encodeStreamMessage } from '../../../electron/node/message/encode.ts'
import { type DecodedMessage, SIGNATURE_TYPE } from '../../../electron/node/message/stream-message.ts'
import type { RegistryIndex } from '../../../electron/node/registry/registry-index.ts'
import { openSqliteStore, type SqliteStore } from '../../../electron/node/store/sqlite-store.ts'
import { startVerifierRole, type VerifierRole } from '../../../electron/node/verifier-role.ts'
import { Cleanup, eventually, indexOf, OWNER, STREAM, startChain } from '../registry/fixtures.ts'
import { created, MAX_UINT, ownership, permission, type ScriptedChain } from '../registry/scripted-chain.ts'
import { silentLogger } from './fakes.ts'
import { createSigner, signedMessage } from './signers.ts'

/** On top of the one that gives the right. */
const BLOCKS = 4
const cleanup = new Cleanup()
const signer = createSigner(SIGNATURE_TYPE.secp256k1Evm)
let chain: ScriptedChain
let index: RegistryIndex
let store: SqliteStore
let role: VerifierRole
let message: DecodedMessage
let now: number

beforeAll(async () => {
  chain = await startChain(cleanup)
  chain.mine([created(STREAM), ownership(STREAM, OWNER)])
  chain.mine([permission(STREAM, signer.publisher, MAX_UINT)])
  index = indexOf([chain], cleanup)
  await index.start()
  await index.awaitBlock(2)
  const timestamp = (chain.blocks[2]?.timestamp ?? 0) * 1_000 + 1
  const dataDir = cleanup.folder()
  now = timestamp + 60_000
  const clock = { now: () => now }
  store = await openSqliteStore({ file: join(dataDir, 'store.sqlite'), logger: silentLogger, clock })
  cleanup.add(() => store.close())
  const stack = new AsyncDisposableStack()
  cleanup.add(() => stack.disposeAsync())
  role = await startVerifierRole({
    ...{ dataDir, store, permissions: index, rpcUrls: [], clock, stack },
    logger: silentLogger,
    signal: new AbortController().signal,
  })
  message = await signedMessage(signer, { streamId: STREAM, timestamp })
  await role.pool.ingestAll([
    { bytes: encodeStreamMessage(message), source: 'live', receivedAt: timestamp + 50 },
  ])
}, 60_000)
afterAll(() => cleanup.run())

const standing = async () => {
  const [stored] = await store.get(message.id)
  return stored && [stored.verdict, stored.reason]
}
const becomes = (verdict: string) =>
  eventually(`the message is ${verdict}`, async () => (await standing())?.[0] === verdict)

describe('a right in a block that the chain takes back', () => {
  it('is taken from its messages, given again with the branch that has it, and both are on record', async () => {
    expect(await standing()).toEqual(['verified', 'signed-and-permitted'])
    const gone = chain.blocks[2]?.hash
    chain.reorganise(1)
    for (let block = 0; block < BLOCKS; block++) chain.mine([], chain.head.timestamp + 30)
    await becomes('unauthorised')
    // The recent messages of one stream are looked at again no sooner than so.
    now += 30_000
    chain.reorganise(BLOCKS)
    chain.mine([permission(STREAM, signer.publisher, MAX_UINT)])
    for (let block = 0; block < BLOCKS; block++) chain.mine([], chain.head.timestamp + 30)
    await becomes('verified')
    expect(chain.blocks[2]?.hash).not.toBe(gone)
    const digest = Buffer.from(contentDigest(message)).toString('hex')
    expect(role.history.of(message.id, digest)).toMatchObject([
      { from: { verdict: 'verified' }, to: { verdict: 'unauthorised', reason: 'no-publish-permission' } },
      { from: { verdict: 'unauthorised' }, to: { verdict: 'verified' }, because: { block: 2 } },
    ])
  }, 60_000)
})
