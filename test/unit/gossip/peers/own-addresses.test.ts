import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import { describe, expect, it } from 'vitest'
import { ownAddresses } from '../../../../electron/node/gossip/peers/own-addresses.ts'

describe('addresses on which this machine listens', () => {
  it('are told to others although nobody has confirmed them, and those found out otherwise are not', () => {
    const known = [
      { multiaddr: multiaddr('/ip6/3fff::1/tcp/1'), verified: false, type: 'transport' },
      { multiaddr: multiaddr('/ip4/127.0.0.1/tcp/1'), verified: true, type: 'transport' },
      { multiaddr: multiaddr('/ip6/3fff::2/tcp/1'), verified: false, type: 'observed' },
    ]
    const confirmed: string[] = []
    const addressManager = {
      getAddressesWithMetadata: () => known,
      confirmObservedAddr: (address: Multiaddr) => void confirmed.push(address.toString()),
    }
    const events = new EventTarget()
    const service = ownAddresses()({ addressManager, events })
    service.start()
    expect(confirmed).toEqual(['/ip6/3fff::1/tcp/1'])
    known.splice(0, 3, {
      multiaddr: multiaddr('/ip6/3fff::3/tcp/1'),
      verified: false,
      type: 'transport',
    })
    events.dispatchEvent(new CustomEvent('transport:listening'))
    expect(confirmed).toEqual(['/ip6/3fff::1/tcp/1', '/ip6/3fff::3/tcp/1'])
    service.stop()
    events.dispatchEvent(new CustomEvent('transport:listening'))
    expect(confirmed).toHaveLength(2)
  })
})
