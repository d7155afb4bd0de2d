import type { Connection, ConnectionGater } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/** Groups of an IPv6 address that one household or host has to itself: its /64. */
const IPV6_HOST_GROUPS = 4

export interface ConnectionGaterOptions {
  isBanned: (peerId: string) => boolean
  /** Connections that are open now. */
  connections: () => readonly Connection[]
  /** Most connections from one IPv4 address or IPv6 /64. */
  maxPerHost: number
}

/** Refuses banned peers in either direction, and hosts that have their share of connections already. */
export function createConnectionGater({
  isBanned,
  connections,
  maxPerHost,
}: ConnectionGaterOptions): ConnectionGater {
  return {
    denyDialPeer: (peerId) => isBanned(peerId.toString()),
    // Which peer it is shows only after the handshake; which host it is, before anything was spent on it.
    denyInboundConnection: ({ remoteAddr }) => {
      const host = hostOf(remoteAddr)
      if (host === undefined) return false
      return connections().filter((connection) => hostOf(connection.remoteAddr) === host).length >= maxPerHost
    },
    denyInboundEncryptedConnection: (peerId) => isBanned(peerId.toString()),
    denyOutboundEncryptedConnection: (peerId) => isBanned(peerId.toString()),
    denyInboundRelayReservation: (source) => isBanned(source.toString()),
    denyInboundRelayedConnection: (_relay, remotePeer) => isBanned(remotePeer.toString()),
  }
}

/** The host a connection comes from, or `undefined` for relayed ones. */
function hostOf(address: Multiaddr): string | undefined {
  const components = address.getComponents()
  if (components.some(({ name }) => name === 'p2p-circuit')) return undefined
  const ip = components.find(({ name }) => name === 'ip4' || name === 'ip6')
  if (ip?.value === undefined || ip.name === 'ip4') return ip?.value
  return expandIpv6(ip.value).slice(0, IPV6_HOST_GROUPS).join(':')
}

/** The eight groups of an IPv6 address. */
function expandIpv6(address: string): string[] {
  const [head = '', tail] = address.split('::')
  const before = head === '' ? [] : head.split(':')
  const after = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - before.length - after.length)
  return [...before, ...Array.from({ length: zeros }, () => '0'), ...after]
}
