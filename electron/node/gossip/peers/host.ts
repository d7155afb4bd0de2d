import { join } from 'node:path'
import type { GossipSub } from '@libp2p/gossipsub'
import type { Libp2p } from '@libp2p/interface'
import { createLibp2p, type Libp2pOptions } from 'libp2p'
import type { Clock, Logger } from '../../ports.ts'
import { MAX_CONNECTIONS_PER_HOST, VOUCH_TIMEOUT_MS } from '../limits.ts'
import type { PeerFault, PeerFaultCode } from '../peer-fault.ts'
import type { PeerStream } from '../ports.ts'
import { type Ban, BanList } from './ban-list.ts'
import { createConnectionGater } from './connection-gater.ts'
import { type GossipServices, hostConfig } from './host-config.ts'
import { Libp2pGossipHost } from './libp2p-gossip-host.ts'
import type { AddressSource } from './peer-finder.ts'
import { loadOrCreatePeerKey } from './peer-key.ts'
import { PeerScores } from './peer-scores.ts'
import { PeerTable } from './peer-table.ts'
import type { TrafficMeter } from './traffic.ts'
import { makeVouch, type StreamrIdentity, type VouchedPeer } from './vouch.ts'

export interface GossipHostOptions {
  /** Folder for the libp2p key and the list of banned peers. */
  dataDir: string
  identity: StreamrIdentity
  /** Multiaddrs to listen on, e.g. `/ip4/0.0.0.0/tcp/0`, `/ip4/0.0.0.0/tcp/0/ws`, `/p2p-circuit`. */
  listen: readonly string[]
  /** Multiaddrs to tell others instead of those that are listened on. */
  announce?: readonly string[]
  /** Look for nodes on the local network. Default true. */
  isLocalDiscoveryOn?: boolean
  /** Relay for nodes that cannot be reached. Default false. */
  isRelay?: boolean
  /** Where peers are looked for, beside the local network. */
  sources?: readonly AddressSource[]
  /** Most connections from one host. Default 16. */
  maxConnectionsPerHost?: number
  /** New connections from one host in a second. Default 8. */
  maxInboundPerSecond?: number
  /** How long peers may take to vouch for themselves, ms. Default 10,000. */
  vouchTimeoutMs?: number
  /** Makes the libp2p node; whoever shares one with others makes it here, from this configuration and more. */
  createNode?: (config: Libp2pOptions<GossipServices>) => Promise<Libp2p<GossipServices>>
  clock: Clock
  logger: Logger
}

/** A peer as the Network page shows it. */
export interface PeerView {
  peerId: string
  /** `null` while it has not vouched for a Streamr address. */
  address: string | null
  score: number
  multiaddrs: string[]
  direction: 'inbound' | 'outbound'
  connectedSince: number
  roundTripMs: number | null
  isRelayed: boolean
  /** Since it connected. */
  traffic: TrafficMeter
}

export type PeerStreamHandler = (stream: PeerStream, peer: VouchedPeer) => Promise<void>

/** This node among its peers. */
export interface GossipHost {
  readonly peerId: string
  readonly address: string
  readonly pubsub: GossipSub
  readonly libp2p: Libp2p<GossipServices>
  /** Where others reach this node, its peer id included. */
  multiaddrs(): string[]
  /** Connections, those that vouched first. */
  peers(): PeerView[]
  /** Connected peers that vouched for a Streamr address. */
  vouched(): VouchedPeer[]
  /** Connects to a multiaddr that names its peer. @throws when it cannot be reached */
  dial(address: string, signal?: AbortSignal): Promise<void>
  /** Opens a stream to a connected peer. @throws when the peer does not speak the protocol or is gone */
  open(peerId: string, protocol: string, signal: AbortSignal): Promise<PeerStream>
  /** Answers streams of a protocol, from peers that vouched only; `maxStreams` at once from each. */
  handle(protocol: string, maxStreams: number, handler: PeerStreamHandler): Promise<void>
  /** Takes note of what a peer did; enough of it bans the peer. */
  report(peerId: string, happened: 'answered' | { fault: PeerFault } | { suspicion: PeerFaultCode }): void
  scoreOf(peerId: string): number
  bans(): Ban[]
  /** Whether a peer id, or the Streamr address it vouched for, is banned. */
  isBanned(peerId: string): boolean
  /** Bans a peer id or Streamr address, the connected peers of an address with it, and closes their connections. */
  ban(who: string, reason: string, untilMs: number | null): Promise<void>
  /** Lifts a ban and what came with it, by any of their names. */
  liftBan(who: string): Promise<void>
  /** Called with each peer that vouched, and with each that left. Returns what ends that. */
  onPeer(listener: (peer: VouchedPeer, event: 'joined' | 'left') => void): () => void
  stop(): Promise<void>
}

/** Starts this node's libp2p host. */
export async function createGossipHost(options: GossipHostOptions): Promise<GossipHost> {
  const { dataDir, identity, clock, logger } = options
  const privateKey = await loadOrCreatePeerKey(join(dataDir, 'libp2p.key'))
  const vouch = await makeVouch(privateKey, identity)
  const bans = await BanList.open({ path: join(dataDir, 'banned-peers.json'), clock, logger })
  const scores = new PeerScores(clock)
  const table = new PeerTable()
  const config = hostConfig({
    privateKey,
    listen: options.listen,
    announce: options.announce ?? [],
    isLocalDiscoveryOn: options.isLocalDiscoveryOn ?? true,
    isRelay: options.isRelay ?? false,
    gater: createConnectionGater({
      isBanned: (peerId) => bans.isBanned(peerId),
      maxPerHost: options.maxConnectionsPerHost ?? MAX_CONNECTIONS_PER_HOST,
    }),
    scoreOf: (peerId) => scores.scoreOf(table.get(peerId)?.address ?? peerId),
    ...(options.maxInboundPerSecond === undefined
      ? {}
      : { maxInboundPerSecond: options.maxInboundPerSecond }),
  })
  const libp2p = await (options.createNode ?? createLibp2p<GossipServices>)(config)
  const { sources = [] } = options
  const address = identity.address.toLowerCase()
  const { vouchTimeoutMs = VOUCH_TIMEOUT_MS } = options
  const host = new Libp2pGossipHost({
    libp2p,
    address,
    sources,
    bans,
    scores,
    table,
    vouchTimeoutMs,
    clock,
    logger,
  })
  await host.begin(vouch)
  return host
}
