import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Wallet } from 'ethers'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { createFileModeSealer } from '../../electron/keys/sealer.ts'
import { findFreePort } from '../../electron/node/local-network/free-port.ts'
import { type LocalNetwork, startLocalNetwork } from '../../electron/node/local-network/local-network.ts'
import { createGraphServer } from '../../electron/node/registry/graph-server.ts'
import { createRegistryIndex } from '../../electron/node/registry/registry-index.ts'
import { type StorageNode, startStorageNode } from '../../electron/node/storage-node.ts'
import type { CustomNetwork } from '../../shared/environment.ts'
import type { NetworkDescription } from '../../shared/node-status.ts'
import type { RegistryChange } from '../../shared/registry-change.ts'
import { Cleanup, silentLogger } from './local-network-fixtures.ts'
import { giveEnsNames } from './support/ens-names.ts'
import { fund } from './support/joined-tidemark.ts'
import { createPublishingClient } from './support/publishing-client.ts'

/** A network that somebody else runs, as any chain but the local one is: the node only joins it. */
const NODE_KEY = Wallet.createRandom().privateKey
const READER = `0x${'12'.repeat(20)}`
const cleanup = new Cleanup()
let folder: string
let theirs: LocalNetwork
let network: NetworkDescription
let node: StorageNode
let streamId: string

function start(): Promise<StorageNode> {
  return startStorageNode({
    dataDir: join(folder, 'data'),
    loadPrivateKey: async () => NODE_KEY,
    secretBox: createFileModeSealer(),
    version: '0',
    clock: Date,
    logger: silentLogger,
    signal: new AbortController().signal,
  })
}

const seen = (check: () => unknown) => vi.waitFor(check, { timeout: 60_000, interval: 100 })

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidemark-custom-'))
  cleanup.add(() => rm(folder, { recursive: true, force: true }))
  const address = new Wallet(NODE_KEY).address
  const dataDir = join(folder, 'theirs')
  theirs = await startLocalNetwork({ dataDir, identityAddress: READER, logger: silentLogger })
  cleanup.add(() => theirs.stop())
  const index = createRegistryIndex({
    databaseFile: join(folder, 'their-registry.sqlite'),
    rpcUrls: [theirs.rpcUrl],
    chainId: theirs.chainId,
    contracts: theirs.contracts,
    logger: silentLogger,
  })
  const graph = createGraphServer({ index, host: '127.0.0.1', port: 0, logger: silentLogger })
  await Promise.all([index.start(), graph.start()])
  cleanup.add(() => index.stop())
  cleanup.add(() => graph.stop())
  const { rpcUrl, chainId, contracts, entryPoints, fundedPrivateKey } = theirs
  network = {
    environment: 'local',
    rpcUrl,
    chainId,
    contracts,
    entryPoints,
    fundedPrivateKey,
    theGraphUrl: graph.url(),
  }
  const custom: CustomNetwork = {
    chainId,
    // The preferred endpoint is down.
    rpcUrls: [`http://127.0.0.1:${await findFreePort()}`, rpcUrl],
    contracts,
    entryPoints: entryPoints as CustomNetwork['entryPoints'],
    theGraphUrl: null,
    startBlock: 0,
  }
  await mkdir(join(folder, 'data'))
  const choice = { version: 1, environment: 'custom', custom }
  await writeFile(join(folder, 'data', 'environment.json'), JSON.stringify(choice))
  node = await start()
  cleanup.add(() => node.stop())
  streamId = `${address.toLowerCase()}/rooms/kitchen`
})
afterAll(() => cleanup.run())

describe('a node in an environment of somebody else', () => {
  it('reaches the chain by the next endpoint, and tells of the one that fails', async () => {
    await seen(async () => {
      const { chain, streamr } = await node.status()
      expect(chain).toMatchObject({ reachable: true, chainId: theirs.chainId })
      expect(chain.rpcUrl).toBe(new URL(theirs.rpcUrl).origin)
      expect(chain.endpoints).toMatchObject([{ ok: false, problem: expect.any(String) }, { ok: true }])
      expect(streamr.connected).toBe(true)
    })
    expect(node.streams.subscribed()).toEqual([])
    expect(node.environment.view()).toMatchObject({ running: 'custom', needsRestart: false })
  })

  it('registers as a storage node when that is confirmed, at the cost shown before', async () => {
    await node.presence.advertise({ urls: ['http://127.0.0.1:1'], multiaddrs: [] })
    const poor = node.presence.view().registration
    expect(poor).toMatchObject({ state: 'unconfirmed', cost: { balanceWei: '0' } })
    await fund(network, node.address)
    await node.presence.refresh()
    const { cost } = node.presence.view().registration
    expect(BigInt(cost?.balanceWei ?? 0)).toBeGreaterThan(BigInt(cost?.feeWei ?? 0))
    expect(BigInt(cost?.feeWei ?? 0)).toBeGreaterThan(0n)
    await node.presence.confirm()
    expect(node.presence.view().registration).toMatchObject({ state: 'registered', cost: null })
  })

  it('makes a stream, gives and takes rights, and stores it, each at a cost that is told before', async () => {
    const write = async (change: RegistryChange) => {
      const { feeWei, gasUnits } = await node.registry.estimate(change)
      expect(BigInt(feeWei)).toBeGreaterThan(0n)
      expect(gasUnits).toBeGreaterThan(20_000)
      await node.registry.write(change)
    }
    const path = '/rooms/kitchen'
    await write({ kind: 'create', path, description: 'Kitchen', partitions: 3, publicRights: ['publish'] })
    await write({ kind: 'rights', streamId, grantee: 'public', rights: ['publish', 'subscribe'] })
    await write({ kind: 'rights', streamId, grantee: READER, rights: ['subscribe', 'grant'] })
    await seen(async () => {
      const { permissions, partitions, owner } = await node.registry.stream(streamId)
      expect({ partitions, owner }).toEqual({ partitions: 3, owner: { name: node.address, isEns: false } })
      expect(permissions.find(({ publisher }) => publisher === READER)).toMatchObject({
        canPublish: false,
        canSubscribe: true,
        canGrant: true,
        canEdit: false,
      })
      expect(permissions.find(({ publisher }) => /^0x0+$/.test(publisher))).toMatchObject({
        canPublish: true,
        canSubscribe: true,
      })
    })
    await write({ kind: 'rights', streamId, grantee: READER, rights: [] })
    await write({ kind: 'storage', streamId, nodeAddress: node.address, assigned: true })
    await seen(async () => {
      const { permissions, storageNodes, kept } = await node.registry.stream(streamId)
      expect(permissions.map(({ publisher }) => publisher)).not.toContain(READER)
      expect(storageNodes).toEqual([
        { address: node.address, urls: ['http://127.0.0.1:1'], isThisNode: true },
      ])
      expect(kept.map(({ partition, assigned }) => ({ partition, assigned }))).toEqual(
        [0, 1, 2].map((partition) => ({ partition, assigned: true })),
      )
    })
  })

  it('makes a stream under an ENS name of its account, finds it by that name, and verifies what comes there', async () => {
    const create: RegistryChange = {
      kind: 'create',
      path: 'lighthouse.eth/lamp',
      description: 'Lamp',
      partitions: 1,
      publicRights: [],
    }
    // Of a name that is not its own, the registry only asks the oracle: nothing is there.
    await giveEnsNames(network, READER)
    await node.registry.write({ ...create, path: 'elsewhere.eth/lamp' })
    await giveEnsNames(network, node.address)
    expect((await node.registry.estimate(create)).gasUnits).toBeGreaterThan(20_000)
    await node.registry.write(create)
    const id = create.path
    await node.registry.write({
      kind: 'rights',
      streamId: id,
      grantee: 'public',
      rights: ['publish', 'subscribe'],
    })
    await seen(async () => {
      expect(await node.streams.search('elsewhere.eth')).toMatchObject({ hits: [] })
      expect(await node.streams.search('lighthouse')).toMatchObject({ hits: [{ id, partitions: 1 }] })
      const { owner, permissions } = await node.registry.stream(id)
      expect(owner).toEqual({ name: 'lighthouse.eth', isEns: true })
      expect(permissions).toHaveLength(2)
    })
    await expect(node.streams.subscribe(id, 1)).rejects.toMatchObject({ code: 'invalid-input' })
    await node.streams.subscribe(id, 0)
    const publisher = await createPublishingClient(network)
    await publisher.joined(`${id}#0`)
    await publisher.client.publish(id, { candela: 1_000 })
    await seen(async () => {
      const lamp = (await node.streams.list()).find(({ streamId }) => streamId === id)
      expect(lamp).toMatchObject({ title: 'Lamp', messages: 1, verdicts: { verified: 1 } })
    })
    await publisher.client.destroy()
    await node.streams.unsubscribe(`${id}#0`)
  })

  it('says beforehand when it may not change a stream', async () => {
    const change: RegistryChange = {
      kind: 'rights',
      streamId: `${READER}/somebody-elses`,
      grantee: 'public',
      rights: ['subscribe'],
    }
    await expect(node.registry.estimate(change)).rejects.toMatchObject({
      code: expect.stringMatching(/^stream-/),
      remedy: expect.any(String),
    })
  })

  it('stores what is published there, and comes up with it when nothing can be reached any more', async () => {
    const publisher = await createPublishingClient(network)
    await publisher.joined(`${streamId}#1`)
    for (let n = 0; n < 5; n++) await publisher.client.publish({ id: streamId, partition: 1 }, { n })
    await seen(async () => {
      const part = (await node.store.statistics()).find(({ part }) => part === `${streamId}#1`)
      expect(part?.verdicts).toMatchObject({ verified: 5 })
    })
    await publisher.client.destroy()
    await node.streams.subscribe(streamId, 1)
    await node.stop()
    await theirs.stop()

    node = await start()
    const [kitchen] = await node.streams.list()
    expect(kitchen).toMatchObject({ part: `${streamId}#1`, title: 'Kitchen', messages: 5, subscribed: true })
    expect(await node.registry.stream(streamId)).toMatchObject({ partitions: 3, metadata: { partitions: 3 } })
    await seen(async () => {
      const { chain, problems } = await node.status()
      expect(chain.reachable).toBe(false)
      expect(problems.map(({ code }) => code)).toEqual(
        expect.arrayContaining(['rpc-unreachable', 'not-running']),
      )
    })
    await expect(
      node.registry.estimate({ kind: 'storage', streamId, nodeAddress: READER, assigned: true }),
    ).rejects.toMatchObject({ code: 'rpc-unreachable' })
  })
})
