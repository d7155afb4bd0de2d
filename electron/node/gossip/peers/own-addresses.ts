import type { Startable } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

export interface OwnAddressesComponents {
  addressManager: {
    getAddressesWithMetadata(): { multiaddr: Multiaddr; verified: boolean; type: string }[]
    confirmObservedAddr(address: Multiaddr, options: { type: 'transport' }): void
  }
  events: Pick<EventTarget, 'addEventListener' | 'removeEventListener'>
}

/**
 * libp2p tells nobody of a public address on which it listens until other nodes have confirmed, by a service of
 * theirs, that it can be reached; there are none that would. What an interface of this machine has is told here as it
 * is: a node on a server is found, and a node behind a NAT can leave the relay for it. If a firewall is in the way,
 * dials to it fail, and no more.
 */
export function ownAddresses(): (components: OwnAddressesComponents) => Startable {
  return ({ addressManager, events }) => {
    const confirm = (): void => {
      for (const { multiaddr, verified, type } of addressManager.getAddressesWithMetadata())
        if (type === 'transport' && !verified) addressManager.confirmObservedAddr(multiaddr, { type })
    }
    return {
      start() {
        events.addEventListener('transport:listening', confirm)
        confirm()
      },
      stop() {
        events.removeEventListener('transport:listening', confirm)
      },
    }
  }
}
