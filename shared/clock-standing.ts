/** How the time a message claims lies to the moment this node first saw it. */

/** A message may claim a time this far after it was first seen, ms: clocks of machines in time differ by less. */
export const MAX_CLOCK_AHEAD_MS = 5_000

/** A live message may claim a time this far before it was first seen, ms: publishers queue while they are cut off. */
export const MAX_CLOCK_BEHIND_MS = 300_000

/** What came by itself, as the store names the source; everything else was asked for, and may be of any age. */
export const LIVE_SOURCE = 'live'

export type ClockStanding = 'in-bounds' | 'ahead' | 'behind'

/** @param timestamp what the message claims, ms since the epoch */
export function clockStanding(timestamp: number, receivedAt: number, source: string): ClockStanding {
  const aheadMs = timestamp - receivedAt
  if (aheadMs > MAX_CLOCK_AHEAD_MS) return 'ahead'
  return source === LIVE_SOURCE && -aheadMs > MAX_CLOCK_BEHIND_MS ? 'behind' : 'in-bounds'
}
