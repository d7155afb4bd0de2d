import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import type { StreamPermission, StreamrClient } from '@streamr/sdk'
import { verifyMessage } from 'ethers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findFreePort } from '../../electron/node/local-network/free-port.ts'
import { startLocalNetwork } from '../../electron/node/local-network/local-network.ts'
import type { RawMessage } from '../../electron/node/ports.ts'
import { createGraphServer } from '../../electron/node/registry/graph-server.ts'
import { createRegistryIndex, type RegistryIndex } from '../../electron/node/registry/registry-index.ts'
import type { StreamrNetwork } from '../../electron/node/streamr/client-config.ts'
import { createStreamrAdapter, type StreamrAdapter } from '../../electron/node/streamr/streamr-adapter.ts'
import { Cleanup, eventually, NODE_ADDRESS, NODE_KEY, silentLogger } from './local-network-fixtures.ts'

/** The SDK reads its log level when it is loaded. */
process.env.LOG_LEVEL = 'silent'
process.env.DISABLE_PRETTY_LOG = 'true'
const sdk = await import('@streamr/sdk')

const cleanup = new Cleanup()
let network: StreamrNetwork & { fundedPrivateKey: string }
let index: RegistryIndex
let adapter: StreamrAdapter
/** A second client that knows nothing but the description of the network. */
let guest: StreamrClient

async function plainClient(privateKey: string): Promise<StreamrClient> {
  const port = await findFreePort()
  const { chainId, contracts, rpcUrl, theGraphUrl, entryPoints } = network
  const client = new sdk.StreamrClient({
    auth: { privateKey },
    metrics: false,
    logLevel: 'silent',
    contracts: {
      ethereumNetwork: { chainId },
      streamRegistryChainAddress: contracts.streamRegistry,
      streamStorageRegistryChainAddress: contracts.streamStorageRegistry,
      storageNodeRegistryChainAddress: contracts.storageNodeRegistry,
      rpcs: [{ url: rpcUrl }],
      rpcQuorum: 1,
      theGraphUrl,
    },
    network: {
      controlLayer: {
        entryPoints: entryPoints as { nodeId: string }[],
        entryPointDiscovery: { enabled: false },
        peerDescriptor: {
          nodeId: randomBytes(20).toString('hex'),
          websocket: { host: '127.0.0.1', port, tls: false },
        },
        websocketPortRange: { min: port, max: port },
        websocketHost: '127.0.0.1',
        websocketServerEnableTls: false,
        webrtcAllowPrivateAddresses: true,
        iceServers: [],
      },
    },
  })
  cleanup.add(() => client.destroy())
  return client
}

beforeAll(async () => {
  const dataDir = cleanup.folder()
  const local = await startLocalNetwork({ dataDir, identityAddress: NODE_ADDRESS, logger: silentLogger })
  cleanup.add(() => local.stop())
  index = createRegistryIndex({
    databaseFile: join(dataDir, 'registry.sqlite'),
    rpcUrls: [local.rpcUrl],
    chainId: local.chainId,
    contracts: local.contracts,
    logger: silentLogger,
  })
  cleanup.add(() => index.stop())
  const graph = createGraphServer({ index, host: '127.0.0.1', port: 0, logger: silentLogger })
  cleanup.add(() => graph.stop())
  await Promise.all([index.start(), graph.start()])
  network = { ...local, theGraphUrl: graph.url() }
  adapter = createStreamrAdapter({
    environment: 'local',
    network,
    privateKey: NODE_KEY,
    filesFolder: join(dataDir, 'streamr-sdk'),
    logger: silentLogger,
  })
  cleanup.add(() => adapter.stop())
  await adapter.start()
  guest = await plainClient(network.fundedPrivateKey)
})
afterAll(() => cleanup.run())

/** What was signed, after Streamr's own rule: the parts of the id as text, the predecessor, the content. */
function recoverSigner(bytes: Uint8Array): string {
  const message = sdk.convertBytesToStreamMessage(bytes)
  const { streamId, streamPartition, timestamp, sequenceNumber, publisherId, msgChainId } = message.messageId
  const previous = message.prevMsgRef
  const head = `${streamId}${streamPartition}${timestamp}${sequenceNumber}${publisherId}${msgChainId}`
  const tail = previous === undefined ? '' : `${previous.timestamp}${previous.sequenceNumber}`
  const payload = Buffer.concat([Buffer.from(head + tail), message.content])
  return verifyMessage(payload, `0x${Buffer.from(message.signature).toString('hex')}`).toLowerCase()
}

function collect(): { messages: RawMessage[]; stop: () => void } {
  const messages: RawMessage[] = []
  return { messages, stop: adapter.onMessage((message) => messages.push(message)) }
}

describe('the Streamr adapter on a real network', () => {
  test('200 messages of another client arrive once each, as the network encodes them, with good signatures', async () => {
    const stream = await guest.createStream('/two-hundred')
    await stream.grantPermissions({ public: true, permissions: ['subscribe' as StreamPermission] })
    const part = `${stream.id}#0`
    await adapter.subscribe(part)
    const { messages, stop } = collect()
    // The first one joins the publisher to the stream part; it may be sent before they have met.
    await guest.publish(stream.id, { warm: 'up' })
    await eventually('the two nodes are neighbours', () => adapter.neighbours(part).length > 0)
    const sent = []
    for (let value = 0; value < 200; value++) sent.push(await guest.publish(stream.id, { value }))
    await eventually(
      'all have come',
      () => messages.filter(({ bytes }) => numberIn(bytes) !== undefined).length >= 200,
    )
    stop()
    const numbered = messages.filter(({ bytes }) => numberIn(bytes) !== undefined)
    expect(numbered.map(({ bytes }) => numberIn(bytes)).sort((a, b) => Number(a) - Number(b))).toEqual(
      Array.from({ length: 200 }, (_, value) => value),
    )
    const guestAddress = await guest.getAddress()
    for (const { bytes, source } of numbered) {
      expect(source).toBe('live')
      expect(recoverSigner(bytes)).toBe(guestAddress)
      expect(sdk.convertStreamMessageToBytes(sdk.convertBytesToStreamMessage(bytes))).toEqual(bytes)
    }
    const times = sent.map(({ timestamp, sequenceNumber }) => `${timestamp} ${sequenceNumber}`)
    const received = numbered.map(({ bytes }) => {
      const { timestamp, sequenceNumber } = sdk.convertBytesToStreamMessage(bytes).messageId
      return `${timestamp} ${sequenceNumber}`
    })
    expect(new Set(received)).toEqual(new Set(times))
    expect(adapter.neighbourCount()).toBeGreaterThan(0)
  })

  test('its own publications arrive once, at the place it was told', async () => {
    const { id } = await adapter.createStream('/own', { partitions: 2 }, [
      { grantee: 'public', rights: ['subscribe'] },
    ])
    await adapter.subscribe(`${id}#1`)
    const { messages, stop } = collect()
    const timestamp = Date.now() - 5_000
    const published = await adapter.publish(id, { a: 1 }, { timestamp, partition: 1 })
    expect(published).toMatchObject({ timestamp, partition: 1 })
    await adapter.publish(id, { a: 2 }, { partition: 1 })
    await eventually('both have come', () => messages.length >= 2)
    stop()
    expect(messages.map(({ bytes }) => recoverSigner(bytes))).toEqual([NODE_ADDRESS, NODE_ADDRESS])
    expect(sdk.convertBytesToStreamMessage((messages[0] as RawMessage).bytes).messageId).toMatchObject({
      streamId: id,
      streamPartition: 1,
      timestamp,
      sequenceNumber: published.sequence,
      msgChainId: published.chain,
    })
  })

  test('other parts, and parts it has left, are not heard', async () => {
    const { id } = await adapter.createStream('/left', { partitions: 2 }, [
      { grantee: 'public', rights: ['subscribe'] },
    ])
    await adapter.subscribe(`${id}#0`)
    const { messages, stop } = collect()
    await adapter.publish(id, { here: true }, { partition: 0 })
    await adapter.publish(id, { elsewhere: true }, { partition: 1 })
    await adapter.unsubscribe(`${id}#0`)
    await adapter.publish(id, { late: true }, { partition: 0 })
    await adapter.subscribe(`${id}#0`)
    await adapter.publish(id, { last: true }, { partition: 0 })
    await eventually('the last has come', () => messages.length >= 2)
    stop()
    const contents = messages.map(({ bytes }) => sdk.convertBytesToStreamMessage(bytes).getParsedContent())
    expect(contents).toEqual([{ here: true }, { last: true }])
  })

  test('what cannot be done is said in a sentence', async () => {
    const stranger = `0x${'99'.repeat(20)}/nothing`
    await expect(adapter.getStream(stranger)).rejects.toMatchObject({ code: 'stream-not-found' })
    const stream = await guest.createStream('/not-yours')
    await expect(adapter.publish(stream.id, { a: 1 })).rejects.toMatchObject({ code: 'stream-no-permission' })
    await expect(
      adapter.grantPermissions(stream.id, [{ grantee: NODE_ADDRESS, rights: ['publish'] }]),
    ).rejects.toMatchObject({ code: 'stream-no-permission' })
    await adapter.createStream('/twice', {})
    await expect(adapter.createStream('/twice', {})).rejects.toMatchObject({ code: 'invalid-input' })
  })

  test('rights are given, seen and taken', async () => {
    const { id } = await adapter.createStream('/rights', {})
    const grantee = await guest.getAddress()
    expect(await adapter.hasPermission(id, 'publish', grantee)).toBe(false)
    await adapter.grantPermissions(id, [{ grantee, rights: ['publish', 'subscribe'] }])
    expect(await adapter.hasPermission(id, 'publish', grantee)).toBe(true)
    await adapter.revokePermissions(id, [{ grantee, rights: ['publish'] }])
    expect(await adapter.hasPermission(id, 'publish', grantee)).toBe(false)
    expect(await adapter.hasPermission(id, 'publish', 'public')).toBe(false)
    expect(await adapter.getStream(id)).toMatchObject({ id, partitions: 1 })
  })
})

describe('a plain SDK client that was given only the description of the network', () => {
  test('creates a stream, finds it by searching, and reads its metadata and rights', async () => {
    const stream = await guest.createStream({ id: '/findable-by-search', description: 'Here I am' })
    await stream.grantPermissions({ userId: NODE_ADDRESS, permissions: ['publish' as StreamPermission] })
    const other = await plainClient(NODE_KEY)
    const own: string[] = []
    for await (const match of guest.searchStreams('findable-by-search', undefined)) own.push(match.id)
    expect(own).toEqual([stream.id])
    const found: string[] = []
    for await (const match of other.searchStreams('findable-by-search', undefined)) found.push(match.id)
    expect(found).toEqual([stream.id])
    const mine: string[] = []
    const filter = { userId: NODE_ADDRESS, allowPublic: false, allOf: ['publish' as StreamPermission] }
    for await (const match of other.searchStreams('findable', filter)) mine.push(match.id)
    expect(mine).toEqual([stream.id])
    expect(await (await other.getStream(stream.id)).getMetadata()).toMatchObject({ description: 'Here I am' })
    const rights = await (await other.getStream(stream.id)).getPermissions()
    expect(rights).toContainEqual({ userId: NODE_ADDRESS, permissions: ['publish'] })
    const publishers: string[] = []
    for await (const publisher of other.getStreamPublishers(stream.id)) publishers.push(publisher)
    expect(publishers.sort()).toEqual([NODE_ADDRESS, await guest.getAddress()].sort())
  })

  test('sees storage nodes and what they store', async () => {
    const stream = await guest.createStream('/to-be-stored')
    const node = await plainClient(NODE_KEY)
    await node.setStorageNodeMetadata({ urls: ['http://127.0.0.1:1'] })
    await guest.addStreamToStorageNode(stream.id, NODE_ADDRESS, { wait: false })
    expect(await stream.getStorageNodes()).toEqual([NODE_ADDRESS])
    const { streams, blockNumber } = await guest.getStoredStreams(NODE_ADDRESS)
    expect(streams.map(({ id }) => id)).toEqual([stream.id])
    await index.awaitBlock(blockNumber)
    expect((await index.assignments(NODE_ADDRESS)).map(({ id }) => id)).toEqual([stream.id])
    expect(await guest.getStorageNodes()).toEqual([NODE_ADDRESS])
  })
})

function numberIn(bytes: Uint8Array): unknown {
  const content = sdk.convertBytesToStreamMessage(bytes).getParsedContent()
  return (content as Record<string, unknown>).value
}
