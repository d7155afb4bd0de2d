import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import {
  type Announcements,
  startAnnouncements,
} from '../../electron/node/gossip/announcements/announcements.ts'
import {
  type Coverage,
  coverageTopic,
  encodeCoverage,
} from '../../electron/node/gossip/announcements/coverage.ts'
import { HOLDER_PROTOCOL } from '../../electron/node/gossip/holders/holder-exchange.ts'
import {
  MAX_CONNECTIONS_PER_HOST,
  MAX_COVERAGE_BUCKETS,
  MAX_PEERS_PER_ADDRESS,
} from '../../electron/node/gossip/limits.ts'
import type { GossipHost } from '../../electron/node/gossip/peers/host.ts'
import { gridFor } from '../../electron/node/gossip/reconcile/bucket-grid.ts'
import { RECONCILE_PROTOCOL } from '../../electron/node/gossip/reconcile/reconcile-service.ts'
import { apiOfPortal } from '../support/joining-portal.ts'
import { type PortalProcess, startPortal } from '../support/portal-process.ts'
import { MemoryStore, storedMessage, testMessage } from '../unit/gossip/memory-store.ts'
import { eventually, randomIdentity, silent, TestHosts } from '../unit/gossip/peers/test-hosts.ts'
import { answerWithLies } from './gossip-liar.ts'
import type { Lie } from './gossip-tasks.ts'

/** Each peer is told apart by one of these. `late` stalls after one byte. */
const LIES = ['forged', 'foreign', 'unasked', 'withheld', 'endless', 'late'] as const satisfies Lie[]
/**
 * What each is named for. Two of the lies show as others first: what comes without an end was signed by nobody, and
 * what was not asked for is of a time that was not asked about.
 */
const NAMED = {
  ...{ forged: 'forged', foreign: 'foreign', unasked: 'foreign' },
  ...{ withheld: 'withheld', endless: 'forged', late: 'late' },
}
const YEAR_MS = 365 * 86_400_000
const WAIT = { timeout: 60_000, interval: 250 }

const hosts = new TestHosts()
const stopping: Announcements[] = []
const sockets: Socket[] = []
let folder: string
let portal: PortalProcess
let node: Awaited<ReturnType<typeof apiOfPortal>>
let part: string
/** Where the portal listens, by TCP. */
let at: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidemark-hostile-'))
  portal = await startPortal(join(folder, 'data'), join(folder, 'state'))
  await portal.healthUntil(({ messages }) => messages.verified >= 8, 120_000)
  node = await apiOfPortal(portal.ready, join(folder, 'state'))
  part = portal.ready.streams.find((stream) => stream.includes('/machine')) ?? ''
  at = (await node.api.network.self.query()).multiaddrs.find((address) => !address.includes('/ws')) ?? ''
})

afterAll(async () => {
  for (const socket of sockets) socket.destroy()
  await node?.close()
  await portal?.stop()
  await rm(folder, { recursive: true, force: true })
})

afterEach(async () => {
  await Promise.all(stopping.splice(0).map((announcements) => announcements.stop()))
  await hosts.stop()
})

/** A peer of the portal that follows the stream and says that it holds a thousand messages of the hour before. */
async function startPeer(answer?: Lie): Promise<GossipHost> {
  const host = await hosts.start()
  const before = Date.now() - 3_600_000
  const store = new MemoryStore(
    Array.from({ length: 1_000 }, (_, number) => storedMessage(testMessage(part, before + number * 1_000))),
  )
  const announcements = await startAnnouncements({ host, store, clock: Date, logger: silent })
  stopping.push(announcements)
  announcements.follow(part)
  if (answer !== undefined) {
    // A lie may last longer than its host, which would wait for it.
    await host.handle(RECONCILE_PROTOCOL, 8, async (stream) => {
      void answerWithLies(stream, answer, store, part).catch(() => undefined)
    })
  }
  return host
}

/** The portal lets in a few connections a second of one address, and no more. */
async function enter(host: GossipHost): Promise<void> {
  await eventually(() =>
    host.dial(at).then(
      () => true,
      () => false,
    ),
  )
}

const peersOfPortal = () => node.api.network.peers.query()

/** The portal has heard of, and answers, a peer that does nothing wrong. */
async function expectOpen(): Promise<void> {
  const honest = await startPeer()
  await enter(honest)
  await vi.waitFor(async () => {
    const known = (await peersOfPortal()).find(({ peerId }) => peerId === honest.peerId)
    expect(known).toMatchObject({ address: honest.address, sharedParts: 1 })
  }, WAIT)
  await expect(portal.health()).resolves.toMatchObject({ status: 'ok' })
}

describe('a whole portal, over its own wire', () => {
  it('answers a query as if liars were not there, names each, and lowers their scores', async () => {
    const liars = await Promise.all(LIES.map((lie) => startPeer(lie)))
    for (const liar of liars) await enter(liar)
    await vi.waitFor(async () => {
      // Who has not announced anything yet would not be asked.
      const announced = (await peersOfPortal()).filter(
        (peer) => peer.address !== null && peer.sharedParts === 1,
      )
      expect(announced).toHaveLength(LIES.length)
    }, WAIT)
    const to = Date.now()
    // Messages come in order: once a later one is here, all that are asked about are.
    await vi.waitFor(async () => {
      const latest = await node.api.messages.page.query({ part, limit: 1, order: 'descending' })
      expect(latest.rows[0]?.id.timestamp).toBeGreaterThan(to)
    }, WAIT)
    const own = await node.api.messages.page.query({ part, limit: 500, order: 'ascending' })
    const held = own.rows.filter(({ id }) => id.timestamp <= to).map(({ digest }) => digest)
    const { id } = await node.api.network.openQuery.mutate({ part, to })
    const answered: string[] = []
    let report: Awaited<ReturnType<typeof node.api.network.nextOfQuery.mutate>>['report'] = null
    while (report === null) {
      const portion = await node.api.network.nextOfQuery.mutate({ id })
      report = portion.report
      if (portion.kind === 'merged') answered.push(...portion.rows.map(({ digest }) => digest))
    }
    expect(answered).toEqual(held)
    const named = LIES.map((lie, index) => {
      const record = report.peers.find(({ peerId }) => peerId === liars[index]?.peerId)
      return [lie, record?.fault?.code ?? record?.suspicions.join()]
    })
    expect(Object.fromEntries(named)).toEqual(NAMED)
    expect(report).toMatchObject({ brought: 0, isComplete: false })
    const scores = new Map((await peersOfPortal()).map(({ peerId, score }) => [peerId, score]))
    const bans = await node.api.network.bans.query()
    const banned = new Set(bans.flatMap(({ who, tookAlong }) => [who, ...tookAlong]))
    for (const { peerId } of liars) expect((scores.get(peerId) ?? 0) < 0 || banned.has(peerId)).toBe(true)
  })

  it('believes no announcement from a clock that is off by years, and is not drowned by a flood of them', async () => {
    const host = await hosts.start()
    await enter(host)
    const topic = coverageTopic(part)
    host.pubsub.subscribe(topic)
    await eventually(() => host.pubsub.getSubscribers(topic).length > 0)
    const now = Date.now()
    const grid = gridFor(now - 3_600_000, now, MAX_COVERAGE_BUCKETS)
    const honest: Coverage = {
      part,
      grid,
      counts: new Float64Array(grid.buckets).fill(9),
      at: now,
      addresses: [],
    }
    const coverage = (announced: Partial<Coverage>) => encodeCoverage({ ...honest, ...announced })
    for (let number = 0; number < 400; number += 1) {
      const bytes = [
        coverage({ at: now + 10 * YEAR_MS + number }),
        coverage({ at: number }),
        randomBytes(64),
        coverage({ part: '0xaa/another#0' }),
      ][number % 4]
      await host.pubsub.publish(topic, bytes ?? new Uint8Array())
    }
    const known = (await peersOfPortal()).find(({ peerId }) => peerId === host.peerId)
    expect(known?.sharedParts ?? 0).toBe(0)
    await expectOpen()
  })

  it('refuses versions it does not know, and frames and questions that are none, at the price of the asker', async () => {
    const host = await hosts.start()
    await enter(host)
    const { signal } = new AbortController()
    const [portalId = ''] = at.split('/p2p/').slice(1)
    await eventually(() => host.vouched().length === 1)
    for (const protocol of [RECONCILE_PROTOCOL, HOLDER_PROTOCOL])
      await expect(host.open(portalId, protocol.replace('1.0.0', '9.0.0'), signal)).rejects.toThrow()
    for (const bytes of [
      randomBytes(300),
      Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0xff, 0xff),
      Uint8Array.of(9),
    ]) {
      const stream = await host.open(portalId, RECONCILE_PROTOCOL, signal)
      await stream.write(bytes)
      await stream.close().catch(() => undefined)
    }
    await vi.waitFor(async () => {
      const known = (await peersOfPortal()).find(({ peerId }) => peerId === host.peerId)
      const bans = await node.api.network.bans.query()
      const banned = bans.some(({ who, tookAlong }) => [who, ...tookAlong].includes(host.peerId))
      expect(banned || (known?.score ?? 0) < 0).toBe(true)
    }, WAIT)
  })

  it('counts a crowd from one address as what it is: so many connections, and two nodes of one name', async () => {
    const identity = randomIdentity()
    const crowd = await Promise.all(
      Array.from({ length: MAX_CONNECTIONS_PER_HOST + 4 }, () => hosts.start({ identity })),
    )
    await Promise.all(crowd.map((host) => host.dial(at).catch(() => undefined)))
    await vi.waitFor(async () => {
      const peers = await peersOfPortal()
      expect(peers.length).toBeLessThanOrEqual(MAX_CONNECTIONS_PER_HOST)
      const named = peers.filter(({ address }) => address === identity.address.toLowerCase())
      expect(named).toHaveLength(MAX_PEERS_PER_ADDRESS)
    }, WAIT)
  })

  it('outlives a flood of connections that say nothing, or nonsense', async () => {
    const [, , , , port = '0'] = at.split('/')
    const closed = new Set<Socket>()
    for (let number = 0; number < 200; number += 1) {
      const socket = connect(Number(port), '127.0.0.1', () => {
        if (number % 2 === 0) socket.write(randomBytes(2_000))
      })
      socket.on('error', () => undefined)
      socket.on('close', () => closed.add(socket))
      sockets.push(socket)
    }
    await eventually(() => closed.size >= 200 - MAX_CONNECTIONS_PER_HOST)
    await expect(portal.health()).resolves.toMatchObject({ status: 'ok' })
    for (const socket of sockets.splice(0)) socket.destroy()
    await expectOpen()
    expect(await portal.stop()).toBe(0)
  })
})
