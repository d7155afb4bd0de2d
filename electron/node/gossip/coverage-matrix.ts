import type { StreamPartId } from '../../../shared/message.ts'
import type { Clock } from '../ports.ts'
import type { Announcements } from './announcements/announcements.ts'
import { readCoverage } from './announcements/coverage.ts'
import { askCoverages, connectedParticipants, type Participant } from './federated/participants.ts'
import type { GossipHost } from './peers/host.ts'
import type { ReconcileStore } from './ports.ts'

/** How much of a stream part one node holds, by time. */
export interface CoverageRow {
  /** Streamr address; this node's own comes first. */
  address: string
  /** Null for this node. */
  peerId: string | null
  /** Verified messages in each bucket; null where the node did not say. */
  counts: number[] | null
  /** Why it did not say, in words; null when it did. */
  why: string | null
}

/** Nodes by time: the picture of who holds what. */
export interface CoverageMatrix {
  part: StreamPartId
  /** Start of the first bucket, ms since the epoch, and width of each. */
  start: number
  widthMs: number
  rows: CoverageRow[]
  /**
   * The most that one node holds in each bucket: together they hold at least that many. How many they hold together
   * exactly is not known before they are reconciled.
   */
  atLeast: number[]
}

export interface CoverageMatrixOptions {
  host: GossipHost
  announcements: Announcements
  store: ReconcileStore
  clock: Clock
}

/** Asks the connected peers what they cover of a range; whoever is late costs the deadline of one question. */
export async function readCoverageMatrix(
  { host, announcements, store, clock }: CoverageMatrixOptions,
  part: StreamPartId,
  range: { from: number; to: number },
  signal: AbortSignal,
): Promise<CoverageMatrix> {
  const own = await readCoverage(store, part, clock.now(), [], range, signal)
  const peers = connectedParticipants(host)
  await askCoverages({ host, announcements, part, signal }, peers, range)
  const rows: CoverageRow[] = [
    { address: host.address, peerId: null, counts: [...own.counts], why: null },
    ...peers.map(rowOf),
  ]
  const atLeast = [...own.counts].map((_, bucket) =>
    Math.max(...rows.map(({ counts }) => counts?.[bucket] ?? 0)),
  )
  return { part, start: own.grid.start, widthMs: own.grid.widthMs, rows, atLeast }
}

function rowOf({ record, coverage, fault }: Participant): CoverageRow {
  return {
    address: record.address,
    peerId: record.peerId,
    counts: coverage === undefined ? null : [...coverage.counts],
    why: fault?.message ?? null,
  }
}
