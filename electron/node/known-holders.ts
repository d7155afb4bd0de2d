import type { Gossip } from './gossip/gossip.ts'
import type { StoredMessage } from './ports.ts'
import type { OtherHolders } from './provenance/inspect.ts'

/** A message that a peer brought names its Streamr address in its source. */
const BROUGHT_BY_PEER = 'peer:'

/** What was learnt about holders, from earlier questions and from what peers bring and announce; nobody is asked. */
export interface KnownHolders {
  ofMessage(message: StoredMessage): OtherHolders
  /** Other nodes that announced lately that they hold something of a stream part. */
  ofPart(part: string): number
}

export function createKnownHolders({
  holders,
  announcements,
}: Pick<Gossip, 'holders' | 'announcements'>): KnownHolders {
  return {
    ofMessage({ digest, source }) {
      const { holders: answered, without } = holders.known(digest)
      const holding = new Set(answered)
      if (source.startsWith(BROUGHT_BY_PEER)) holding.add(source.slice(BROUGHT_BY_PEER.length))
      for (const address of without) holding.delete(address)
      return { holding: holding.size, asked: holding.size + without.size }
    },
    ofPart: (part) =>
      announcements.heard(part).filter(({ coverage }) => coverage.counts.some((count) => count > 0)).length,
  }
}
