/**
 * A node of its own process for `gossip.test.ts`: honest, or lying in one way. Its one argument is JSON (`ChildTask`);
 * its first line on stdout is JSON too, with its address. It ends with its parent.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startAnnouncements } from '../../electron/node/gossip/announcements/announcements.ts'
import { startGossip } from '../../electron/node/gossip/gossip.ts'
import { createGossipHost } from '../../electron/node/gossip/peers/host.ts'
import { RECONCILE_PROTOCOL } from '../../electron/node/gossip/reconcile/reconcile-service.ts'
import { ingestInto, PART, verify } from '../unit/gossip/federated/test-nodes.ts'
import { MemoryStore } from '../unit/gossip/memory-store.ts'
import { randomIdentity, silent } from '../unit/gossip/peers/test-hosts.ts'
import { answerWithLies } from './gossip-liar.ts'
import { type ChildTask, messagesOf } from './gossip-tasks.ts'

const task = JSON.parse(process.argv[2] ?? '') as ChildTask
const dataDir = await mkdtemp(join(tmpdir(), 'tidemark-gossip-child-'))
process.on('exit', () => void rm(dataDir, { recursive: true, force: true }))
process.stdin.on('end', () => process.exit(0)).resume()

const store = new MemoryStore(messagesOf(task))
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

if (task.lie === undefined) {
  const gossip = await startGossip({
    ...options,
    store,
    ingest: ingestInto(store),
    verify,
    isHealing: () => false,
  })
  gossip.announcements.follow(PART)
  tell(gossip.host.address, gossip.host.multiaddrs())
} else {
  const { lie } = task
  const host = await createGossipHost(options)
  const announcements = await startAnnouncements({ host, store, clock: Date, logger: silent })
  announcements.follow(PART)
  await host.handle(RECONCILE_PROTOCOL, 8, (stream) => answerWithLies(stream, lie, store))
  tell(host.address, host.multiaddrs())
}

function tell(address: string, multiaddrs: readonly string[]): void {
  process.stdout.write(`${JSON.stringify({ address, multiaddr: multiaddrs[0] })}\n`)
}
