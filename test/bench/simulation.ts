/**
 * Networks of up to 1,000 nodes on simulated time: what announcing coverage and one query cost a node as the network
 * grows. Announcements are the node's own bytes on a model of gossipsub's mesh; a query runs the node's own code, with
 * as many peers as a node asks. `--nodes N` simulates one size alone.
 */
import { encodeCoverage } from '../../electron/node/gossip/announcements/coverage.ts'
import { ANNOUNCE_EVERY_MS, MAX_CONNECTIONS, MAX_QUERY_PEERS } from '../../electron/node/gossip/limits.ts'
import { gridFor } from '../../electron/node/gossip/reconcile/bucket-grid.ts'
import { createDigestSets } from '../../electron/node/gossip/reconcile/digest-sets.ts'
import { storedMessage, testMessage } from '../unit/gossip/memory-store.ts'
import { announce, meshOf } from './simulation/announcement-run.ts'
import { askAll } from './simulation/query-run.ts'
import { randomGraph, seededRandom } from './simulation/random-graph.ts'

const SIZES = [10, 30, 100, 300, 1_000]
const PART = '0x0123456789abcdef0123456789abcdef01234567/tidemark/telemetry#0'
const START = 1_700_000_000_000
/** Connections at which a node stops dialling. */
const ENOUGH_PEERS = 32
const ANNOUNCEMENTS = 20
/** What a signed pubsub message has around its data: author, number, topic, signature, lengths. */
const ENVELOPE_BYTES = 40 + 10 + 66 + 66 + 8
const MESSAGES = 2_000
const SHARE = 0.2

export async function run(flags: readonly string[]): Promise<Record<string, unknown>> {
  const asked = flags[flags.indexOf('--nodes') + 1]
  const sizes = flags.includes('--nodes') && asked !== undefined ? [Number(asked)] : SIZES
  const figures: Record<string, unknown> = { announcementBytes: announcementBytes() }
  for (const nodes of sizes) figures[`nodes${nodes}`] = await simulate(nodes)
  return figures
}

export async function simulate(nodes: number): Promise<Record<string, number>> {
  const random = seededRandom(nodes)
  const connected = randomGraph(nodes, ENOUGH_PEERS, random)
  const mesh = meshOf(connected, random)
  const runs = Array.from({ length: ANNOUNCEMENTS }, (_, run) => announce(mesh, run % nodes, random))
  const copies = mean(runs.map((one) => one.copies))
  const perHour = (nodes * 3_600_000) / ANNOUNCE_EVERY_MS
  const peers = Math.min(connected[0]?.length ?? 0, MAX_CONNECTIONS, MAX_QUERY_PEERS)
  const all = Array.from({ length: MESSAGES }, (_, row) =>
    storedMessage(testMessage(PART, START + row * 1_000)),
  )
  const share = () => all.filter(() => random() < SHARE)
  const sets = createDigestSets()
  const range = { from: START, to: START + MESSAGES * 1_000 }
  const query = await askAll(sets, PART, range, share(), holdingsOf(peers, share))
  await sets.close()
  return {
    connections: mean(connected.map((others) => others.length)),
    heardShare: mean(runs.map((one) => one.heard / nodes)),
    lastHeardMs: Math.max(...runs.map((one) => one.lastMs)),
    copiesPerNodeAndAnnouncement: round(copies / nodes),
    announcementsPerNodeAndHour: Math.round((copies / nodes) * perHour),
    announcementKBPerNodeAndHour: Math.round(((copies / nodes) * perHour * announcementBytes()) / 1_000),
    queryPeers: peers,
    queryShare: round(query.messages / MESSAGES),
    queryRounds: query.rounds,
    queryFindingBytesPerPeer: Math.round(query.findingBytes / peers),
    queryFindingKB: round(query.findingBytes / 1_000),
    queryMessageKB: round(query.messageBytes / 1_000),
  }
}

function* holdingsOf<T>(peers: number, share: () => T): Generator<T> {
  for (let peer = 0; peer < peers; peer++) yield share()
}

/** An announcement of a year of telemetry, with two addresses, in its envelope. */
function announcementBytes(): number {
  const grid = gridFor(START, START + 365 * 86_400_000, 64)
  const counts = new Float64Array(grid.buckets).fill(500_000)
  const address = new Uint8Array(48)
  const coverage = { part: PART, grid, counts, at: START, addresses: [address, address] }
  return encodeCoverage(coverage).length + ENVELOPE_BYTES
}

function mean(values: readonly number[]): number {
  return round(values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length))
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}
