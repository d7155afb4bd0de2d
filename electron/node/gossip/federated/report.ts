import type { StreamPartId } from '../../../../shared/message.ts'
import type { PeerFault, PeerFaultCode } from '../peer-fault.ts'

/** How a peer did in one query. `lying` and the rest after it were left out from then on. */
export type PeerOutcome = 'answered' | 'lying' | 'late' | 'refused' | 'unreachable'

/** One peer's part in a query. */
export interface PeerParticipation {
  peerId: string
  /** Streamr address. */
  address: string
  outcome: PeerOutcome
  /** Messages the peer said it has in the range; `null` when it never said. */
  claimed: number | null
  /** Messages that this node had from this peer first. */
  brought: number
  /** Messages it sent that another peer had sent a moment before. */
  alsoBrought: number
  /** Signed well, but not to be decided yet or by somebody without the right to publish. */
  undecided: number
  /** The stretch it is being asked about, `from <= timestamp < to`, ms; `null` when it is not being asked. */
  asking: { from: number; to: number } | null
  sessions: number
  rounds: number
  sentBytes: number
  receivedBytes: number
  /** What it did wrong, and what it may have done wrong. */
  fault: { code: PeerFaultCode; sentence: string } | null
  suspicions: PeerFaultCode[]
}

/** Part of the range that a peer said it holds and did not hand out; what others hold of it is in the answer. */
export interface UnreachedStretch {
  /** `from <= timestamp < to`, ms. */
  from: number
  to: number
  /** Streamr address of the peer. */
  address: string
  /** Messages it said it has there. */
  claimed: number
  why: PeerFaultCode | 'deadline' | 'too-different' | 'no-room'
}

/** Who took part in a query and what could not be had. */
export interface FederatedReport {
  part: StreamPartId
  /** The range that was asked about, `from <= timestamp < to`, ms; `null` when nobody holds anything. */
  range: { from: number; to: number } | null
  /** The part of the range that has been compared with everyone; `null` before the first stretch has. */
  compared: { from: number; to: number } | null
  peers: PeerParticipation[]
  unreached: UnreachedStretch[]
  /** Messages in the answer. */
  messages: number
  /** Messages that peers brought. */
  brought: number
  /** Whether every peer that was connected answered for all it says it holds. */
  isComplete: boolean
  elapsedMs: number
}

export function outcomeOf(fault: PeerFault): PeerOutcome {
  if (fault.isLie) return 'lying'
  if (fault.code === 'refused' || fault.code === 'unreachable') return fault.code
  return 'late'
}
