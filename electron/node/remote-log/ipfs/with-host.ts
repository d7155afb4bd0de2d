import type { HeliaWithLibp2p } from '@helia/libp2p'
import type { Libp2p, PeerInfo } from '@libp2p/interface'
import { peerIdFromCID } from '@libp2p/peer-id'
import type { Helia, Peer, Router } from 'helia'
import { NAME_LOOKUP_TIMEOUT_MS } from './limits.ts'

const NAME = 'host-router'

export interface HostUse {
  /** How long the host's routing is asked for a name. */
  lookupTimeoutMs?: number
}

/** Runs Helia on a libp2p host that somebody else has made and goes on owning. */
export function withHost<H extends Helia>(
  helia: H,
  host: Libp2p,
  { lookupTimeoutMs = NAME_LOOKUP_TIMEOUT_MS }: HostUse = {},
): H & HeliaWithLibp2p {
  helia.addRouter(routerOf(host, lookupTimeoutMs))
  return Object.defineProperty(helia, 'libp2p', { value: host, enumerable: true }) as H & HeliaWithLibp2p
}

function toPeer({ id, multiaddrs }: PeerInfo): Peer {
  return { id: id.toCID(), multiaddrs, router: NAME }
}

/** The host's own routing, in the form Helia asks for. */
function routerOf(host: Libp2p, lookupTimeoutMs: number): Router {
  return {
    name: NAME,
    provide: (cid, options) => host.contentRouting.provide(cid, options),
    cancelReprovide: (cid, options) => host.contentRouting.cancelReprovide(cid, options),
    put: (key, value, options) => host.contentRouting.put(key, value, options),
    get: async (key, options) => {
      // Without neighbours in its table Kademlia waits for one until the caller gives up.
      const timeout = AbortSignal.timeout(lookupTimeoutMs)
      const signal = options?.signal === undefined ? timeout : AbortSignal.any([options.signal, timeout])
      return Uint8Array.from(await host.contentRouting.get(key, { ...options, signal }))
    },
    findPeer: async (peer, options) => toPeer(await host.peerRouting.findPeer(peerIdFromCID(peer), options)),
    async *findProviders(cid, options) {
      for await (const info of host.contentRouting.findProviders(cid, options))
        yield { ...toPeer(info), fallback: false }
    },
    async *getClosestPeers(key, options) {
      for await (const info of host.peerRouting.getClosestPeers(key, options)) yield toPeer(info)
    },
  }
}
