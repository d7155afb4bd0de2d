/**
 * A gossip node for `network-namespaces.test.ts`, in a process and a network namespace of its own. Its arguments are
 * its folder and, as JSON, how it listens and what it holds. Each line on stdin is JSON (`NodeTask`) and is answered
 * with a line on stdout. It ends with its parent.
 */
import { createInterface } from 'node:readline'
import { startGossip } from '../../electron/node/gossip/gossip.ts'
import type { GossipHostOptions } from '../../electron/node/gossip/peers/host.ts'
import { ingestInto, PART, verify } from '../unit/gossip/federated/test-nodes.ts'
import { MemoryStore } from '../unit/gossip/memory-store.ts'
import { randomIdentity, silent } from '../unit/gossip/peers/test-hosts.ts'
import { type ChildTask, messagesOf } from './gossip-tasks.ts'

export interface NodeSetting {
  host: Pick<GossipHostOptions, 'listen' | 'isLocalDiscoveryOn' | 'isRelay'>
  holds: ChildTask
  /** Whether it listens to what others say. */
  isListening: boolean
}

export type NodeTask =
  | { kind: 'self' }
  | { kind: 'dial'; multiaddr: string }
  /** Closes all connections to a node. */
  | { kind: 'leave'; address: string }
  /** Tells all who listen, by pubsub. */
  | { kind: 'say'; word: string }
  | { kind: 'query' }

export interface NodeView {
  address: string
  peerId: string
  multiaddrs: string[]
  /** Connected peers that have vouched. */
  peers: { address: string; isRelayed: boolean }[]
  /** Streamr addresses of those whose announcements were heard. */
  heard: string[]
  /** What others said. */
  words: string[]
}

export interface NodeAnswer {
  messages: number
  isComplete: boolean
  outcomes: Record<string, string>
}

const [dataDir = '', setting = ''] = process.argv.slice(2)
const { host: options, holds, isListening } = JSON.parse(setting) as NodeSetting
const store = new MemoryStore(messagesOf(holds))
const gossip = await startGossip({
  ...{ dataDir, identity: randomIdentity(), clock: Date, logger: silent },
  ...options,
  ...{ store, ingest: ingestInto(store), verify, isHealing: () => false },
})
const { host, announcements, queries } = gossip
announcements.follow(PART)
const TOPIC = '/tidemark/test'
const words: string[] = []
if (isListening) host.pubsub.subscribe(TOPIC)
host.pubsub.addEventListener('message', ({ detail: { topic, data } }) => {
  if (topic === TOPIC) words.push(Buffer.from(data).toString())
})

function view(): NodeView {
  const heard = announcements.heard(PART).map(({ peerId }) => peerId)
  const vouched = host.vouched()
  return {
    ...{ address: host.address, peerId: host.peerId, multiaddrs: host.multiaddrs() },
    peers: host
      .peers()
      .flatMap(({ address, isRelayed }) => (address === null ? [] : [{ address, isRelayed }])),
    words,
    heard: vouched.filter(({ peerId }) => heard.includes(peerId)).map(({ address }) => address),
  }
}

/** Everything any node holds; what peers bring is not kept, so that the next answer takes them again. */
async function query(): Promise<NodeAnswer> {
  const answer = queries.query({ query: { part: PART }, keep: false, preview: false })
  let messages = 0
  for await (const batch of answer) messages += batch.messages.length
  const { isComplete, peers } = answer.report()
  const outcomes = Object.fromEntries(peers.map(({ address, outcome }) => [address, outcome]))
  return { messages, isComplete, outcomes }
}

async function run(task: NodeTask): Promise<unknown> {
  switch (task.kind) {
    case 'self':
      return view()
    case 'dial':
      await host.dial(task.multiaddr, AbortSignal.timeout(5_000))
      return view()
    case 'leave':
      await host.ban(task.address, 'leaving', null)
      await host.liftBan(task.address)
      return view()
    case 'say':
      await host.pubsub.publish(TOPIC, Buffer.from(task.word))
      return view()
    case 'query':
      return query()
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const answer = await run(JSON.parse(line) as NodeTask).catch((error: unknown) => ({ error: String(error) }))
  process.stdout.write(`${JSON.stringify(answer)}\n`)
}
process.exit(0)
