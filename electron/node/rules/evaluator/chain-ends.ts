import { MAX_TRACKED_CHAINS } from '../limits.ts'
import type { RuleMessage } from './rule-message.ts'
import type { Track } from './slot.ts'

/** What a message is to its chain: `known` lies before the end that was seen, or is it; `gap` leaves something out. */
export const KNOWN = 0
export const NEXT = 1
export const GAP = 2
export type ChainStep = typeof KNOWN | typeof NEXT | typeof GAP

/** Moves the end of a message's chain to it, unless it lies before. */
export function stepInChain(track: Track, message: RuleMessage): ChainStep {
  const { chains } = track
  const { chain, previous, timestamp, sequence } = message
  const end = chains.get(chain)
  if (end === undefined) {
    if (chains.size >= MAX_TRACKED_CHAINS) forgetOldest(chains)
    chains.set(chain, { timestamp, sequence })
    return NEXT
  }
  if (!isLater(timestamp, sequence, end)) return KNOWN
  const leavesOut = previous !== undefined && isLater(previous.timestamp, previous.sequence, end)
  end.timestamp = timestamp
  end.sequence = sequence
  return leavesOut ? GAP : NEXT
}

function isLater(timestamp: number, sequence: number, end: { timestamp: number; sequence: number }): boolean {
  return timestamp > end.timestamp || (timestamp === end.timestamp && sequence > end.sequence)
}

/** The chain that ended first: others go on. */
function forgetOldest(chains: Track['chains']): void {
  let oldest: string | undefined
  let at = Number.POSITIVE_INFINITY
  for (const [chain, { timestamp }] of chains) {
    if (timestamp >= at) continue
    oldest = chain
    at = timestamp
  }
  if (oldest !== undefined) chains.delete(oldest)
}
