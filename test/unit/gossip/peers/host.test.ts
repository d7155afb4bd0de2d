import { randomBytes } from 'node:crypto'
import { networkInterfaces } from 'node:os'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { PeerFault } from '../../../../electron/node/gossip/peer-fault.ts'
import { VOUCH_PROTOCOL } from '../../../../electron/node/gossip/peers/vouch-exchange.ts'
import type { PeerStream } from '../../../../electron/node/gossip/ports.ts'
import { addressOf, connect, eventually, knows, randomIdentity, TestHosts } from './test-hosts.ts'

const hosts = new TestHosts()
afterEach(() => hosts.stop())

const PROTOCOL = '/tidemark/test/1.0.0'
/** Multicast needs a network beside loopback, which a build machine may not have. */
const hasLocalNetwork = Object.values(networkInterfaces()).some((addresses) =>
  addresses?.some(({ internal, family }) => !internal && family === 'IPv4'),
)

const forever = new AbortController().signal

/** Real connections: on a busy machine they take their time. */
vi.setConfig({ testTimeout: 60_000 })

describe('a gossip host', () => {
  it('meets others over TCP and WebSocket, and knows their Streamr addresses', async () => {
    const one = await hosts.start()
    const web = await hosts.start({ listen: ['/ip4/127.0.0.1/tcp/0/ws'] })
    await connect(one, web)
    const other = await hosts.start()
    await connect(other, one)
    expect(one.peers().map(({ address }) => address)).toContain(web.address)
    expect(one.vouched()).toHaveLength(2)
  })

  it('finds peers through its sources, and looks on while there are none', async () => {
    const known = await hosts.start()
    const source = { name: 'list', multiaddrs: async () => ['nonsense', addressOf(known)] }
    const failing = { name: 'registry', multiaddrs: () => Promise.reject(new Error('down')) }
    const seeker = await hosts.start({ sources: [failing, source] })
    await eventually(() => knows(seeker, known))
    expect(seeker.vouched()).toHaveLength(1)
  })

  it.skipIf(!hasLocalNetwork)('finds peers on the local network', async () => {
    const listen = ['/ip4/0.0.0.0/tcp/0']
    const one = await hosts.start({ isLocalDiscoveryOn: true, listen })
    const other = await hosts.start({ isLocalDiscoveryOn: true, listen })
    await eventually(() => knows(one, other) && knows(other, one))
    expect(one.peers().some(({ address }) => address === other.address)).toBe(true)
  })

  it('keeps its name over restarts', async () => {
    const dataDir = await hosts.folder()
    const identity = randomIdentity()
    const first = await hosts.start({ dataDir, identity })
    const { peerId } = first
    await first.stop()
    expect((await hosts.start({ dataDir, identity })).peerId).toBe(peerId)
  })

  it('tells of peers that join and leave', async () => {
    const one = await hosts.start()
    const other = await hosts.start()
    const events: string[] = []
    one.onPeer(({ address }, event) => events.push(`${event} ${address}`))
    await connect(one, other)
    await other.stop()
    await eventually(() => events.length === 2)
    expect(events).toEqual([`joined ${other.address}`, `left ${other.address}`])
    expect(one.vouched()).toEqual([])
  })

  it('breaks off from a peer that vouches for an address it does not have', async () => {
    const one = await hosts.start()
    const liar = await hosts.start({ identity: { ...randomIdentity(), address: one.address } })
    await liar.dial(addressOf(one))
    await eventually(() => one.scoreOf(liar.peerId) < 0)
    await eventually(() => one.peers().length === 0)
    expect(one.vouched()).toEqual([])
  })

  it('answers no stream of a peer that has not vouched', async () => {
    const one = await hosts.start({ vouchTimeoutMs: 50 })
    const other = await hosts.start()
    await other.libp2p.unhandle(VOUCH_PROTOCOL)
    let wasAnswered = false
    await one.handle(PROTOCOL, 4, async () => {
      wasAnswered = true
    })
    await one.dial(addressOf(other))
    await eventually(() => other.peers().length === 1)
    const stream = await other.open(one.peerId, PROTOCOL, forever)
    await expect(stream.read()).rejects.toThrow()
    expect(wasAnswered).toBe(false)
  })

  it('has nothing to do with banned peers, in either direction, also after a restart', async () => {
    const dataDir = await hosts.folder()
    const identity = randomIdentity()
    const one = await hosts.start({ dataDir, identity })
    const bad = await hosts.start()
    await connect(bad, one)
    one.report(bad.peerId, { fault: new PeerFault('forged', 'a forged message') })
    await eventually(() => one.peers().length === 0)
    await expect(one.dial(addressOf(bad))).rejects.toThrow()
    await one.stop()
    const again = await hosts.start({ dataDir, identity })
    await bad.dial(addressOf(again)).catch(() => undefined)
    await eventually(() => again.peers().length === 0)
    expect(again.vouched()).toEqual([])
    expect(again.bans()).toMatchObject([{ who: bad.address, reason: 'forged', tookAlong: [bad.peerId] }])
    await again.liftBan(bad.address)
    expect(again.bans()).toEqual([])
    await connect(bad, again)
  })

  it('does not let a banned address in under a new libp2p key', async () => {
    const one = await hosts.start()
    const identity = randomIdentity()
    const bad = await hosts.start({ identity })
    await connect(bad, one)
    await one.ban(bad.address, 'by hand', null)
    const disguised = await hosts.start({ identity })
    await disguised.dial(addressOf(one))
    await eventually(() => one.peers().length === 0)
    expect(one.vouched()).toEqual([])
  })

  it('takes no more connections of one host than it may', async () => {
    const one = await hosts.start({ maxConnectionsPerHost: 3 })
    const many = await Promise.all(Array.from({ length: 6 }, () => hosts.start()))
    const dials = await Promise.allSettled(many.map((host) => host.dial(addressOf(one))))
    await eventually(() => one.peers().length <= 3)
    expect(dials.some(({ status }) => status === 'rejected')).toBe(true)
  })

  it('takes no more than two peers that vouch for one address: a thousand peers that are one are two', async () => {
    const one = await hosts.start()
    const identity = randomIdentity()
    for (let copy = 0; copy < 4; copy++) {
      const host = await hosts.start({ identity })
      await host.dial(addressOf(one)).catch(() => undefined)
      if (copy < 2) await eventually(() => knows(one, host))
    }
    await eventually(() => one.peers().length === 2)
    expect(one.vouched()).toHaveLength(2)
  })

  it('is reached through a relay by peers that cannot dial it', async () => {
    const relay = await hosts.start({ isRelay: true })
    const hidden = await hosts.start({ listen: [`${addressOf(relay)}/p2p-circuit`] })
    await eventually(() => hidden.multiaddrs().length > 0)
    const other = await hosts.start()
    await connect(other, hidden)
    expect(other.peers().find(({ peerId }) => peerId === hidden.peerId)?.address).toBe(hidden.address)
  })
})

describe('a stream between hosts', () => {
  it('holds back a writer whose reader does not read, and loses nothing', async () => {
    const one = await hosts.start()
    const other = await hosts.start()
    await connect(one, other)
    const accepted = Promise.withResolvers<PeerStream>()
    await other.handle(PROTOCOL, 4, async (stream) => accepted.resolve(stream))
    const stream = await one.open(other.peerId, PROTOCOL, forever)
    const chunk = randomBytes(65_536)
    const chunks = 200
    let written = 0
    const writing = (async () => {
      for (; written < chunks; written++) await stream.write(chunk)
      await stream.close()
    })()
    const reader = await accepted.promise
    let before = -1
    await eventually(async () => {
      const isStuck = written === before
      before = written
      await new Promise((resolve) => setTimeout(resolve, 100))
      return isStuck
    })
    expect(written).toBeLessThan(chunks / 2)
    const received: Uint8Array[] = []
    for (let bytes = await reader.read(); bytes !== undefined; bytes = await reader.read())
      received.push(bytes)
    await writing
    expect(Buffer.concat(received).equals(Buffer.concat(Array.from({ length: chunks }, () => chunk)))).toBe(
      true,
    )
  })

  it('ends for the reader when the writer breaks it off', async () => {
    const one = await hosts.start()
    const other = await hosts.start()
    await connect(one, other)
    const accepted = Promise.withResolvers<PeerStream>()
    await other.handle(PROTOCOL, 4, async (stream) => accepted.resolve(stream))
    const stream = await one.open(other.peerId, PROTOCOL, forever)
    await stream.write(Uint8Array.of(1))
    const reader = await accepted.promise
    await reader.read()
    stream.abort(new Error('enough'))
    await expect(reader.read()).rejects.toThrow()
  })

  it('ends for the reader when its signal aborts', async () => {
    const one = await hosts.start()
    const other = await hosts.start()
    await connect(one, other)
    await other.handle(PROTOCOL, 4, async () => undefined)
    const stream = await one.open(other.peerId, PROTOCOL, forever)
    const abort = new AbortController()
    const reading = stream.read(abort.signal)
    abort.abort(new Error('the reader left'))
    await expect(reading).rejects.toThrow('the reader left')
  })
})
