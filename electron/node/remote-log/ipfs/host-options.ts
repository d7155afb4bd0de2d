import type { CreateLibp2pOptions } from '@helia/libp2p'
import { type Identify, type IdentifyPush, identify, identifyPush } from '@libp2p/identify'
import type { ServiceMap } from '@libp2p/interface'
import { type KadDHT, kadDHT, passthroughMapper } from '@libp2p/kad-dht'
import { noise } from '@libp2p/noise'
import { type Ping, ping } from '@libp2p/ping'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { NEW_NEIGHBOUR_TIMEOUT_MS } from './limits.ts'

/** Kademlia of Tidemark's nodes; not the public IPFS one, whose nodes do not keep records of loopback addresses. */
export const KADEMLIA_PROTOCOL = '/tidemark/kad/1.0.0'

/** The first name is not looked up before the host has looked for its own neighbours; the default is a second. */
const FIRST_SELF_QUERY_MS = 100

export interface HostServices extends ServiceMap {
  identify: Identify
  /** Protocols are handled from when they are first needed on: whoever is connected is told. */
  identifyPush: IdentifyPush
  ping: Ping
  dht: KadDHT
}

export interface HostOptions {
  /** Multiaddrs to listen on, e.g. `/ip4/0.0.0.0/tcp/0`. */
  listen: string[]
}

/** What checks and compares IPNS records. Loading it takes a second, not spent before the first record comes. */
async function loadRecordRules() {
  const [{ IPNSEntry, ipnsSelector, ipnsValidator }, { createHeliaLight }] = await Promise.all([
    import('@helia/ipns'),
    import('helia'),
  ])
  const { keychain } = createHeliaLight()
  return {
    async validate(key: Uint8Array, value: Uint8Array): Promise<void> {
      await ipnsValidator(key, value, keychain)
    },
    select: (key: Uint8Array, values: Uint8Array[]) =>
      ipnsSelector(
        key,
        values.map((value) => IPNSEntry.decode(value)),
      ),
  }
}
let recordRules: ReturnType<typeof loadRecordRules> | undefined
const rules = () => {
  recordRules ??= loadRecordRules()
  return recordRules
}

/**
 * The Kademlia service that names are found with. Every node keeps records: a log must be found when most of those who
 * read it are off.
 */
export function nameRouting() {
  return kadDHT({
    protocol: KADEMLIA_PROTOCOL,
    clientMode: false,
    peerInfoMapper: passthroughMapper,
    initialQuerySelfInterval: FIRST_SELF_QUERY_MS,
    pingNewContactTimeout: { minTimeout: NEW_NEIGHBOUR_TIMEOUT_MS },
    onPeerConnectTimeout: NEW_NEIGHBOUR_TIMEOUT_MS,
    // Nodes that keep no log by IPFS themselves keep the records of those that do.
    validators: { ipns: async (key, value) => (await rules()).validate(key, value) },
    selectors: { ipns: async (key, values) => (await rules()).select(key, values) },
  })
}

/** What a libp2p host needs at least to keep, find and hand out logs, for where no other host is there to run on. */
export function createHostOptions({ listen }: HostOptions): CreateLibp2pOptions<HostServices> {
  return {
    addresses: { listen },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    services: {
      identify: identify(),
      identifyPush: identifyPush(),
      ping: ping(),
      dht: nameRouting(),
    },
  }
}
