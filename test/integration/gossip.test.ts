import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import type { FederatedAnswer } from '../../electron/node/gossip/federated-query.ts'
import { compareMessages } from '../../electron/node/message/order.ts'
import type { StoredMessage } from '../../electron/node/ports.ts'
import { PART, type TestNode, TestNodes } from '../unit/gossip/federated/test-nodes.ts'
import { eventually } from '../unit/gossip/peers/test-hosts.ts'
import { type ChildTask, COMPARISON_LIES, MESSAGE_LIES, messagesOf } from './gossip-tasks.ts'

/** A node in a process of its own; it holds what it was last told to hold. */
class Child {
  readonly process: ChildProcess
  readonly #lines: AsyncIterator<string>
  /** Removed here: a process that is killed cannot do it. */
  readonly #folder = mkdtempSync(join(tmpdir(), 'tidemark-gossip-child-'))
  address = ''
  multiaddr = ''

  constructor(kind: 'honest' | 'liar') {
    const script = fileURLToPath(new URL('./gossip-child.ts', import.meta.url))
    const child = spawn(process.execPath, [script, kind, this.#folder], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    this.process = child
    this.#lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  }

  async holds(task: ChildTask): Promise<this> {
    this.process.stdin?.write(`${JSON.stringify(task)}\n`)
    const { value, done } = await this.#lines.next()
    if (done) throw new Error('the node ended before it was ready')
    return Object.assign(this, JSON.parse(value) as { address: string; multiaddr: string })
  }

  async end(): Promise<void> {
    if (this.process.exitCode === null && this.process.signalCode === null) {
      const exited = once(this.process, 'exit')
      // A stopped process ends by this signal too.
      this.process.kill('SIGKILL')
      await exited
    }
    await rm(this.#folder, { recursive: true, force: true })
  }
}

const nodes = new TestNodes()
const children = { one: new Child('honest'), other: new Child('honest'), liar: new Child('liar') }
afterEach(() => nodes.stop())
afterAll(async () => {
  for (const child of Object.values(children)) await child.end()
})

async function meet(node: TestNode, ...others: readonly Child[]): Promise<void> {
  const { host } = node.gossip
  for (const { multiaddr } of others) await host.dial(multiaddr)
  const isKnown = ({ address }: Child): boolean =>
    host.vouched().some((peer) => peer.address === address.toLowerCase())
  await eventually(() => others.every(isKnown))
}

const digests = (messages: readonly StoredMessage[]): string[] =>
  [...messages].sort(compareMessages).map(({ digest }) => Buffer.from(digest).toString('base64'))

/** Reads an answer to its end; `midway` is called once, after its first merged batch. */
async function read(answer: FederatedAnswer, midway: () => void = () => undefined): Promise<StoredMessage[]> {
  const merged: StoredMessage[] = []
  for await (const { kind, messages } of answer) {
    if (kind === 'preview') continue
    if (merged.length === 0) midway()
    merged.push(...messages)
  }
  const isOrdered = merged.every((message, row) => {
    const previous = merged[row - 1]
    return previous === undefined || compareMessages(previous, message) < 0
  })
  expect(isOrdered).toBe(true)
  return merged
}

const MESSAGES = 45_000
const third = (rest: number): ChildTask => ({ from: 0, to: MESSAGES, of: 3, rest })
const outcomes = (answer: FederatedAnswer): Record<string, string> =>
  Object.fromEntries(answer.report().peers.map(({ address, outcome }) => [address, outcome]))

describe('three nodes in processes of their own, each with a third', () => {
  it('answer as one', async () => {
    const asked = await nodes.start(messagesOf(third(0)))
    const { one, other } = children
    await Promise.all([one.holds(third(1)), other.holds(third(2))])
    await meet(asked, one, other)
    const answer = asked.gossip.queries.query({ query: { part: PART } })
    expect(digests(await read(answer))).toEqual(
      digests(messagesOf({ from: 0, to: MESSAGES, of: 1, rest: 0 })),
    )
    expect(answer.report()).toMatchObject({ brought: 30_000, isComplete: true, unreached: [] })
  })
})

/** The asked node holds two stretches and nothing between them, so that there is room to lie in. */
const ownMessages = [
  ...messagesOf({ from: 0, to: 300, of: 1, rest: 0 }),
  ...messagesOf({ from: 600, to: 900, of: 1, rest: 0 }),
]
const honestTask: ChildTask = { from: 0, to: 900, of: 2, rest: 1 }
const allHonest = digests(messagesOf({ from: 0, to: 900, of: 1, rest: 0 }))

const named = (answer: FederatedAnswer, { address }: Child): (string | undefined)[] => {
  const peer = answer.report().peers.find((one) => one.address === address)
  return [peer?.fault?.code, ...(peer?.suspicions ?? [])]
}

const isBelowStrangers = ({ gossip: { host } }: TestNode, liar: Child): boolean => {
  const peer = host.vouched().find(({ address }) => address === liar.address)
  const isBanned = host.bans().some(({ who }) => who === liar.address)
  return isBanned || (peer !== undefined && host.scoreOf(peer.peerId) < 0)
}

describe('a lying node among honest ones', () => {
  it.each(MESSAGE_LIES)('costs no more than its bound and is named: %s', async (lie) => {
    const asked = await nodes.start(ownMessages)
    const { one: honest, liar } = children
    await Promise.all([honest.holds(honestTask), liar.holds({ from: 0, to: 900, of: 3, rest: 0, lie })])
    await meet(asked, honest, liar)
    const answer = asked.gossip.queries.query({ query: { part: PART } })
    const merged = new Set(digests(await read(answer)))
    const expected = digests([...ownMessages, ...messagesOf(honestTask)])
    expect(expected.every((digest) => merged.has(digest))).toBe(true)
    expect(outcomes(answer)[honest.address]).toBe('answered')
    expect(named(answer, liar)).toContain(lie)
    expect(isBelowStrangers(asked, liar)).toBe(true)
    // Nothing that was forged or foreign is in the answer or in the store.
    expect([...merged].every((digest) => allHonest.includes(digest))).toBe(true)
  })

  // Here the liar holds what the asked node holds, so that whatever it says of a difference is untrue; what the honest
  // one brings lies apart from it, so that it does not matter who of them comes first.
  it.each(COMPARISON_LIES)('costs no more than its bound and is named: %s', async (lie) => {
    const common = { from: 0, to: 900, of: 1, rest: 0 }
    const apart = { ...common, from: 1_500, to: 1_800 }
    const asked = await nodes.start(messagesOf(common))
    const { one: honest, liar } = children
    await Promise.all([honest.holds(apart), liar.holds({ ...common, lie })])
    await meet(asked, honest, liar)
    const answer = asked.gossip.queries.query({ query: { part: PART } })
    expect(digests(await read(answer))).toEqual(digests([...messagesOf(common), ...messagesOf(apart)]))
    expect(outcomes(answer)[honest.address]).toBe('answered')
    expect(named(answer, liar)).toContain(lie)
    expect(isBelowStrangers(asked, liar)).toBe(true)
  })
})

// Last, because one of the processes does not come back from it.
describe('a node that is lost midway', () => {
  it.each(['SIGSTOP', 'SIGKILL'] as const)('is done without and named: %s', async (signal) => {
    const asked = await nodes.start(messagesOf(third(0)))
    const { one: steady, other: lost } = children
    await Promise.all([steady.holds(third(1)), lost.holds(third(2))])
    await meet(asked, steady, lost)
    const answer = asked.gossip.queries.query({ query: { part: PART } })
    const merged = new Set(digests(await read(answer, () => lost.process.kill(signal))))
    for (const rest of [0, 1]) {
      expect(digests(messagesOf(third(rest))).every((digest) => merged.has(digest))).toBe(true)
    }
    const report = answer.report()
    expect(report.isComplete).toBe(false)
    expect(outcomes(answer)[steady.address]).toBe('answered')
    expect(['late', 'unreachable']).toContain(outcomes(answer)[lost.address])
    expect(report.unreached.length).toBeGreaterThan(0)
    expect(report.unreached.every(({ address }) => address === lost.address)).toBe(true)
    lost.process.kill('SIGCONT')
  })
})
