import type { ConnectionGater } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/** Groups of an IPv6 address that one household or host has to itself: its /64. */
const IPV6_HOST_GROUPS = 4

export interface ConnectionGaterOptions {
  isBanned: (peerId: string) => boolean
  /** Most inbound connections from one IPv4 address or IPv6 /64. */
  maxPerHost: number
}

/** Refuses banned peers in either direction, and hosts that have their share of connections already. */
export function createConnectionGater({ isBanned, maxPerHost }: ConnectionGaterOptions): ConnectionGater {
  const openByHost = new Map<string, number>()
  return {
    denyDialPeer: (peerId) => isBanned(peerId.toString()),
    // Which peer it is shows only after the handshake; which host it is, before anything was spent on it. Counted
    // here and not among libp2p's connections, which do not include those whose handshake is under way.
    denyInboundConnection: (connection) => {
      const host = hostOf(connection.remoteAddr)
      if (host === undefined) return false
      const open = openByHost.get(host) ?? 0
      if (open >= maxPerHost) return true
      openByHost.set(host, open + 1)
      connection.addEventListener(
        'close',
        () => {
          const left = (openByHost.get(host) ?? 1) - 1
          if (left === 0) openByHost.delete(host)
          else openByHost.set(host, left)
        },
        { once: true },
      )
      return false
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
