import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type LocalNetwork, startLocalNetwork } from '../../electron/node/local-network/local-network.ts'
import { LOCAL_GRANT_LEAD_MS } from '../../electron/node/registry/permission-history.ts'
import { createRegistryIndex, type RegistryIndex } from '../../electron/node/registry/registry-index.ts'
import {
  Cleanup,
  eventually,
  NODE_ADDRESS,
  PUBLISH,
  RegistryOwner,
  silentLogger,
} from './local-network-fixtures.ts'

const PUBLISHER = `0x${'77'.repeat(20)}`
const EVERYBODY = '0x0000000000000000000000000000000000000000'

const cleanup = new Cleanup()
let dataDir: string
let network: LocalNetwork
let owner: RegistryOwner
let index: RegistryIndex

async function startNetwork(): Promise<LocalNetwork> {
  return startLocalNetwork({
    dataDir,
    identityAddress: NODE_ADDRESS,
    logger: silentLogger,
    blockIntervalMs: 250,
  })
}

beforeAll(async () => {
  dataDir = cleanup.folder()
  network = await startNetwork()
  cleanup.add(() => network.stop())
  owner = new RegistryOwner(network)
  cleanup.add(() => owner.close())
  index = createRegistryIndex({
    databaseFile: join(dataDir, 'registry.sqlite'),
    rpcUrls: [network.rpcUrl],
    chainId: network.chainId,
    contracts: network.contracts,
    logger: silentLogger,
  })
  cleanup.add(() => index.stop())
  await index.start()
})
afterAll(() => cleanup.run())

async function timeOf(block: number): Promise<number> {
  const header = (await owner.rpc('eth_getBlockByNumber', `0x${block.toString(16)}`, false)) as Record<
    string,
    string
  >
  return Number(header.timestamp) * 1_000
}

/** Lets the clock go into another second than that of the newest block. */
async function nextSecond(): Promise<void> {
  const { timestamp } = await owner.latestBlock()
  await eventually('another second', async () => (await owner.latestBlock()).timestamp > timestamp)
}

async function decided(streamId: string, at: number) {
  await eventually('the answer is certain', async () => {
    return (await index.publishPermission(streamId, PUBLISHER, at)).state !== 'unknown'
  })
  return index.publishPermission(streamId, PUBLISHER, at)
}

describe('the registry index on a real chain', () => {
  test('a right counts between the blocks that gave it and took it', async () => {
    const stream = await owner.createStream('/by-block-time')
    await nextSecond()
    await nextSecond()
    const granted = await timeOf(await owner.send('grantPermission', stream, PUBLISHER, PUBLISH))
    await nextSecond()
    const block = await owner.send('revokePermission', stream, PUBLISHER, PUBLISH)
    const revoked = await timeOf(block)
    await index.awaitBlock(block)
    expect((await decided(stream, granted - LOCAL_GRANT_LEAD_MS - 1)).state).toBe('denied')
    expect(await decided(stream, granted)).toMatchObject({
      state: 'permitted',
      evidence: {
        publisher: PUBLISHER,
        grantee: PUBLISHER,
        blockTimestamp: granted,
        chainId: network.chainId,
      },
      validTo: revoked,
    })
    expect((await decided(stream, revoked - 1)).state).toBe('permitted')
    expect(await decided(stream, revoked)).toMatchObject({
      state: 'denied',
      evidence: { publishExpiration: '0', block, blockTimestamp: revoked },
    })
  })

  test('everybody’s right counts for each, and ends with the stream', async () => {
    const stream = await owner.createStream('/for-everybody')
    await index.awaitBlock(await owner.send('grantPermission', stream, EVERYBODY, PUBLISH))
    expect(await decided(stream, Date.now())).toMatchObject({
      state: 'permitted',
      evidence: { grantee: EVERYBODY },
    })
    await nextSecond()
    const block = await owner.send('deleteStream', stream)
    await index.awaitBlock(block)
    expect((await decided(stream, await timeOf(block))).state).toBe('no-stream')
    expect(await index.stream(stream)).toBeUndefined()
  })

  test('what a reorganisation undid is not in the index any more', async () => {
    const kept = await owner.createStream('/before')
    const snapshot = await owner.rpc('evm_snapshot')
    const undone = await owner.createStream('/undone')
    await index.awaitBlock((await owner.latestBlock()).number)
    expect(await index.stream(undone)).toBeDefined()
    const heard: string[] = []
    const stopListening = index.onChange((id) => heard.push(id))
    await owner.rpc('evm_revert', snapshot)
    const instead = await owner.createStream('/instead')
    await eventually('the other branch is indexed', () => index.stream(instead))
    await eventually('the undone stream is gone', async () => (await index.stream(undone)) === undefined)
    stopListening()
    expect(await index.stream(kept)).toBeDefined()
    expect(heard).toContain(undone)
  })

  test('it goes on by itself when the chain was away, and follows what came meanwhile', async () => {
    const before = await owner.createStream('/before-the-pause')
    await index.awaitBlock((await owner.latestBlock()).number)
    await network.stop()
    await eventually('the index says that the chain is away', () => !index.status().reachable)
    expect(await index.stream(before)).toBeDefined()
    expect((await index.publishPermission(before, owner.address, Date.now() - 1)).state).toBe('permitted')
    network = await startNetwork()
    const after = await owner.createStream('/after-the-pause')
    await eventually('the new stream is indexed', () => index.stream(after))
    expect(index.status()).toMatchObject({ reachable: true, refusedLogs: 0 })
  })
})
