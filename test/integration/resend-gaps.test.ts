import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { StreamPermission } from '@streamr/sdk'
import { Wallet } from 'ethers'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type PortalProcess, startPortal } from '../support/portal-process.ts'
import { fund, type JoinedTidemark, joinTidemark } from './support/joined-tidemark.ts'
import { createPublishingClient, hex, type PublishingClient } from './support/publishing-client.ts'

const SECOND_KEY = Wallet.createRandom().privateKey

/** Streamr's nodes pass messages of the last ten seconds on to whoever joins: later they are gone from the network. */
const FORGOTTEN_BY_NEIGHBOURS_MS = 12_000

let folder: string
let first: PortalProcess
let second: JoinedTidemark
let owner: PublishingClient

const joinSecond = () =>
  joinTidemark({ network: first.ready.network, privateKey: SECOND_KEY, dataDir: join(folder, 'second') })

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidemark-two-'))
  await mkdir(join(folder, 'second'))
  first = await startPortal(join(folder, 'first'), join(folder, 'state'))
  const { network } = first.ready
  await fund(network, new Wallet(SECOND_KEY).address)
  second = await joinSecond()
  owner = await createPublishingClient(network, { privateKey: network.fundedPrivateKey ?? '' })
})
afterAll(async () => {
  await owner?.client.destroy()
  await second?.stop()
  await first?.stop()
  await rm(folder, { recursive: true, force: true })
})

let streams = 0
async function createStreamOnBoth(): Promise<string> {
  const stream = await owner.client.createStream(`/two-nodes-${++streams}`)
  await stream.grantPermissions({ public: true, permissions: [StreamPermission.SUBSCRIBE] })
  await stream.addToStorageNode(first.ready.address, { wait: true, timeout: 60_000 })
  await stream.addToStorageNode(second.address, { wait: true, timeout: 60_000 })
  return stream.id
}

async function publish(streamId: string, numbers: number[]): Promise<void> {
  for (const n of numbers) await owner.client.publish(streamId, { n })
}

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => from + at)

async function countAtFirst(streamId: string): Promise<number> {
  const url = `${first.ready.storageUrl}/streams/${encodeURIComponent(streamId)}/metadata/partitions/0`
  return ((await (await fetch(url)).json()) as { totalMessages: number }).totalMessages
}

const until = (check: () => Promise<void>) => vi.waitFor(check, { timeout: 90_000, interval: 200 })

describe('two nodes that store one stream', () => {
  it('fill what one missed while it was down from the other, and say so of each message', async () => {
    const streamId = await createStreamOnBoth()
    const part = `${streamId}#0`
    await owner.joined(part)
    await publish(streamId, range(0, 20))
    await until(async () => expect(await second.stored(part)).toHaveLength(20))

    await second.stop()
    await publish(streamId, range(20, 60))
    await until(async () => expect(await countAtFirst(streamId)).toBe(60))
    await delay(FORGOTTEN_BY_NEIGHBOURS_MS)

    second = await joinSecond()
    await until(async () => expect(await second.stored(part)).toHaveLength(60))
    const stored = await second.stored(part)
    expect(hex(stored.map(({ raw }) => raw))).toEqual(hex(owner.published(part)))
    expect(stored.slice(20).map(({ source }) => source)).toEqual(
      range(20, 60).map(() => `resend:${first.ready.address.toLowerCase()}`),
    )
    expect(stored.every(({ verdict }) => verdict === 'verified')).toBe(true)
    expect(await second.store.gaps(part, 10)).toEqual([])
  })

  it('fill a gap that shows while messages arrive', async () => {
    const streamId = await createStreamOnBoth()
    const part = `${streamId}#0`
    await owner.joined(part)
    await publish(streamId, range(0, 10))
    await until(async () => expect(await second.stored(part)).toHaveLength(10))

    // The second node drops off the part for a while, and only chains tell that something is missing.
    await second.adapter.unsubscribe(part)
    await publish(streamId, range(10, 30))
    await until(async () => expect(await countAtFirst(streamId)).toBe(30))
    await delay(FORGOTTEN_BY_NEIGHBOURS_MS)
    await second.adapter.subscribe(part)
    await until(async () => expect(second.adapter.neighbours(part).length).toBeGreaterThan(0))
    await publish(streamId, range(30, 40))

    await until(async () => expect(await second.stored(part)).toHaveLength(40))
    const stored = await second.stored(part)
    expect(hex(stored.map(({ raw }) => raw))).toEqual(hex(owner.published(part)))
    const sources = stored.map(({ source }) => source)
    expect(sources.slice(10, 30)).toEqual(
      range(10, 30).map(() => `resend:${first.ready.address.toLowerCase()}`),
    )
    expect(sources.slice(30)).toEqual(range(30, 40).map(() => 'live'))
    expect(second.gapFiller.summary()).toMatchObject({ waiting: 0, givenUp: 0 })
  })
})
