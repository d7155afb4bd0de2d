import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { StreamPermission } from '@streamr/sdk'
import { Wallet } from 'ethers'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type ApiClient, connectToNode } from '../../electron/api/client.ts'
import { findRunningNode } from '../../electron/host/running-nodes.ts'
import { startEntryPoint } from '../../electron/node/local-network/entry-point.ts'
import { decodeStreamMessage } from '../../electron/node/message/decode.ts'
import { type AuditReport, auditReportSchema } from '../../shared/audit-report.ts'
import { type PortalProcess, runNode, startPortal } from '../support/portal-process.ts'
import { Cleanup, PUBLISH, RegistryOwner, silentLogger } from './local-network-fixtures.ts'
import { broadcast, MisbehavingPublisher } from './support/misbehaving-publisher.ts'
import { createPublishingClient, type PublishingClient } from './support/publishing-client.ts'

/**
 * A known truth on a real network: contracts on a chain, clients of Streamr's SDK, two portals. The second portal is
 * on a Streamr network of its own, with the same registry: there the equivocator shows the other content.
 */
const MESSAGES = 40
/** Every tenth of the dropper's messages is named by the next and never sent. */
const DROPPED = MESSAGES / 10
const STRANGE = 3
const FORGED = 2
const EARLY = 2
const HOUR_MS = 3_600_000
const revokedKey = Wallet.createRandom().privateKey

const cleanup = new Cleanup()
const patient = { timeout: 60_000, interval: 100 }
let folder: string
let portal: PortalProcess
let other: PortalProcess
let api: ApiClient['api']
let otherApi: ApiClient['api']
let registry: RegistryOwner
let owner: PublishingClient
let streamId: string
let part: string
let honest: PublishingClient[]
let revoked: PublishingClient
let early: PublishingClient
let dropper: MisbehavingPublisher
let stranger: MisbehavingPublisher
let forger: MisbehavingPublisher
let equivocator: MisbehavingPublisher
let from: number
let report: AuditReport

async function apiOf({ ready }: PortalProcess): Promise<ApiClient['api']> {
  const running = await findRunningNode(join(folder, 'state', 'tidemark-running'), ready.dataDir)
  const client = connectToNode(running.url, running.bearer)
  cleanup.add(() => client.close())
  return client.api
}

async function clientOn(network: PortalProcess['ready']['network'], privateKey?: string) {
  const client = await createPublishingClient(network, privateKey === undefined ? {} : { privateKey })
  cleanup.add(() => client.client.destroy())
  return client
}

/** A portal on the chain and the contracts of the first, and on a Streamr network that the first is not part of. */
async function startApart(): Promise<{ apart: PortalProcess; network: PortalProcess['ready']['network'] }> {
  const entryPoint = await startEntryPoint({ previous: undefined, logger: silentLogger })
  cleanup.add(() => entryPoint.stop())
  const { rpcUrl, chainId, contracts } = portal.ready.network
  const custom = { chainId, rpcUrls: [rpcUrl], contracts, entryPoints: [entryPoint.descriptor] }
  await mkdir(join(folder, 'apart'))
  const choice = { version: 1, environment: 'custom', custom }
  await writeFile(join(folder, 'apart', 'environment.json'), JSON.stringify(choice))
  const apart = await startPortal(join(folder, 'apart'), join(folder, 'state'))
  cleanup.add(() => apart.stop())
  return { apart, network: { ...portal.ready.network, entryPoints: [entryPoint.descriptor] } }
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidemark-truth-'))
  cleanup.add(() => rm(folder, { recursive: true, force: true }))
  portal = await startPortal(join(folder, 'data'), join(folder, 'state'))
  cleanup.add(() => portal.stop())
  api = await apiOf(portal)
  const { network } = portal.ready
  registry = new RegistryOwner({ ...network, fundedPrivateKey: network.fundedPrivateKey ?? '' })
  cleanup.add(() => registry.close())
  const apart = await startApart()
  other = apart.apart
  otherApi = await apiOf(other)

  ;[owner, revoked, early] = (await Promise.all([
    clientOn(network, network.fundedPrivateKey),
    clientOn(network, revokedKey),
    clientOn(network),
  ])) as [PublishingClient, PublishingClient, PublishingClient]
  const elsewhere = await clientOn(apart.network)
  const stream = await owner.client.createStream('/known-truth')
  streamId = stream.id
  part = `${streamId}#0`
  dropper = new MisbehavingPublisher(part)
  stranger = new MisbehavingPublisher(part)
  forger = new MisbehavingPublisher(part)
  equivocator = new MisbehavingPublisher(part)
  honest = [owner, await clientOn(network)]
  const allowed = [...honest.slice(1), revoked, early, dropper, equivocator]
  await stream.grantPermissions(
    { public: true, permissions: [StreamPermission.SUBSCRIBE] },
    ...allowed.map(({ address }) => ({ userId: address, permissions: [StreamPermission.PUBLISH] })),
  )
  // The portals find each other in the registry: what each holds alone is to stay there until somebody asks for it.
  for (const each of [api, otherApi]) await each.network.setHealing.mutate({ isOn: false, everyS: 300 })
  await api.streams.subscribe.mutate({ streamId })
  await vi.waitFor(() => otherApi.streams.subscribe.mutate({ streamId }), patient)
  await Promise.all([...honest, revoked, early, elsewhere].map((client) => client.joined(part)))

  from = Date.now()
  await publishAll(elsewhere)
  await meet()
}, 240_000)
afterAll(() => cleanup.run())

/** Everything that is published, by whom it may be and by whom it may not. */
async function publishAll(elsewhere: PublishingClient): Promise<void> {
  const [first] = honest as [PublishingClient]
  const through = first.client
  for (let n = 0; n < MESSAGES; n++) {
    for (const { client } of honest) await client.publish(streamId, { n })
    if (n < MESSAGES / 2) await revoked.client.publish(streamId, { n })
    const dropped = await dropper.next({ n })
    if (n % 10 !== 5) await broadcast(through, dropped)
    await broadcast(through, await equivocator.next({ n }))
  }
  for (let n = 0; n < STRANGE; n++) await broadcast(through, await stranger.next({ n }))
  for (let n = 0; n < FORGED; n++) {
    await broadcast(through, await forger.make({ publisher: first.address, content: { n } }))
  }
  const ref = { timestamp: Date.now(), sequence: 7 }
  await broadcast(through, await equivocator.make({ ref, chain: 'both', content: { balance: 1 } }))
  await broadcast(elsewhere.client, await equivocator.make({ ref, chain: 'both', content: { balance: 2 } }))
  for (let n = 0; n < EARLY; n++) {
    await early.client.publish(streamId, { n }, { timestamp: Date.now() + HOUR_MS })
  }
  await publishOnAfterRevocation(through)
}

/** What is stamped in the second of the block that takes a right counts as after it: so the right ends between seconds. */
async function publishOnAfterRevocation(through: PublishingClient['client']): Promise<void> {
  const last = decodeStreamMessage(revoked.published(part).at(-1) ?? new Uint8Array(0)).id
  const isLaterSecond = (seconds: number) => seconds * 1_000 > last.timestamp
  await vi.waitFor(
    async () => expect((await registry.latestBlock()).timestamp).toSatisfy(isLaterSecond),
    patient,
  )
  await registry.send('revokePermission', streamId, revoked.address, PUBLISH)
  const onwards = new MisbehavingPublisher(part, { privateKey: revokedKey, chain: last.chain, last })
  for (let n = MESSAGES / 2; n < MESSAGES; n++) await broadcast(through, await onwards.next({ n }))
}

/** Messages of the part that are stored and decided, as each portal has them when all have come. */
const EXPECTED = {
  first: { verified: 2 * MESSAGES + MESSAGES / 2 + (MESSAGES - DROPPED) + MESSAGES + 1, forged: FORGED },
  apart: { verified: 1 },
}
const UNAUTHORISED = STRANGE + MESSAGES / 2

async function verdictsAt(at: ApiClient['api']) {
  const known = (await at.streams.list.query()).find((stream) => stream.part === part)
  return known?.verdicts
}

/** Waits until both portals have decided all, then lets the first fetch what the other holds. */
async function meet(): Promise<void> {
  await vi.waitFor(async () => {
    expect(await verdictsAt(api)).toEqual({ ...EXPECTED.first, unauthorised: UNAUTHORISED, pending: 0 })
    expect(await verdictsAt(otherApi)).toMatchObject({ ...EXPECTED.apart, pending: 0 })
  }, patient)
  const { multiaddrs } = await otherApi.network.self.query()
  await api.network.addPeer.mutate({ multiaddr: multiaddrs[0] ?? '' })
  await vi.waitFor(async () => expect((await portal.health()).peers).toBe(1), patient)
  const asked = await cli('query', streamId, '--federated', '--json')
  expect(asked.code).toBe(0)
  await vi.waitFor(async () => {
    expect((await verdictsAt(api))?.verified).toBe(EXPECTED.first.verified + EXPECTED.apart.verified)
  }, patient)
}

function cli(...words: string[]) {
  const env = { XDG_DATA_HOME: join(folder, 'state') }
  return runNode('electron/cli.ts', [...words, '--data', portal.ready.dataDir], env)
}

async function auditByCommand(name: string): Promise<AuditReport> {
  const out = join(folder, name)
  const range = ['--from', String(from), '--to', String(from + 2 * HOUR_MS)]
  const { code, stderr } = await cli('audit', streamId, ...range, '--interval', '1', '--out', out)
  expect(code, stderr).toBe(0)
  return auditReportSchema.parse(JSON.parse(await readFile(out, 'utf8')))
}

describe('an audit of a stream on a real network, of which all is known', () => {
  it('finds exactly what is wrong, and nothing else', async () => {
    report = await auditByCommand('report.json')
    const found = report.body.findings.map(({ kind, publisher, count }) => [kind, publisher, count])
    const unauthorised = [
      ['unauthorised', revoked.address, MESSAGES / 2],
      ['unauthorised', stranger.address, STRANGE],
    ]
    expect(found).toEqual([
      ['equivocation', equivocator.address, 1],
      ['forged', honest[0]?.address, FORGED],
      ...unauthorised,
      ['gap', dropper.address, DROPPED],
      ['clock-ahead', early.address, EARLY],
    ])
  })

  it('names the blocks that gave and took the right, and when each counted', () => {
    const row = report.body.publishers.find(({ publisher }) => publisher === revoked.address)
    expect(row).toMatchObject({ messages: MESSAGES / 2, rights: [{ state: 'permitted' }] })
    const finding = report.body.findings.find(({ publisher }) => publisher === revoked.address)
    expect(finding?.rights).toMatchObject([{ state: 'denied', evidence: { publishExpiration: '0' } }])
    const [given] = row?.rights ?? []
    const [taken] = finding?.rights ?? []
    expect(taken?.evidence?.block).toBeGreaterThan(given?.evidence?.block ?? 0)
    expect(taken?.evidence?.transaction).not.toBe(given?.evidence?.transaction)
  })

  it('shows both contents of one id, one of which only the other portal had been shown', async () => {
    const [finding] = report.body.findings
    const contents = finding?.examples.map(({ raw }) => Buffer.from(raw ?? '', 'base64'))
    const shown = contents?.map((raw) => {
      const { body } = decodeStreamMessage(raw)
      return body.kind === 'content' ? Buffer.from(body.content).toString() : ''
    })
    expect(shown?.sort()).toEqual(['{"balance":1}', '{"balance":2}'])
  })

  it('says of the honest that their chains are complete', () => {
    for (const { address } of honest) {
      const chains = report.body.chains.filter(({ publisher }) => publisher === address)
      expect(chains).toMatchObject([{ complete: true, begins: 'first-message', messages: MESSAGES }])
    }
  })

  it('has the same body when it is made again, and a report that is checked without either portal', async () => {
    const again = await auditByCommand('again.json')
    expect(again.bodyDigest).toBe(report.bodyDigest)
    const checked = await runNode('electron/cli.ts', ['verify', join(folder, 'report.json')])
    expect(checked).toMatchObject({ code: 0, stdout: expect.stringMatching(/^good: /) })
  })
})
