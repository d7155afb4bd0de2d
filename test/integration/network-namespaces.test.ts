import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { areNamespacesAllowed, NetworkNamespaces } from '../support/network-namespaces.ts'
import type { NodeAnswer, NodeSetting, NodeTask, NodeView } from './namespaced-node.ts'

/** Three nodes, each with every third of these. */
const MESSAGES = 900
const WAIT = { timeout: 60_000, interval: 100 }

// Addresses for documentation (RFC 5737, RFC 9637): nobody has them, and these networks lead nowhere else.
const MIDDLE = { toLeft: '3fff:0:a::1', toRight: '3fff:0:b::1', toLeft4: '192.0.2.1' }
const LEFT = { address: '3fff:0:a::2', address4: '192.0.2.2' }
const RIGHT = { address: '3fff:0:b::2' }

class NamespacedNode {
  readonly #process: ChildProcess
  readonly #lines: AsyncIterator<string>

  constructor(process: ChildProcess) {
    this.#process = process
    if (process.stdout === null) throw new Error('The node has no output.')
    this.#lines = createInterface({ input: process.stdout })[Symbol.asyncIterator]()
  }

  view = (): Promise<NodeView> => this.#ask({ kind: 'self' })
  query = (): Promise<NodeAnswer> => this.#ask({ kind: 'query' })
  dial = (multiaddr: string): Promise<NodeView> => this.#ask({ kind: 'dial', multiaddr })

  leave = (address: string): Promise<NodeView> => this.#ask({ kind: 'leave', address })

  say = (word: string): Promise<NodeView> => this.#ask({ kind: 'say', word })

  async end(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return
    const exited = once(this.#process, 'exit')
    this.#process.kill('SIGKILL')
    await exited
  }

  async #ask<Answer>(task: NodeTask): Promise<Answer> {
    this.#process.stdin?.write(`${JSON.stringify(task)}\n`)
    const { value, done } = await this.#lines.next()
    if (done) throw new Error('The node has ended.')
    const answer = JSON.parse(value) as Answer | { error: string }
    if (typeof answer === 'object' && answer !== null && 'error' in answer) throw new Error(answer.error)
    return answer as Answer
  }
}

const networks = new NetworkNamespaces()
const nodes: NamespacedNode[] = []
let folder: string
let left: NamespacedNode
let middle: NamespacedNode
let right: NamespacedNode
/** Where the left one is reached from outside of its network. */
let reachable = ''

async function start(name: string, rest: number, host: NodeSetting['host']): Promise<NamespacedNode> {
  const script = fileURLToPath(new URL('./namespaced-node.ts', import.meta.url))
  const setting: NodeSetting = {
    host,
    holds: { from: 0, to: MESSAGES, of: 3, rest },
    isListening: name !== 'middle',
  }
  const command = [process.execPath, script, await mkdtemp(join(folder, `${name}-`)), JSON.stringify(setting)]
  const node = new NamespacedNode(networks.spawn(name, command, { stdio: ['pipe', 'pipe', 'inherit'] }))
  nodes.push(node)
  return node
}

const sees = (view: NodeView, other: NodeView) =>
  view.peers.filter(({ address }) => address === other.address).map(({ isRelayed }) => isRelayed)

const title = areNamespacesAllowed
  ? 'three nodes in networks of their own'
  : 'three nodes in networks of their own (skipped: this machine lets nobody make network namespaces)'

describe.skipIf(!areNamespacesAllowed)(title, { timeout: 120_000 }, () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tidemark-namespaces-'))
    networks.add('left', 'middle', 'right')
    networks.link(
      'left',
      'middle',
      [`${LEFT.address}/64`, `${LEFT.address4}/24`],
      [`${MIDDLE.toLeft}/64`, `${MIDDLE.toLeft4}/24`],
    )
    networks.link('middle', 'right', [`${MIDDLE.toRight}/64`], [`${RIGHT.address}/64`])
    for (const name of ['left', 'middle']) {
      const dev = name === 'left' ? 'middle' : 'left'
      networks.ip(name, 'route', 'add', '224.0.0.0/4', 'dev', dev)
    }
    const listen = ['/ip4/0.0.0.0/tcp/0', '/ip6/::/tcp/0']
    middle = await start('middle', 0, { listen, isLocalDiscoveryOn: true, isRelay: true })
    left = await start('left', 1, { listen, isLocalDiscoveryOn: true })
  })

  afterAll(async () => {
    await Promise.all(nodes.map((node) => node.end()))
    networks.remove()
    await rm(folder, { recursive: true, force: true })
  })

  it('find each other on a local network by mDNS, with no list', async () => {
    const other = await middle.view()
    await vi.waitFor(async () => expect(sees(await left.view(), other)).toContain(false), WAIT)
    expect(await left.query()).toMatchObject({ messages: (MESSAGES / 3) * 2, isComplete: true })
  })

  it('hear of each other and answer as one through a relay where two cannot reach each other', async () => {
    const relay = (await middle.view()).multiaddrs.find((address) => address.includes(MIDDLE.toRight)) ?? ''
    right = await start('right', 2, { listen: [`${relay}/p2p-circuit`], isLocalDiscoveryOn: false })
    const hidden = await vi.waitFor(async () => {
      const view = await right.view()
      expect(view.multiaddrs.length).toBeGreaterThan(0)
      return view
    }, WAIT)
    const way = (await middle.view()).multiaddrs.find((address) => address.includes(MIDDLE.toLeft4)) ?? ''
    await left.dial(`${way}/p2p-circuit/p2p/${hidden.peerId}`)
    await vi.waitFor(async () => expect(sees(await left.view(), hidden)).toEqual([true]), WAIT)
    await vi.waitFor(async () => expect((await left.view()).heard).toContain(hidden.address), WAIT)
    expect(await left.query()).toMatchObject({
      messages: MESSAGES,
      isComplete: true,
      outcomes: { [hidden.address]: 'answered' },
    })
  })

  it('leave the relay for a direct connection as soon as one of them can be reached', async () => {
    networks.forward('middle')
    networks.ip('left', '-6', 'route', 'add', '3fff:0:b::/64', 'via', MIDDLE.toLeft)
    networks.ip('right', '-6', 'route', 'add', '3fff:0:a::/64', 'via', MIDDLE.toRight)
    const hidden = await right.view()
    const reached = await left.leave(hidden.address)
    reachable = reached.multiaddrs.find((address) => address.includes(LEFT.address)) ?? ''
    const way = (await middle.view()).multiaddrs.find((address) => address.includes(MIDDLE.toLeft4)) ?? ''
    await left.dial(`${way}/p2p-circuit/p2p/${hidden.peerId}`)
    await vi.waitFor(async () => expect(sees(await right.view(), reached)).toEqual([false]), WAIT)
    // What was said over the relay before goes on without it, both ways; the one between them does not listen.
    for (const [speaker, listener] of [
      [left, right],
      [right, left],
    ] as const) {
      await vi.waitFor(async () => {
        await speaker.say('still here')
        expect((await listener.view()).words).toContain('still here')
      }, WAIT)
    }
    expect(await left.query()).toMatchObject({ messages: MESSAGES, isComplete: true })
  })

  it('name who is cut off by a partition, and answer whole again when it heals', async () => {
    const others = [await middle.view(), await right.view()]
    const cut = ['blackhole', `${LEFT.address}/128`]
    const cut4 = ['blackhole', `${LEFT.address4}/32`]
    networks.ip('middle', '-6', 'route', 'add', ...cut)
    networks.ip('middle', 'route', 'add', ...cut4)
    const partial = await left.query()
    expect(partial).toMatchObject({ messages: MESSAGES / 3, isComplete: false })
    for (const { address } of others) expect(['late', 'unreachable']).toContain(partial.outcomes[address])
    networks.ip('middle', '-6', 'route', 'delete', ...cut)
    networks.ip('middle', 'route', 'delete', ...cut4)
    const [near = ''] = (await middle.view()).multiaddrs.filter((address) => address.includes(MIDDLE.toLeft4))
    await vi.waitFor(async () => {
      await left.dial(near)
      // Who has no address of its own to be dialled at dials.
      await right.dial(reachable)
      expect(await left.query()).toMatchObject({ messages: MESSAGES, isComplete: true })
    }, WAIT)
  })
})
