import { join } from 'node:path'
import { REGISTRY_FILE } from './data-files.ts'
import type { Environment } from './environment.ts'
import type { Clock, Logger, StreamDirectory } from './ports.ts'
import { createFollowedStreams, type FollowedStreams } from './registry/followed-streams.ts'
import { createGraphServer } from './registry/graph-server.ts'
import { createHostedDirectory } from './registry/hosted-directory.ts'
import { createHostedIndex } from './registry/hosted-index.ts'
import { createRegistryIndex, type RegistryIndex } from './registry/registry-index.ts'
import { createStreamDirectory } from './registry/stream-directory.ts'

export interface RegistryRoleOptions {
  environment: Environment
  /** The folder of the environment. */
  dataDir: string
  /** Lower-case 0x hex. */
  nodeAddress: string
  clock: Clock
  logger: Logger
  signal: AbortSignal
  /** What is started goes in. */
  stack: AsyncDisposableStack
}

/** What a node knows of the registry: its own index, and a hosted one for what that does not reach. */
export interface RegistryRole {
  readonly index: RegistryIndex
  /** Brings streams that matter here into the index of a large chain. */
  readonly followed: FollowedStreams
  /** Where SDKs on this machine put their GraphQL questions. */
  readonly graphUrl: string
  /** From the own index alone: quick, and the same without a network. */
  readonly known: StreamDirectory
  /** With what a hosted index adds; asked when somebody asks, never by the clock. */
  readonly directory: StreamDirectory
  /** Why a search does not reach all streams of the registry now, in words; null when it does. */
  searchLimits(): string | null
}

export async function startRegistryRole(options: RegistryRoleOptions): Promise<RegistryRole> {
  const { environment, dataDir, nodeAddress, clock, logger, signal, stack } = options
  const { rpcUrls, chainId, contracts, startBlock, hostedIndexUrl } = environment
  const index = createRegistryIndex({
    databaseFile: join(dataDir, REGISTRY_FILE),
    rpcUrls,
    chainId,
    contracts,
    startBlock,
    logger: logger.child({ part: 'registry' }),
    clock,
  })
  await index.start(signal)
  stack.defer(() => index.stop())
  const hosted =
    hostedIndexUrl === null
      ? undefined
      : createHostedIndex({
          url: hostedIndexUrl,
          chainBlock: () => index.status().chainBlock,
          clock,
          logger: logger.child({ part: 'hosted-index' }),
        })
  const graph = createGraphServer({
    index,
    hosted,
    host: '127.0.0.1',
    port: 0,
    logger: logger.child({ part: 'graph' }),
  })
  await graph.start(signal)
  stack.defer(() => graph.stop())
  const followed = createFollowedStreams({ index, hosted, nodeAddress, logger })
  await followed.start(signal)
  stack.defer(() => followed.stop())
  const known = createStreamDirectory(index)
  const directory = hosted === undefined ? known : createHostedDirectory(hosted, known)
  const searchLimits = () => {
    const { reachable } = index.status()
    if (hosted === undefined) return reachable ? null : 'No endpoint of the chain answers.'
    const { url, problem } = hosted.health()
    return problem === null ? null : `The index of all streams at ${url} cannot be used: ${problem}.`
  }
  return { index, followed, graphUrl: graph.url(), known, directory, searchLimits }
}
