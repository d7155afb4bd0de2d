import type { StreamrClientConfig } from '@streamr/sdk'
import type { PublicEnvironment } from '../../../shared/environment.ts'
import type { NetworkDescription } from '../../../shared/node-status.ts'
import { SDK_NAMES } from './presets.ts'

/** The network part of a Tidemark's description: what a client needs to join. */
export type StreamrNetwork = Pick<
  NetworkDescription,
  'rpcUrl' | 'chainId' | 'theGraphUrl' | 'contracts' | 'entryPoints'
> & {
  /** Further RPC endpoints, asked when the first does not answer. */
  rpcUrls?: readonly string[]
}

/** Where a node on loopback listens for others, and who it is. */
export interface LoopbackEndpoint {
  nodeId: string
  port: number
}

/** The index on this machine follows its chain within 0.25 s; the SDK's own pause of 1 s would be felt. */
const LOCAL_INDEX_POLL_INTERVAL_MS = 100
const LOCAL_CHAIN_POLL_INTERVAL_MS = 500

function isPublicEnvironment(environment: string): environment is PublicEnvironment {
  return Object.hasOwn(SDK_NAMES, environment)
}

function contractsConfig(network: StreamrNetwork): NonNullable<StreamrClientConfig['contracts']> {
  return {
    ethereumNetwork: { chainId: network.chainId },
    streamRegistryChainAddress: network.contracts.streamRegistry,
    streamStorageRegistryChainAddress: network.contracts.streamStorageRegistry,
    storageNodeRegistryChainAddress: network.contracts.storageNodeRegistry,
    rpcs: [network.rpcUrl, ...(network.rpcUrls ?? [])].map((url) => ({ url })),
    // Tidemark checks permissions against its own index; asking several endpoints each time is not needed.
    rpcQuorum: 1,
    theGraphUrl: network.theGraphUrl,
  }
}

/**
 * Configuration of the Streamr client. Public environments take entry points from the SDK and contracts from it
 * too, unless `network` brings its own; every other environment is described by `network` alone.
 * @param loopback set where all nodes are on this machine: the node then listens on loopback without TLS and
 *   looks up neither its address nor its place on the web
 */
export function clientConfig(
  environment: string,
  network: StreamrNetwork | undefined,
  privateKey: string,
  loopback: LoopbackEndpoint | undefined,
): StreamrClientConfig {
  const base: StreamrClientConfig = { auth: { privateKey }, logLevel: 'silent', metrics: false }
  if (isPublicEnvironment(environment)) {
    return {
      ...base,
      environment: SDK_NAMES[environment],
      ...(network === undefined ? {} : { contracts: contractsConfig(network) }),
    }
  }
  if (network === undefined) throw new TypeError(`The environment ${environment} needs a network description`)
  const entryPoints = network.entryPoints as NonNullable<
    NonNullable<StreamrClientConfig['network']>['controlLayer']
  >['entryPoints']
  const controlLayer = { entryPoints: entryPoints ?? [], entryPointDiscovery: { enabled: false } }
  if (loopback === undefined) {
    return { ...base, contracts: contractsConfig(network), network: { controlLayer } }
  }
  const { nodeId, port } = loopback
  const local = {
    ...base,
    contracts: { ...contractsConfig(network), pollInterval: LOCAL_CHAIN_POLL_INTERVAL_MS },
    network: {
      controlLayer: {
        ...controlLayer,
        peerDescriptor: { nodeId, websocket: { host: '127.0.0.1', port, tls: false } },
        websocketPortRange: { min: port, max: port },
        websocketHost: '127.0.0.1',
        websocketServerEnableTls: false,
        webrtcAllowPrivateAddresses: true,
        iceServers: [],
      },
    },
    // Not in the SDK's public types, and accepted by its schema.
    _timeouts: { theGraph: { indexPollInterval: LOCAL_INDEX_POLL_INTERVAL_MS } },
  }
  return local
}
