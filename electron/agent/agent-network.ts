import { TidemarkError } from '../../shared/errors.ts'
import type { NetworkDescription } from '../../shared/node-status.ts'
import { environmentPreset } from '../node/streamr/presets.ts'
import type { AgentConfig } from './agent-config.ts'

/** The chain and the network an agent publishes on. */
export interface AgentNetwork {
  environment: string
  /** All of it is on this machine. */
  isLoopback: boolean
  network: NetworkDescription
}

/**
 * The network part of the configuration, or what the SDK knows of a public environment.
 * @throws TidemarkError `config-invalid`
 */
export function agentNetwork({ environment, network }: AgentConfig): AgentNetwork {
  if (network !== undefined) {
    const { rpcUrls, ...rest } = network
    return {
      environment: network.environment,
      isLoopback: network.environment === 'local',
      network: { ...rest, ...(rpcUrls === undefined ? {} : { rpcUrls }) },
    }
  }
  if (environment === undefined || environment === 'local' || environment === 'custom') {
    throw new TidemarkError(
      'config-invalid',
      `The environment ${environment ?? ''} needs its network described.`,
      'Put the network part of the portal’s ready line into the configuration, as "network".',
    )
  }
  const { chainId, rpcUrls, contracts, theGraphUrl, entryPoints } = environmentPreset(environment)
  const [rpcUrl = '', ...further] = rpcUrls
  return {
    environment,
    isLoopback: false,
    network: {
      environment,
      rpcUrl,
      rpcUrls: further,
      chainId,
      contracts,
      theGraphUrl: theGraphUrl ?? '',
      entryPoints,
    },
  }
}
