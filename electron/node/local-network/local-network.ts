import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock, Logger } from '../ports.ts'
import { areDeployed, deployRegistries, fundedPrivateKey, fundIdentity } from './deployment.ts'
import { type EntryPoint, type EntryPointDescriptor, startEntryPoint } from './entry-point.ts'
import { startLocalChain } from './local-chain.ts'
import { NetworkRecordFile, type RegistryContracts } from './network-record.ts'
import type { LocalChain } from './supervised-chain.ts'

const RECORD_FILE = 'network.json'

export interface LocalNetworkOptions {
  /** A folder that this network has for itself; made when it is missing. */
  dataDir: string
  /** Address that is given gas: the node's own. */
  identityAddress: string
  logger: Logger
  signal?: AbortSignal | undefined
  clock?: Clock
  /** Time between blocks that nobody asked for, ms. Default: 2,000. */
  blockIntervalMs?: number
}

/** A running Streamr network on this machine: what other clients need to join it, and how to end it. */
export interface LocalNetwork {
  readonly rpcUrl: string
  readonly chainId: number
  readonly contracts: RegistryContracts
  readonly entryPoints: EntryPointDescriptor[]
  /** An account with gas; its key is public knowledge and worth nothing elsewhere. */
  readonly fundedPrivateKey: string
  /** Saves the chain and ends it and the entry point. */
  stop(): Promise<void>
}

async function prepareChain(
  chain: LocalChain,
  record: NetworkRecordFile,
  identityAddress: string,
): Promise<RegistryContracts> {
  const known = record.current
  if (known === undefined) throw new Error('The chain was started without a record')
  const kept =
    known.contracts !== null && (await areDeployed(chain.rpcUrl, known.contracts))
      ? known.contracts
      : undefined
  const contracts = kept ?? (await deployRegistries(chain.rpcUrl, chain.chainId))
  await fundIdentity(chain.rpcUrl, chain.chainId, identityAddress)
  if (kept === undefined) {
    // First the chain, then the note of what is on it.
    await chain.save()
    await record.write({ ...(record.current ?? known), contracts })
  }
  return contracts
}

async function startRecordedChain(
  options: LocalNetworkOptions,
  record: NetworkRecordFile,
): Promise<{ chain: LocalChain; contracts: RegistryContracts }> {
  const chain = await startLocalChain({
    dataDir: options.dataDir,
    logger: options.logger,
    clock: options.clock ?? Date,
    previous: record.current?.chain,
    blockIntervalMs: options.blockIntervalMs,
    signal: options.signal,
    onRecord: async (chainRecord) => {
      const { contracts = null, entryPoint = null } = record.current ?? {}
      await record.write({ version: 1, chain: chainRecord, contracts, entryPoint })
    },
  })
  try {
    return { chain, contracts: await prepareChain(chain, record, options.identityAddress) }
  } catch (error) {
    await chain.stop()
    throw error
  }
}

/**
 * Starts a real Streamr network on this machine: a chain with Streamr's registry contracts and an entry point
 * for nodes. Chain, contracts and streams of an earlier run in the same folder are there again.
 * @throws TidemarkError `chain-unavailable`, `port-in-use`, `config-invalid`
 */
export async function startLocalNetwork(options: LocalNetworkOptions): Promise<LocalNetwork> {
  const { dataDir, logger, signal } = options
  await mkdir(dataDir, { recursive: true, mode: 0o700 })
  const record = await NetworkRecordFile.open(join(dataDir, RECORD_FILE))
  const previous = record.current?.entryPoint ?? undefined
  const [chainStart, entryPointStart] = await Promise.allSettled([
    startRecordedChain(options, record),
    startEntryPoint({ previous, logger, signal }),
  ])
  if (chainStart.status === 'rejected' || entryPointStart.status === 'rejected') {
    if (chainStart.status === 'fulfilled') await chainStart.value.chain.stop()
    if (entryPointStart.status === 'fulfilled') await entryPointStart.value.stop()
    throw chainStart.status === 'rejected'
      ? chainStart.reason
      : (entryPointStart as PromiseRejectedResult).reason
  }
  const { chain, contracts } = chainStart.value
  const entryPoint: EntryPoint = entryPointStart.value
  const { nodeId, websocket } = entryPoint.descriptor
  if (record.current !== undefined) {
    await record.write({ ...record.current, entryPoint: { nodeId, port: websocket.port } })
  }
  return {
    rpcUrl: chain.rpcUrl,
    chainId: chain.chainId,
    contracts,
    entryPoints: [entryPoint.descriptor],
    fundedPrivateKey: fundedPrivateKey(),
    stop: async () => {
      await entryPoint.stop()
      await chain.stop()
    },
  }
}
