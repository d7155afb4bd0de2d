import { circuitRelayServer, circuitRelayTransport } from '@libp2p/circuit-relay-v2'
import { dcutr } from '@libp2p/dcutr'
import { type GossipSub, gossipsub } from '@libp2p/gossipsub'
import { type Identify, type IdentifyPush, identify, identifyPush } from '@libp2p/identify'
import { type ConnectionGater, FaultTolerance, type PrivateKey, type ServiceMap } from '@libp2p/interface'
import { mdns } from '@libp2p/mdns'
import { noise } from '@libp2p/noise'
import { type Ping, ping } from '@libp2p/ping'
import { tcp } from '@libp2p/tcp'
import { webSockets } from '@libp2p/websockets'
import { yamux } from '@libp2p/yamux'
import type { Libp2pOptions } from 'libp2p'
import {
  MAX_CONNECTIONS,
  MAX_INBOUND_PER_SECOND,
  MAX_PENDING_INBOUND,
  MAX_PUBSUB_BYTES,
  MAX_RELAYED_NODES,
  RELAYED_BYTES,
  RELAYED_FOR_MS,
  STREAM_WINDOW_BYTES,
} from '../limits.ts'
import { ownAddresses } from './own-addresses.ts'
import { peerScoreParams, SCORE_THRESHOLDS } from './topic-scores.ts'

/** Name under which nodes find each other on the local network. */
const MDNS_SERVICE = '_tidemark._udp.local'

/** What a relay does for one that it listens for, at most. */
const RELAYED = {
  maxReservations: MAX_RELAYED_NODES,
  defaultDurationLimit: RELAYED_FOR_MS,
  defaultDataLimit: BigInt(RELAYED_BYTES),
}

/** What the host needs of its libp2p; whoever makes it may add more. */
export interface GossipServices extends ServiceMap {
  identify: Identify
  identifyPush: IdentifyPush
  ping: Ping
  pubsub: GossipSub
}

export interface HostConfigOptions {
  privateKey: PrivateKey
  /** Multiaddrs to listen on; `/p2p-circuit` asks relays to listen for this node. */
  listen: readonly string[]
  /** Multiaddrs to tell others instead of those that are listened on. */
  announce: readonly string[]
  /** Whether nodes on the local network are looked for. */
  isLocalDiscoveryOn: boolean
  /** Whether this node relays for others that cannot be reached. */
  isRelay: boolean
  gater: ConnectionGater
  /** What this node thinks of a peer, from -100 to 20. */
  scoreOf: (peerId: string) => number
  /** New connections from one host in a second. */
  maxInboundPerSecond?: number
}

/** The libp2p node as designed: TCP and WebSocket, noise, yamux, identify, gossipsub, relays and hole punching. */
export function hostConfig(options: HostConfigOptions): Libp2pOptions<GossipServices> {
  return {
    privateKey: options.privateKey,
    nodeInfo: { name: 'tidemark' },
    addresses: { listen: [...options.listen], announce: [...options.announce] },
    transports: [tcp(), webSockets(), circuitRelayTransport()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux({ streamOptions: { maxStreamWindowSize: STREAM_WINDOW_BYTES } })],
    connectionGater: options.gater,
    connectionManager: {
      maxConnections: MAX_CONNECTIONS,
      inboundConnectionThreshold: options.maxInboundPerSecond ?? MAX_INBOUND_PER_SECOND,
      maxIncomingPendingConnections: MAX_PENDING_INBOUND,
    },
    // An address that is taken, or a relay that is away, is no reason not to start: peers are dialled all the same.
    transportManager: { faultTolerance: FaultTolerance.NO_FATAL },
    peerDiscovery: options.isLocalDiscoveryOn ? [mdns({ serviceTag: MDNS_SERVICE })] : [],
    services: {
      identify: identify(),
      identifyPush: identifyPush(),
      ping: ping(),
      dcutr: dcutr(),
      ownAddresses: ownAddresses(),
      ...(options.isRelay ? { relay: circuitRelayServer({ reservations: RELAYED }) } : {}),
      pubsub: gossipsub({
        // Where two nodes meet through a relay alone, that is the way for everything.
        runOnLimitedConnection: true,
        allowPublishToZeroTopicPeers: true,
        ignoreDuplicatePublishError: true,
        maxInboundDataLength: MAX_PUBSUB_BYTES,
        scoreParams: peerScoreParams(options.scoreOf),
        scoreThresholds: SCORE_THRESHOLDS,
      }),
    },
  }
}
