import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { Wallet } from 'ethers'
import { createLibp2p } from 'libp2p'
import type { PeersSettings } from '../../shared/peers.ts'
import { type Gossip, startGossip } from './gossip/gossip.ts'
import { MAX_ROOT_LEAVES } from './gossip/limits.ts'
import type { AddressSource } from './gossip/peers/peer-finder.ts'
import { reconcileStoreOf } from './gossip/store-adapter.ts'
import type { Clock, Logger, MessageStore } from './ports.ts'
import { rangeRoot } from './provenance/range-root.ts'
import type { VerifierPool } from './provenance/verifier-pool.ts'
import type { RegistryIndex } from './registry/registry-index.ts'
import { createStorageDirectory } from './registry/storage-directory.ts'
import { nameRouting } from './remote-log/ipfs/host-options.ts'

/** The libp2p key and the list of banned peers, in an environment's folder. */
export const PEERS_FOLDER = 'peers'

const LOOPBACK_LISTEN = ['/ip4/127.0.0.1/tcp/0', '/ip4/127.0.0.1/tcp/0/ws']
/** Relays are asked to listen for this node as well: it may be behind a NAT. */
const PUBLIC_LISTEN = ['/ip4/0.0.0.0/tcp/0', '/ip4/0.0.0.0/tcp/0/ws', '/p2p-circuit']

export interface GossipRoleOptions {
  /** The environment's folder. */
  folder: string
  privateKey: string
  /** As they are now: healing and what is kept may change while the node runs, the rest takes a start. */
  settings: () => PeersSettings
  /** All of the network is on this machine. */
  isLoopback: boolean
  store: MessageStore
  pool: VerifierPool
  index: RegistryIndex
  clock: Clock
  logger: Logger
}

/** Joins gossip to the store, the verifier and the registry, on the one libp2p host that the remote log shares. */
export async function startGossipRole(options: GossipRoleOptions): Promise<Gossip> {
  const { folder, privateKey, isLoopback, store, pool, index, clock, logger } = options
  const settings = options.settings()
  const isKept = (part: string): boolean => !options.settings().notKept.includes(part)
  const dataDir = join(folder, PEERS_FOLDER)
  await mkdir(dataDir, { recursive: true, mode: 0o700 })
  const wallet = new Wallet(privateKey)
  const address = wallet.address.toLowerCase()
  const directory = createStorageDirectory(index)
  const sources: AddressSource[] = [
    { name: 'listed', multiaddrs: async () => settings.listed },
    { name: 'registry', multiaddrs: () => directory.peerAddresses(address) },
  ]
  return startGossip({
    dataDir,
    identity: { address, signMessage: (text) => wallet.signMessage(text) },
    listen: settings.listen ?? (isLoopback ? LOOPBACK_LISTEN : PUBLIC_LISTEN),
    announce: settings.announce,
    isLocalDiscoveryOn: settings.localDiscovery ?? !isLoopback,
    isRelay: settings.relay,
    sources,
    createNode: (config) => {
      const { services } = config
      if (services === undefined) throw new Error('The host has services.')
      return createLibp2p({ ...config, services: { ...services, dht: nameRouting() } })
    },
    store: reconcileStoreOf(store),
    ingest: (messages, signal) => pool.ingestAll(messages, signal),
    verify: (messages) => pool.decide(messages),
    isHealing: (part) => options.settings().healing.isOn && isKept(part),
    computeRoot: (range, signal) => rangeRoot(store, range, MAX_ROOT_LEAVES, signal),
    healing: { rates: () => options.settings().healing, isKept },
    clock,
    logger,
  })
}
