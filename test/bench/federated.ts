/**
 * Fifty nodes over loopback, each with a random fifth of 100,000 signed messages; one is asked for all. The asked
 * node is whole (SQLite, verifier on worker threads), the others hold theirs in memory. What comes back is compared
 * with the union of all; the time to the first message with that of a local query on the same store.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FederatedReport } from '../../electron/node/gossip/federated/report.ts'
import type { GossipOptions } from '../../electron/node/gossip/gossip.ts'
import { type Gossip, startGossip } from '../../electron/node/gossip/gossip.ts'
import { reconcileStoreOf } from '../../electron/node/gossip/store-adapter.ts'
import { compareMessages } from '../../electron/node/message/order.ts'
import type { PermissionOracle, StoredMessage } from '../../electron/node/ports.ts'
import { createVerifierPool, type VerifierPool } from '../../electron/node/provenance/verifier-pool.ts'
import { openSqliteStore, type SqliteStore } from '../../electron/node/store/sqlite-store.ts'
import { MemoryStore, storedMessage } from '../unit/gossip/memory-store.ts'
import { eventually, randomIdentity } from '../unit/gossip/peers/test-hosts.ts'
import { STREAM_ID, signedTelemetry } from './ingest/corpus.ts'
import { quietLogger } from './quiet-logger.ts'

const MESSAGES = 100_000
const NODES = 50
const SHARE = 0.2
const PART = `${STREAM_ID}#0`

/** The first message is timed this often each way, in turns. */
const FIRST_MESSAGE_RUNS = 21

const everyoneMayPublish: PermissionOracle = {
  publishPermission: async () => ({
    state: 'permitted',
    evidence: null,
    validFrom: 0,
    validTo: Number.MAX_SAFE_INTEGER,
    partitions: 1,
  }),
  onChange: () => () => undefined,
}

export async function run(): Promise<Record<string, unknown>> {
  const folder = await mkdtemp(join(tmpdir(), 'tidemark-federated-'))
  await using stack = new AsyncDisposableStack()
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  const all = (await signedTelemetry(MESSAGES)).map(storedMessage)
  const holdings = Array.from({ length: NODES }, (_, node) => all.filter((_message, row) => holds(node, row)))
  const [own = [], ...others] = holdings

  const { store, pool } = await openNode(folder, stack)
  const receivedAt = Date.now()
  await pool.ingestAll(own.map(({ raw }) => ({ bytes: raw, source: 'live', receivedAt })))
  const asked = await start(stack, folder, 'asked', {
    store: reconcileStoreOf(store),
    ingest: (messages, signal) => pool.ingestAll(messages, signal),
    verify: (messages) => pool.decide(messages),
  })
  for (const [index, messages] of others.entries()) {
    const peer = await start(stack, folder, `peer-${index}`, { store: new MemoryStore(messages) })
    await peer.host.dial(asked.host.multiaddrs()[0] ?? '')
  }
  await eventually(() => asked.host.vouched().length === NODES - 1)

  const firstMessage = await timeFirstMessages(asked, store)
  const { merged, firstMergedMs, seconds, report } = await readAll(asked)
  const held = new Set(holdings.flat())
  const union = all.filter((message) => held.has(message))
  const distinct = new Set(merged.map(({ digest }) => Buffer.from(digest).toString('base64')))
  return {
    share: shareOf(distinct, union),
    duplicates: merged.length - distinct.size,
    ordered: merged.every(
      (message, row) => row === 0 || compareMessages(merged[row - 1] ?? message, message) < 0,
    ),
    firstMessageRatio: round(firstMessage.federatedMs / firstMessage.localMs),
    firstMessageMs: round(firstMessage.federatedMs),
    localFirstMessageMs: round(firstMessage.localMs),
    firstMergedMs: round(firstMergedMs),
    seconds: round(seconds),
    messages: merged.length,
    ...summary(report),
  }
}

function summary({ peers, brought, isComplete }: FederatedReport): Record<string, unknown> {
  const sum = (value: (peer: (typeof peers)[number]) => number): number =>
    peers.reduce((total, peer) => total + value(peer), 0)
  return {
    peers: peers.length,
    brought,
    broughtTwice: sum((peer) => peer.alsoBrought),
    sessions: sum((peer) => peer.sessions),
    megabytes: round(sum((peer) => peer.sentBytes + peer.receivedBytes) / 1e6),
    isComplete,
    faults: peers.flatMap(({ fault }) => (fault === null ? [] : [fault.code])),
  }
}

/** Whether a node holds a message: the same random fifth in every run (MurmurHash3's finaliser of both numbers). */
function holds(node: number, row: number): boolean {
  let hash = Math.imul(row + 1, 0x9e37_79b1) ^ Math.imul(node + 1, 0x85eb_ca6b)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35)
  return (hash ^ (hash >>> 16)) >>> 0 < SHARE * 2 ** 32
}

function shareOf(found: ReadonlySet<string>, union: readonly StoredMessage[]): number {
  const had = union.filter(({ digest }) => found.has(Buffer.from(digest).toString('base64'))).length
  return had / union.length
}

async function openNode(
  folder: string,
  stack: AsyncDisposableStack,
): Promise<{ store: SqliteStore; pool: VerifierPool }> {
  const store = await openSqliteStore({
    file: join(folder, 'asked.sqlite'),
    logger: quietLogger,
    clock: Date,
  })
  stack.defer(() => store.close())
  const contractSignatures = { check: async () => 'unavailable' as const }
  const pool = createVerifierPool({
    store,
    permissions: everyoneMayPublish,
    contractSignatures,
    logger: quietLogger,
  })
  await pool.start()
  stack.defer(() => pool.stop())
  return { store, pool }
}

async function start(
  stack: AsyncDisposableStack,
  folder: string,
  name: string,
  options: Pick<GossipOptions, 'store'> & Partial<GossipOptions>,
): Promise<Gossip> {
  const gossip = await startGossip({
    dataDir: await mkdtemp(join(folder, name)),
    identity: randomIdentity(),
    listen: ['/ip4/127.0.0.1/tcp/0'],
    isLocalDiscoveryOn: false,
    maxConnectionsPerHost: NODES,
    maxInboundPerSecond: NODES,
    clock: Date,
    logger: quietLogger,
    ingest: () => Promise.reject(new Error('This node only answers.')),
    verify: () => Promise.reject(new Error('This node only answers.')),
    isHealing: () => false,
    ...options,
  })
  stack.defer(() => gossip.stop())
  gossip.announcements.follow(PART)
  return gossip
}

async function timeFirstMessages(
  asked: Gossip,
  store: SqliteStore,
): Promise<{ localMs: number; federatedMs: number }> {
  const local: number[] = []
  const federated: number[] = []
  for (let turn = 0; turn < FIRST_MESSAGE_RUNS; turn++) {
    local.push(await timeFirst(store.query({ part: PART })))
    federated.push(await timeFirst(asked.queries.query({ query: { part: PART } })))
  }
  return { localMs: median(local), federatedMs: median(federated) }
}

async function timeFirst(batches: AsyncIterable<unknown>): Promise<number> {
  const startedAt = performance.now()
  for await (const _ of batches) return performance.now() - startedAt
  throw new Error('There is no message.')
}

async function readAll(asked: Gossip) {
  const startedAt = performance.now()
  const answer = asked.queries.query({ query: { part: PART } })
  const merged: StoredMessage[] = []
  let firstMergedMs = 0
  for await (const { kind, messages } of answer) {
    if (kind === 'preview') continue
    if (merged.length === 0) firstMergedMs = performance.now() - startedAt
    merged.push(...messages)
  }
  return { merged, firstMergedMs, seconds: (performance.now() - startedAt) / 1_000, report: answer.report() }
}

const round = (value: number): number => Number(value.toFixed(2))

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0
}
