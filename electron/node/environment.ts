import { join } from 'node:path'
import type { EnvironmentName, PublicEnvironment } from '../../shared/environment.ts'
import type { NetworkDescription } from '../../shared/node-status.ts'
import { LOCAL_NETWORK_FOLDER } from './data-files.ts'
import type { EnvironmentChoice } from './environment-choice.ts'
import { startLocalNetwork } from './local-network/local-network.ts'
import type { Logger } from './ports.ts'
import { environmentPreset } from './streamr/presets.ts'

const LOOPBACK_HOSTS = ['127.0.0.1', 'localhost', '::1', '[::1]']

/** The chain and the network a node works with, wherever they are. */
export interface Environment {
  readonly name: EnvironmentName
  readonly chainId: number
  /** Endpoints in the order of preference, at least one. */
  readonly rpcUrls: readonly string[]
  readonly contracts: NetworkDescription['contracts']
  readonly entryPoints: unknown[]
  /** An index of the registry that somebody else keeps; null where there is only the node’s own. */
  readonly hostedIndexUrl: string | null
  /** First block of the registry index; null for the newest at its first start, on chains too large to read whole. */
  readonly startBlock: number | null
  /** All of the network is on this machine: loopback addresses are good, and nothing is looked up on the web. */
  readonly isLoopback: boolean
  /** Transactions cost nothing, and are made without asking. */
  readonly gasIsFree: boolean
  /** An account with gas for whoever wants to join; local network only. */
  readonly fundedPrivateKey?: string
}

export interface OpenEnvironmentOptions {
  choice: EnvironmentChoice
  /** The folder of this environment. */
  folder: string
  /** The node’s own address: it is given gas where gas is free. */
  identityAddress: string
  logger: Logger
  signal: AbortSignal
  /** What is started here goes in. */
  stack: AsyncDisposableStack
}

function publicEnvironment(name: PublicEnvironment, { rpcUrls }: EnvironmentChoice): Environment {
  const preset = environmentPreset(name)
  return {
    name,
    chainId: preset.chainId,
    rpcUrls: rpcUrls[name] ?? preset.rpcUrls,
    contracts: preset.contracts,
    entryPoints: preset.entryPoints,
    hostedIndexUrl: preset.theGraphUrl,
    startBlock: null,
    isLoopback: false,
    gasIsFree: false,
  }
}

function hostOf(entryPoint: unknown): string {
  return String((entryPoint as { websocket?: { host?: unknown } } | null)?.websocket?.host ?? '')
}

function customEnvironment({ custom }: EnvironmentChoice): Environment {
  if (custom === null) throw new TypeError('A custom environment has a description')
  const { chainId, rpcUrls, contracts, entryPoints, theGraphUrl, startBlock } = custom
  const isLoopback =
    entryPoints.length > 0 && entryPoints.every((one) => LOOPBACK_HOSTS.includes(hostOf(one)))
  return {
    name: 'custom',
    chainId,
    rpcUrls,
    contracts,
    entryPoints,
    hostedIndexUrl: theGraphUrl,
    startBlock,
    isLoopback,
    gasIsFree: false,
  }
}

/**
 * Makes the chosen environment ready. Only the local network is started; the others are somebody else’s, and nothing
 * is asked of them here: a node comes up with what it knows whether or not they can be reached.
 * @throws TidemarkError `chain-unavailable` when the local network cannot be started
 */
export async function openEnvironment(options: OpenEnvironmentOptions): Promise<Environment> {
  const { choice, folder, identityAddress, logger, signal, stack } = options
  if (choice.environment === 'custom') return customEnvironment(choice)
  if (choice.environment !== 'local') return publicEnvironment(choice.environment, choice)
  const local = await startLocalNetwork({
    dataDir: join(folder, LOCAL_NETWORK_FOLDER),
    identityAddress,
    logger: logger.child({ part: 'local-network' }),
    signal,
  })
  stack.defer(() => local.stop())
  return {
    name: 'local',
    chainId: local.chainId,
    rpcUrls: [local.rpcUrl],
    contracts: local.contracts,
    entryPoints: local.entryPoints,
    hostedIndexUrl: null,
    startBlock: 0,
    isLoopback: true,
    gasIsFree: true,
    fundedPrivateKey: local.fundedPrivateKey,
  }
}

/** Enough for another client to join, with the node’s own index in the place of a hosted one. */
export function describeNetwork(environment: Environment, theGraphUrl: string): NetworkDescription {
  const { name, chainId, rpcUrls, contracts, entryPoints, fundedPrivateKey } = environment
  const [rpcUrl = '', ...further] = rpcUrls
  return {
    environment: name,
    rpcUrl,
    ...(further.length > 0 ? { rpcUrls: further } : {}),
    chainId,
    theGraphUrl,
    contracts,
    entryPoints,
    ...(fundedPrivateKey === undefined ? {} : { fundedPrivateKey }),
  }
}
