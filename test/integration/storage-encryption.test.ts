import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { StreamPermission } from '@streamr/sdk'
import { Wallet } from 'ethers'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type PortalProcess, startPortal } from '../support/portal-process.ts'
import { fund, type JoinedTidemark, joinTidemark } from './support/joined-tidemark.ts'
import { createPublishingClient, type PublishingClient } from './support/publishing-client.ts'

const NODE_KEY = Wallet.createRandom().privateKey

let folder: string
let network: PortalProcess
let node: JoinedTidemark
let owner: PublishingClient

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidemark-keys-'))
  await mkdir(join(folder, 'node'))
  network = await startPortal(join(folder, 'first'), join(folder, 'state'))
  await fund(network.ready.network, new Wallet(NODE_KEY).address)
  node = await joinTidemark({
    network: network.ready.network,
    privateKey: NODE_KEY,
    dataDir: join(folder, 'node'),
  })
  const { fundedPrivateKey = '' } = network.ready.network
  owner = await createPublishingClient(network.ready.network, { privateKey: fundedPrivateKey })
})
afterAll(async () => {
  await owner?.client.destroy()
  await node?.stop()
  await network?.stop()
  await rm(folder, { recursive: true, force: true })
})

const until = (check: () => void | Promise<void>) => vi.waitFor(check, { timeout: 90_000, interval: 200 })

async function lastValues(part: string): Promise<Record<string, unknown>> {
  const fields = await node.store.fields(part)
  return Object.fromEntries(fields.map(({ path, lastValue }) => [path, lastValue]))
}

describe('a stream that is encrypted by Streamr’s SDK', () => {
  it('is kept closed where the node may not read it, and opened, history and all, once it may', async () => {
    const stream = await owner.client.createStream('/secret')
    const part = `${stream.id}#0`
    await stream.addToStorageNode(node.address, { wait: true, timeout: 60_000 })
    await owner.joined(part)
    for (let n = 0; n < 10; n++) await owner.client.publish(stream.id, { degrees: 20 + n })
    await until(async () => expect(await node.stored(part)).toHaveLength(10))
    const stored = await node.stored(part)
    expect(stored.every(({ encrypted }) => encrypted)).toBe(true)
    await until(() =>
      expect(node.opener.missingKeys()).toMatchObject([
        { part, publisher: owner.address, state: 'not-permitted' },
      ]),
    )
    expect(await node.store.fields(part)).toEqual([])

    await stream.grantPermissions({ userId: node.address, permissions: [StreamPermission.SUBSCRIBE] })
    await until(async () => expect(await lastValues(part)).toEqual({ degrees: 29 }))
    expect(node.opener.missingKeys()).toEqual([])
    const chart = await node.store.chart({
      part,
      fields: ['degrees'],
      from: stored[0]?.id.timestamp ?? 0,
      to: Date.now(),
      widthPx: 1_000,
    })
    const shown = JSON.stringify(chart)
    for (const degrees of [20, 29]) expect(shown).toContain(String(degrees))

    // What comes afterwards is opened as it arrives, also with the keys the publisher goes over to.
    await owner.client.publish(stream.id, { degrees: 30 })
    await until(async () => expect(await lastValues(part)).toEqual({ degrees: 30 }))
    await owner.client.updateEncryptionKey({ streamId: stream.id, distributionMethod: 'rotate' })
    for (const degrees of [31, 32]) await owner.client.publish(stream.id, { degrees })
    await until(async () => expect(await lastValues(part)).toEqual({ degrees: 32 }))
    await owner.client.updateEncryptionKey({ streamId: stream.id, distributionMethod: 'rekey' })
    await owner.client.publish(stream.id, { degrees: 33 })
    await until(async () => expect(await lastValues(part)).toEqual({ degrees: 33 }))
    expect(await node.stored(part)).toHaveLength(14)
  })
})
