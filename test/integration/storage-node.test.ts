import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { StreamPermission } from '@streamr/sdk'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { connectToNode } from '../../electron/api/client.ts'
import { findRunningNode } from '../../electron/host/running-nodes.ts'
import { decodeStreamMessage } from '../../electron/node/message/decode.ts'
import { compareMessageIds, compareMessageRefs } from '../../electron/node/message/order.ts'
import type { MessageRef } from '../../shared/message.ts'
import { type PortalProcess, startPortal } from '../support/portal-process.ts'
import { collect, createPublishingClient, hex, type PublishingClient } from './support/publishing-client.ts'

/** Streamr's nodes pass messages of the last ten seconds on to whoever joins: later they are gone from the network. */
const FORGOTTEN_BY_NEIGHBOURS_MS = 12_000

let folder: string
let portal: PortalProcess
let owner: PublishingClient
let second: PublishingClient
const clients: PublishingClient[] = []

async function createClient(
  options: Parameters<typeof createPublishingClient>[1] = {},
): Promise<PublishingClient> {
  const client = await createPublishingClient(portal.ready.network, options)
  clients.push(client)
  return client
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidemark-storage-'))
  portal = await startPortal(join(folder, 'data'), join(folder, 'state'))
  const { fundedPrivateKey = '' } = portal.ready.network
  owner = await createClient({ privateKey: fundedPrivateKey })
  second = await createClient()
})
afterAll(async () => {
  await Promise.all(clients.map(({ client }) => client.destroy()))
  await portal?.stop()
  await rm(folder, { recursive: true, force: true })
})

/** Messages in one order, also those of several publishers in the same millisecond. */
function inOrder(...messages: Uint8Array[][]): Uint8Array[] {
  return messages.flat().sort((a, b) => compareMessageIds(idOf(a), idOf(b)))
}

const idOf = (bytes: Uint8Array) => decodeStreamMessage(bytes).id

/** Waits until the node has stored as many messages of a part. */
async function untilStored(part: string, messages: number): Promise<void> {
  const [streamId = '', partition] = part.split('#')
  const url = `${portal.ready.storageUrl}/streams/${encodeURIComponent(streamId)}/metadata/partitions/${partition}`
  await vi.waitFor(
    async () => {
      const { totalMessages } = (await (await fetch(url)).json()) as { totalMessages: number }
      expect(totalMessages).toBeGreaterThanOrEqual(messages)
    },
    { timeout: 60_000, interval: 100 },
  )
}

async function apiOfNode() {
  const running = await findRunningNode(join(folder, 'state', 'tidemark-running'), portal.ready.dataDir)
  return connectToNode(running.url, running.bearer)
}

let streams = 0
async function createAssignedStream(
  options: { partitions?: number; isPublic?: boolean } = {},
): Promise<string> {
  const { partitions = 1, isPublic = true } = options
  const stream = await owner.client.createStream({ id: `/storage-test-${++streams}`, partitions })
  if (isPublic) await stream.grantPermissions({ public: true, permissions: [StreamPermission.SUBSCRIBE] })
  await stream.grantPermissions({
    userId: second.address,
    permissions: [StreamPermission.PUBLISH, StreamPermission.SUBSCRIBE],
  })
  await stream.addToStorageNode(portal.ready.address, { wait: true, timeout: 60_000 })
  return stream.id
}

describe('a stream that its owner assigns over the contracts', () => {
  it('is stored, all its partitions, before the owner’s call returns', async () => {
    const streamId = await createAssignedStream({ partitions: 3 })
    expect(await owner.client.isStoredStream(streamId, portal.ready.address)).toBe(true)
    for (const partition of [0, 1, 2]) {
      const url = `${portal.ready.storageUrl}/streams/${encodeURIComponent(streamId)}/storage/partitions/${partition}`
      expect((await fetch(url)).status).toBe(200)
    }
    const { api, close } = await apiOfNode()
    const presence = await api.storage.presence.query()
    await close()
    expect(presence.registration).toMatchObject({
      state: 'registered',
      urls: [portal.ready.storageUrl],
      problem: null,
    })
    const states = presence.assignments
      .filter(({ part }) => part.startsWith(streamId))
      .map(({ state }) => state)
    expect(states).toEqual(['stored', 'stored', 'stored'])
  })

  it('is found with its storage node by any client', async () => {
    const streamId = await createAssignedStream()
    expect(await second.client.getStorageNodes(streamId)).toEqual([portal.ready.address])
    expect(await second.client.getStorageNodeMetadata(portal.ready.address)).toMatchObject({
      urls: [portal.ready.storageUrl],
    })
    const { streams: stored } = await second.client.getStoredStreams(portal.ready.address)
    expect(stored.map(({ id }) => id)).toContain(streamId)
  })

  it('is left when it is unassigned, and what was stored stays', async () => {
    const streamId = await createAssignedStream()
    const part = `${streamId}#0`
    await owner.joined(part)
    await owner.client.publish(streamId, { n: 1 })
    await untilStored(part, 1)
    await owner.client.removeStreamFromStorageNode(streamId, portal.ready.address)
    const url = `${portal.ready.storageUrl}/streams/${encodeURIComponent(streamId)}`
    await vi.waitFor(async () => expect((await fetch(`${url}/storage/partitions/0`)).status).toBe(404), {
      timeout: 60_000,
    })
    const last = await fetch(`${url}/data/partitions/0/last`)
    expect(await last.json()).toEqual([expect.objectContaining({ content: { n: 1 } })])
  })
})

describe('a resend through the SDK', () => {
  const MESSAGES = 60
  let streamId: string
  let part: string
  let other: string
  let all: Uint8Array[]

  beforeAll(async () => {
    streamId = await createAssignedStream({ partitions: 2 })
    part = `${streamId}#0`
    other = `${streamId}#1`
    await Promise.all([owner.joined(part), owner.joined(other), second.joined(part)])
    for (let n = 0; n < MESSAGES; n++) {
      await owner.client.publish({ id: streamId, partition: 0 }, { n, by: 'owner' })
      await second.client.publish({ id: streamId, partition: 0 }, { n, by: 'second' })
      await owner.client.publish({ id: streamId, partition: 1 }, { n, by: 'owner' })
    }
    // Binary content too.
    await owner.client.publish({ id: streamId, partition: 0 }, Uint8Array.from([0, 255, 1, 128]))
    await untilStored(part, 2 * MESSAGES + 1)
    await untilStored(other, MESSAGES)
    all = inOrder(owner.published(part), second.published(part))
  })

  type Options = Parameters<typeof owner.client.resend>[1]
  const from = (ref: MessageRef) => ({ timestamp: ref.timestamp, sequenceNumber: ref.sequence })
  const since = (ref: MessageRef) => all.filter((bytes) => compareMessageRefs(idOf(bytes), ref) >= 0)
  const until = (ref: MessageRef) => all.filter((bytes) => compareMessageRefs(idOf(bytes), ref) <= 0)

  /** An option the SDK has and its types leave out: messages as they come over HTTP, not checked or ordered. */
  const asItCame = (options: Options): Options => Object.assign({}, options, { raw: true })

  /** As applications get it, checked and ordered within each chain by the SDK; and as it came over HTTP. */
  async function expectResend(options: Options, expected: Uint8Array[], partition = 0): Promise<void> {
    const definition = { id: streamId, partition }
    const asSent = await collect(await second.client.resend(definition, asItCame(options)))
    expect(
      asSent.every((bytes, at) => at === 0 || compareMessageRefs(idOf(asSent[at - 1]!), idOf(bytes)) <= 0),
    ).toBe(true)
    expect(hex(inOrder(asSent))).toEqual(hex(expected))
    const received = await collect(await second.client.resend(definition, options))
    const ofPublisher = (messages: Uint8Array[], address: string) =>
      hex(messages.filter((bytes) => idOf(bytes).publisher === address))
    for (const { address } of [owner, second]) {
      expect(ofPublisher(received, address)).toEqual(ofPublisher(expected, address))
    }
    expect(received).toHaveLength(expected.length)
  }

  it('of the last messages brings those, in order, byte for byte', async () => {
    await expectResend({ last: 25 }, all.slice(-25))
    await expectResend({ last: 1 }, all.slice(-1))
  })

  it('of more messages than there are brings all of them, once', async () => {
    await expectResend({ last: 100_000 }, all)
  })

  it('from a message on brings that message and everything after it', async () => {
    const ref = idOf(all[40]!)
    await expectResend({ from: from(ref) }, since(ref))
  })

  it('of a range brings both its ends and what lies between', async () => {
    const [first, last] = [idOf(all[10]!), idOf(all[90]!)]
    const expected = since(first).filter((bytes) => until(last).includes(bytes))
    await expectResend({ from: from(first), to: from(last) }, expected)
  })

  it('of one publisher, and of one of its chains, brings that publisher’s messages alone', async () => {
    const ofSecond = second.published(part)
    const { chain } = idOf(ofSecond[0]!)
    const start = { timestamp: 0 }
    await expectResend({ from: start, publisherId: second.address }, ofSecond)
    const ofChain = { from: start, to: { timestamp: Date.now() + 60_000 }, publisherId: second.address }
    await expectResend({ ...ofChain, msgChainId: chain }, ofSecond)
    await expectResend({ ...ofChain, msgChainId: 'no-such-chain' }, [])
  })

  it('of one partition brings nothing of another', async () => {
    await expectResend({ last: 1_000 }, owner.published(other), 1)
  })

  it('followed by a subscription brings every message once, without a break', async () => {
    const received: unknown[] = []
    const subscription = await second.client.subscribe({ id: streamId, partition: 1, resend: { last: 10 } })
    const reading = (async () => {
      for await (const { content } of subscription) {
        received.push(content)
        if (received.length === 30) return
      }
    })()
    await second.joined(other)
    for (let n = MESSAGES; n < MESSAGES + 20; n++) {
      await owner.client.publish({ id: streamId, partition: 1 }, { n, by: 'owner' })
    }
    await reading
    await second.client.unsubscribe(subscription)
    expect(received).toEqual(Array.from({ length: 30 }, (_, at) => ({ n: MESSAGES - 10 + at, by: 'owner' })))
  })
})

describe('an encrypted stream', () => {
  it('is stored as it is, and opened by those who may', async () => {
    const streamId = await createAssignedStream({ isPublic: false })
    const part = `${streamId}#0`
    await owner.joined(part)
    const secrets = Array.from({ length: 20 }, (_, n) => ({ secret: n }))
    for (const secret of secrets) await owner.client.publish(streamId, secret)
    await untilStored(part, secrets.length)

    const url = `${portal.ready.storageUrl}/streams/${encodeURIComponent(streamId)}/data/partitions/0/last?count=100`
    const stored = (await (await fetch(url)).json()) as {
      encryptionType: number
      content: unknown
      groupKeyId: string
    }[]
    expect(stored).toHaveLength(secrets.length)
    for (const message of stored) {
      expect(message).toMatchObject({ encryptionType: 1, content: expect.stringMatching(/^[0-9a-f]+$/) })
    }
    expect(JSON.stringify(stored)).not.toContain('secret')

    const opened: unknown[] = []
    for await (const { content } of await second.client.resend(streamId, { last: 100 })) opened.push(content)
    expect(opened).toEqual(secrets)

    // Once the node itself may subscribe, its portal shows the content of what it stored before.
    const { api, close } = await apiOfNode()
    const before = await api.messages.page.query({ part, limit: 1 })
    expect(before.rows).toMatchObject([{ encrypted: true, contentKind: 'encrypted', verdict: 'verified' }])
    const stream = await owner.client.getStream(streamId)
    await stream.grantPermissions({ userId: portal.ready.address, permissions: [StreamPermission.SUBSCRIBE] })
    await vi.waitFor(
      async () => {
        const { rows } = await api.messages.page.query({ part, limit: 100, order: 'ascending' })
        expect(rows.map(({ content }) => content)).toEqual(secrets)
      },
      { timeout: 60_000, interval: 500 },
    )
    expect(await api.storage.missingKeys.query()).toEqual([])
    await close()
  })
})

describe('a subscriber that misses messages', () => {
  it('has them filled from the node', async () => {
    const streamId = await createAssignedStream()
    const part = `${streamId}#0`
    await Promise.all([owner.joined(part), second.joined(part)])
    const received: unknown[] = []
    const subscription = await second.client.subscribe(streamId, (content) => received.push(content))
    await owner.client.publish(streamId, { n: 0 })
    await vi.waitFor(() => expect(received).toHaveLength(1), { timeout: 60_000 })
    // The subscriber's node drops off the part while messages flow, and the SDK does not know.
    const network = await second.client.getNode().getNode()
    await network.leave(part as Parameters<typeof network.leave>[0])
    for (let n = 1; n < 11; n++) await owner.client.publish(streamId, { n })
    await untilStored(part, 11)
    await delay(FORGOTTEN_BY_NEIGHBOURS_MS)
    await second.joined(part)
    for (let n = 11; n < 14; n++) await owner.client.publish(streamId, { n })
    await vi.waitFor(() => expect(received).toEqual(Array.from({ length: 14 }, (_, n) => ({ n }))), {
      timeout: 60_000,
      interval: 200,
    })
    await second.client.unsubscribe(subscription)
  })
})
