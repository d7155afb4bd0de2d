/**
 * A node of its own process for `gossip.test.ts`: honest, or a liar when its first argument says so; the second
 * is the folder it may use. Each line on stdin
 * is JSON (`ChildTask`) and says what it holds from then on, and how it lies; it answers each with a line on stdout
 * that has its address. It ends with its parent.
 */
import { createInterface } from 'node:readline'
import { startAnnouncements } from '../../electron/node/gossip/announcements/announcements.ts'
import { startGossip } from '../../electron/node/gossip/gossip.ts'
import { createGossipHost, type GossipHost } from '../../electron/node/gossip/peers/host.ts'
import { RECONCILE_PROTOCOL } from '../../electron/node/gossip/reconcile/reconcile-service.ts'
import { ingestInto, PART, verify } from '../unit/gossip/federated/test-nodes.ts'
import { MemoryStore } from '../unit/gossip/memory-store.ts'
import { randomIdentity, silent } from '../unit/gossip/peers/test-hosts.ts'
import { answerWithLies } from './gossip-liar.ts'
import { type ChildTask, type Lie, messagesOf } from './gossip-tasks.ts'

const [kind, dataDir = ''] = process.argv.slice(2)
const store = new MemoryStore()
let lie: Lie = 'withheld'
const options = {
  dataDir,
  identity: randomIdentity(),
  listen: ['/ip4/127.0.0.1/tcp/0'],
  isLocalDiscoveryOn: false,
  maxConnectionsPerHost: 100,
  maxInboundPerSecond: 100,
  clock: Date,
  logger: silent,
}
const host = await (kind === 'liar' ? startLiar() : startHonest())

for await (const line of createInterface({ input: process.stdin })) {
  const task = JSON.parse(line) as ChildTask
  store.replace(messagesOf(task))
  lie = task.lie ?? lie
  const [multiaddr] = host.multiaddrs()
  process.stdout.write(`${JSON.stringify({ address: host.address, multiaddr })}\n`)
}
process.exit(0)

async function startHonest(): Promise<GossipHost> {
  const gossip = await startGossip({
    ...options,
    store,
    ingest: ingestInto(store),
    verify,
    isHealing: () => false,
  })
  gossip.announcements.follow(PART)
  return gossip.host
}

async function startLiar(): Promise<GossipHost> {
  const liar = await createGossipHost(options)
  const announcements = await startAnnouncements({ host: liar, store, clock: Date, logger: silent })
  announcements.follow(PART)
  await liar.handle(RECONCILE_PROTOCOL, 8, (stream) => answerWithLies(stream, lie, store))
  return liar
}
