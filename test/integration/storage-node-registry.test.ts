import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { JsonRpcProvider, Wallet } from 'ethers'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { createStorageRegistry } from '../../electron/node/streamr/storage-registry.ts'
import { type PortalProcess, startPortal } from '../support/portal-process.ts'
import { fund, type JoinedTidemark, joinTidemark } from './support/joined-tidemark.ts'
import { createPublishingClient, type PublishingClient } from './support/publishing-client.ts'

const NODE_KEY = Wallet.createRandom().privateKey
const NOWHERE = 'http://127.0.0.1:1'

let folder: string
let portal: PortalProcess
let node: JoinedTidemark
let owner: PublishingClient
let chain: JsonRpcProvider

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidemark-registry-'))
  await mkdir(join(folder, 'node'))
  portal = await startPortal(join(folder, 'first'), join(folder, 'state'))
  const { network } = portal.ready
  chain = new JsonRpcProvider(network.rpcUrl, network.chainId, { staticNetwork: true })
  await fund(network, new Wallet(NODE_KEY).address)
  node = await joinTidemark({ network, privateKey: NODE_KEY, dataDir: join(folder, 'node') })
  owner = await createPublishingClient(network, { privateKey: network.fundedPrivateKey ?? '' })
})
afterAll(async () => {
  chain?.destroy()
  await owner?.client.destroy()
  await node?.stop()
  await portal?.stop()
  await rm(folder, { recursive: true, force: true })
})

const until = (check: () => void | Promise<void>) => vi.waitFor(check, { timeout: 60_000, interval: 100 })

async function newRegistry(rpcUrls: string[] = [portal.ready.network.rpcUrl]) {
  const privateKey = Wallet.createRandom().privateKey
  const [rpcUrl = '', ...others] = rpcUrls
  const network = { ...portal.ready.network, rpcUrl, rpcUrls: others }
  return { address: new Wallet(privateKey).address, registry: createStorageRegistry({ network, privateKey }) }
}

describe('this node’s entry on the chain', () => {
  it('is told to be missing, costs what was shown at most, and is there afterwards', async () => {
    const { address, registry } = await newRegistry()
    await fund(portal.ready.network, address)
    expect(await registry.read()).toEqual({ metadata: null, hasAssignmentStream: false })
    const change = { metadata: { urls: ['https://storage.example.org'] }, createAssignmentStream: true }
    const cost = await registry.estimate(change)
    expect(cost.gasUnits).toBeGreaterThan(50_000)
    const before = await chain.getBalance(address)
    expect(cost.balanceWei).toBe(before.toString())
    await registry.write(change)
    const paid = before - (await chain.getBalance(address))
    expect(paid > 0n && paid <= BigInt(cost.feeWei)).toBe(true)
    expect(await registry.read()).toEqual({ metadata: change.metadata, hasAssignmentStream: true })
    await registry.write({ metadata: null })
    expect(await registry.read()).toEqual({ metadata: null, hasAssignmentStream: true })
  })

  it('is read through the next endpoint when the first does not answer', async () => {
    const { registry } = await newRegistry([NOWHERE, portal.ready.network.rpcUrl])
    expect(await registry.read()).toEqual({ metadata: null, hasAssignmentStream: false })
  })

  it('is told to be out of reach, in words, when no endpoint answers', async () => {
    const { registry } = await newRegistry([NOWHERE])
    await expect(registry.read()).rejects.toMatchObject({ code: 'rpc-unreachable' })
  })

  it('is not written by an account without gas, and the operator is told so', async () => {
    const { registry } = await newRegistry()
    await expect(registry.write({ metadata: { urls: ['https://a.example.org'] } })).rejects.toMatchObject({
      code: 'chain-unavailable',
    })
  })

  it('is read as empty where its metadata is no object', async () => {
    const { address, registry } = await newRegistry()
    await fund(portal.ready.network, address)
    await registry.write({ metadata: [] as unknown as Record<string, unknown> })
    expect((await registry.read()).metadata).toEqual({})
  })
})

describe('an assignment', () => {
  it('is made and taken back by an owner, who sees the cost before', async () => {
    const { network } = portal.ready
    const registry = createStorageRegistry({ network, privateKey: network.fundedPrivateKey ?? '' })
    const stream = await owner.client.createStream('/chosen-storage')
    const assignment = { streamId: stream.id, nodeAddress: node.address, assigned: true }
    expect((await registry.estimateAssignment(assignment)).gasUnits).toBeGreaterThan(20_000)
    await registry.writeAssignment(assignment)
    await until(() => expect(node.presence.isAssigned(`${stream.id}#0`)).toBe(true))
    await registry.writeAssignment({ ...assignment, assigned: false })
    await until(() => expect(node.presence.isAssigned(`${stream.id}#0`)).toBe(false))
  })

  it('ends with its stream', async () => {
    const stream = await owner.client.createStream('/soon-deleted')
    await stream.addToStorageNode(node.address, { wait: true, timeout: 60_000 })
    expect(node.presence.isAssigned(`${stream.id}#0`)).toBe(true)
    await owner.client.deleteStream(stream.id)
    await until(() => expect(node.presence.isAssigned(`${stream.id}#0`)).toBe(false))
  })

  it('ends when the chain takes it back', async () => {
    const stream = await owner.client.createStream('/taken-back')
    const snapshot = await chain.send('evm_snapshot', [])
    await stream.addToStorageNode(node.address, { wait: true, timeout: 60_000 })
    expect(node.presence.isAssigned(`${stream.id}#0`)).toBe(true)
    await chain.send('evm_revert', [snapshot])
    await until(() => expect(node.presence.isAssigned(`${stream.id}#0`)).toBe(false))
  })
})
