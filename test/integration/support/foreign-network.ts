import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { startLocalNetwork } from '../../../electron/node/local-network/local-network.ts'
import { createGraphServer } from '../../../electron/node/registry/graph-server.ts'
import { createRegistryIndex } from '../../../electron/node/registry/registry-index.ts'
import type { CustomNetwork } from '../../../shared/environment.ts'
import type { NetworkDescription } from '../../../shared/node-status.ts'
import { type Cleanup, NODE_ADDRESS, silentLogger } from '../local-network-fixtures.ts'

/** A Streamr network that somebody else runs: it is there before a portal joins it, and after that one has gone. */
export interface ForeignNetwork {
  /** For whoever joins it. */
  readonly network: NetworkDescription
  stop(): Promise<void>
}

/** Chain, entry point and an index of the registry, in a folder of their own; `cleanup` ends them. */
export async function startForeignNetwork(folder: string, cleanup: Cleanup): Promise<ForeignNetwork> {
  const dataDir = join(folder, 'theirs')
  const theirs = await startLocalNetwork({ dataDir, identityAddress: NODE_ADDRESS, logger: silentLogger })
  cleanup.add(() => theirs.stop())
  const index = createRegistryIndex({
    databaseFile: join(folder, 'their-registry.sqlite'),
    rpcUrls: [theirs.rpcUrl],
    chainId: theirs.chainId,
    contracts: theirs.contracts,
    logger: silentLogger,
  })
  const graph = createGraphServer({ index, host: '127.0.0.1', port: 0, logger: silentLogger })
  await Promise.all([index.start(), graph.start()])
  cleanup.add(() => index.stop())
  cleanup.add(() => graph.stop())
  const { rpcUrl, chainId, contracts, entryPoints, fundedPrivateKey } = theirs
  return {
    network: {
      environment: 'local',
      rpcUrl,
      chainId,
      contracts,
      entryPoints,
      fundedPrivateKey,
      theGraphUrl: graph.url(),
    },
    stop: () => theirs.stop(),
  }
}

/** Has the node of a data folder join the network, by the endpoints given. */
export async function chooseNetwork(
  dataDir: string,
  { chainId, rpcUrl, contracts, entryPoints }: NetworkDescription,
  rpcUrls: string[] = [rpcUrl],
): Promise<void> {
  const custom: CustomNetwork = {
    chainId,
    rpcUrls,
    contracts,
    entryPoints: entryPoints as CustomNetwork['entryPoints'],
    theGraphUrl: null,
    startBlock: 0,
  }
  await mkdir(dataDir, { recursive: true })
  const choice = { version: 1, environment: 'custom', custom }
  await writeFile(join(dataDir, 'environment.json'), JSON.stringify(choice))
}
