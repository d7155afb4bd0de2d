import type { StreamPartId } from '../../../../shared/message.ts'
import type { Announcements } from '../announcements/announcements.ts'
import { type Coverage, coveredIn } from '../announcements/coverage.ts'
import { MAX_QUERY_PEERS } from '../limits.ts'
import { PeerFault } from '../peer-fault.ts'
import type { GossipHost } from '../peers/host.ts'
import type { VouchedPeer } from '../peers/vouch.ts'
import { outcomeOf, type PeerParticipation } from './report.ts'

/** Questions about coverage under way at once. */
const PARALLEL_QUESTIONS = 32

/** A peer in one query: what it covers and how it does. */
export class Participant {
  readonly record: PeerParticipation
  coverage: Coverage | undefined
  #fault: PeerFault | undefined

  constructor({ peerId, address }: VouchedPeer) {
    this.record = {
      peerId,
      address,
      outcome: 'answered',
      claimed: null,
      brought: 0,
      alsoBrought: 0,
      undecided: 0,
      asking: null,
      sessions: 0,
      rounds: 0,
      sentBytes: 0,
      receivedBytes: 0,
      fault: null,
      suspicions: [],
    }
  }

  /** What left it out of the query. */
  get fault(): PeerFault | undefined {
    return this.#fault
  }

  /** Leaves the peer out from now on. */
  fail(fault: PeerFault): void {
    if (this.#fault !== undefined) return
    this.#fault = fault
    this.record.outcome = outcomeOf(fault)
    this.record.fault = { code: fault.code, sentence: fault.message }
  }

  /** Messages it says it holds in `from <= timestamp < to`. */
  claimedIn(from: number, to: number): number {
    return this.coverage === undefined ? 0 : coveredIn(this.coverage, from, to)
  }
}

export interface ParticipantsOptions {
  host: GossipHost
  announcements: Announcements
  part: StreamPartId
  signal: AbortSignal
}

/** The connected peers, best scores first. */
export function connectedParticipants(host: GossipHost): Participant[] {
  return host
    .vouched()
    .sort((a, b) => host.scoreOf(b.peerId) - host.scoreOf(a.peerId))
    .slice(0, MAX_QUERY_PEERS)
    .map((peer) => new Participant(peer))
}

/**
 * Asks every participant that has not failed what it covers of a range, or of all. Whoever does not answer in time
 * is left out, and costs no more than that time for all of them together.
 */
export async function askCoverages(
  { host, announcements, part, signal }: ParticipantsOptions,
  participants: readonly Participant[],
  range: { from: number; to: number } | undefined,
): Promise<void> {
  const waiting = participants.filter(({ fault }) => fault === undefined)
  const askNext = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await ask(next)
  }
  const ask = async (participant: Participant): Promise<void> => {
    const { record } = participant
    try {
      participant.coverage = await announcements.ask(record.peerId, { part, range }, signal)
      if (range !== undefined) record.claimed = participant.claimedIn(range.from, range.to)
    } catch (error) {
      signal.throwIfAborted()
      if (!(error instanceof PeerFault)) throw error
      // A peer that does not follow this part is no worse for it.
      if (error.code !== 'refused') host.report(record.peerId, { fault: error })
      participant.fail(error)
    }
  }
  await Promise.all(Array.from({ length: PARALLEL_QUESTIONS }, askNext))
}

/** First and last millisecond in which the node or a participant holds anything, or `undefined`. */
export function spanOf(
  own: { first: number; last: number } | null,
  participants: readonly Participant[],
): { from: number; to: number } | undefined {
  const spans = participants.flatMap(({ coverage }) => {
    if (coverage === undefined) return []
    const { grid, counts } = coverage
    const first = counts.findIndex((count) => count > 0)
    const last = counts.findLastIndex((count) => count > 0)
    if (first < 0) return []
    return [{ from: grid.start + first * grid.widthMs, to: grid.start + (last + 1) * grid.widthMs }]
  })
  if (own !== null) spans.push({ from: own.first, to: own.last + 1 })
  if (spans.length === 0) return undefined
  return { from: Math.min(...spans.map(({ from }) => from)), to: Math.max(...spans.map(({ to }) => to)) }
}
