import type { PermissionAnswer, PermissionEvidence } from '../ports.ts'
import { type PublishChange, publishRightAt } from './permission-history.ts'
import type { RegistryQueries } from './registry-queries.ts'
import type { BlockHeader } from './rpc-endpoint.ts'

/**
 * How far past the newest indexed block a right is taken to go on. Messages arrive before the block of their
 * second does; a minute covers slow blocks and confirmations. Past it the chain is out of reach, and a message
 * waits until it is back.
 */
export const PERMITTED_AHEAD_MS = 60_000
/** The Streamr SDK's bounds for a stream's number of partitions, and its default. */
const MAX_PARTITIONS = 100
const DEFAULT_PARTITIONS = 1

/** What the oracle has to know of the chain besides its events. */
export interface ChainView {
  chainId: number
  /** Address of the stream registry. */
  contract: string
  grantLeadMs: number
  complete: boolean
}

export interface PermissionQuestion {
  streamId: string
  /** Lower-case. */
  publisher: string
  atMs: number
}

export interface PermissionOutcome {
  answer: PermissionAnswer
  /** For `unknown`: the chain's time (ms) at which it can be had. */
  decidedAtMs: number | undefined
  /** For `unknown`: the contract itself has to be asked, because what is indexed begins too late. */
  isBaselineWanted?: boolean
}

/** Number of partitions in a stream's metadata; `null` when it is not one the network would accept. */
export function partitionsOf(metadata: string): number | null {
  let parsed: unknown
  try {
    parsed = JSON.parse(metadata)
  } catch {
    // The SDK reads what is not JSON as a stream without metadata.
    return DEFAULT_PARTITIONS
  }
  const partitions = (parsed as { partitions?: unknown } | null)?.partitions ?? DEFAULT_PARTITIONS
  if (typeof partitions !== 'number' || !Number.isInteger(partitions)) return null
  return partitions >= 1 && partitions <= MAX_PARTITIONS ? partitions : null
}

function evidenceOf(view: ChainView, publisher: string, change: PublishChange): PermissionEvidence {
  return {
    chainId: view.chainId,
    contract: view.contract,
    block: change.block,
    blockTimestamp: change.timestamp * 1_000,
    transaction: change.transaction,
    publisher,
    grantee: change.grantee,
    publishExpiration: change.publishExpiration.toString(),
  }
}

/**
 * Answers from what is indexed, and only as far as that reaches: a loss of rights in blocks not seen yet counts
 * from their time on, a grant from up to the grant lead before. So a right is certain until the newest block and
 * assumed a little longer; its absence is certain until the grant lead before that block, and later it is
 * `unknown`.
 */
export function answerPermission(
  view: ChainView,
  queries: RegistryQueries,
  head: BlockHeader | undefined,
  { streamId, publisher, atMs }: PermissionQuestion,
): PermissionOutcome {
  const stream = queries.stream(streamId)
  const partitions = stream === undefined ? null : partitionsOf(stream.metadata)
  const unknown = (decidedAtMs: number | undefined) => ({
    answer: {
      state: 'unknown' as const,
      evidence: null,
      validFrom: atMs,
      validTo: atMs + 1,
      partitions,
    },
    decidedAtMs,
  })
  if (head === undefined) return unknown(0)
  const headMs = head.timestamp * 1_000
  const lives = queries.lives(streamId, publisher)
  if (lives.length === 0 && !view.complete) return { ...unknown(undefined), isBaselineWanted: true }

  const right = publishRightAt(lives, publisher, atMs, view.grantLeadMs)
  const [first] = lives
  if (first?.isBaseline === true && right.state !== 'permitted') {
    // Before the contract was asked about this publisher, a missing right says nothing.
    const asked = first.changes.find((change) => change.grantee === publisher)
    if (asked === undefined) return { ...unknown(undefined), isBaselineWanted: true }
    if (atMs < asked.timestamp * 1_000) return unknown(undefined)
    right.validFrom = Math.max(right.validFrom, asked.timestamp * 1_000)
  }
  const certainTo = right.state === 'permitted' ? headMs + PERMITTED_AHEAD_MS : headMs - view.grantLeadMs + 1
  if (atMs >= certainTo) {
    return unknown(right.state === 'permitted' ? atMs - PERMITTED_AHEAD_MS + 1 : atMs + view.grantLeadMs)
  }
  return {
    answer: {
      state: right.state,
      evidence: right.change === null ? null : evidenceOf(view, publisher, right.change),
      validFrom: right.validFrom,
      validTo: Math.min(right.validTo, certainTo),
      partitions,
    },
    decidedAtMs: undefined,
  }
}
