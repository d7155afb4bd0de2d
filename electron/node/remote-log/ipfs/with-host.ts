import type { HeliaWithLibp2p } from '@helia/libp2p'
import type { Libp2p, PeerInfo } from '@libp2p/interface'
import { peerIdFromCID } from '@libp2p/peer-id'
import type { Helia, Peer, Router } from 'helia'

const NAME = 'host-router'

/** Runs Helia on a libp2p host that somebody else has made and goes on owning. */
export function withHost<H extends Helia>(helia: H, host: Libp2p): H & HeliaWithLibp2p {
  helia.addRouter(routerOf(host))
  return Object.defineProperty(helia, 'libp2p', { value: host, enumerable: true }) as H & HeliaWithLibp2p
}

function toPeer({ id, multiaddrs }: PeerInfo): Peer {
  return { id: id.toCID(), multiaddrs, router: NAME }
}

/** The host's own routing, in the form Helia asks for. */
function routerOf(host: Libp2p): Router {
  return {
    name: NAME,
    provide: (cid, options) => host.contentRouting.provide(cid, options),
    cancelReprovide: (cid, options) => host.contentRouting.cancelReprovide(cid, options),
    put: (key, value, options) => host.contentRouting.put(key, value, options),
    get: async (key, options) => Uint8Array.from(await host.contentRouting.get(key, options)),
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
