import type { StreamrClient } from '@streamr/sdk'
import type { NetworkDescription } from '../../shared/node-status.ts'

/** A plain client of the real SDK, joined to the network that a ready line describes. */
export async function createSecondClient(
  network: NetworkDescription,
  privateKey: string,
): Promise<StreamrClient> {
  process.env.LOG_LEVEL ??= 'silent'
  const { StreamrClient } = await import('@streamr/sdk')
  return new StreamrClient({
    auth: { privateKey },
    metrics: false,
    contracts: {
      ethereumNetwork: { chainId: network.chainId },
      streamRegistryChainAddress: network.contracts.streamRegistry,
      streamStorageRegistryChainAddress: network.contracts.streamStorageRegistry,
      storageNodeRegistryChainAddress: network.contracts.storageNodeRegistry,
      rpcs: [{ url: network.rpcUrl }],
      rpcQuorum: 1,
      theGraphUrl: network.theGraphUrl,
      pollInterval: 100,
    },
    network: {
      controlLayer: {
        entryPoints: network.entryPoints as never,
        entryPointDiscovery: { enabled: false },
        websocketHost: '127.0.0.1',
        websocketPortRange: null,
        websocketServerEnableTls: false,
        webrtcAllowPrivateAddresses: true,
        iceServers: [],
      },
    },
  })
}
