import { join } from 'node:path'
import { anvilBinary } from './anvil-binary.ts'
import { genesisHashOf, takeOverLeftover } from './chain-leftover.ts'
import { type ChainProcess, startChainProcess } from './chain-process.ts'
import { pruneChainState } from './chain-state.ts'
import { findFreePort } from './free-port.ts'
import {
  LOCAL_CHAIN_ID,
  type LocalChain,
  type LocalChainOptions,
  SupervisedChain,
} from './supervised-chain.ts'

const STATE_FILE = 'chain-state.json'

/** Somebody may take the port between the moment it is found free and the moment the chain listens. */
async function startOnFreePort(
  { port: wanted, previous, logger, signal }: LocalChainOptions,
  stateFile: string | undefined,
): Promise<{ started: ChainProcess; port: number }> {
  const binary = anvilBinary()
  const start = async (port: number) => {
    const options = { binary, port, chainId: LOCAL_CHAIN_ID, stateFile, logger, signal }
    return { started: await startChainProcess(options), port }
  }
  if (wanted !== undefined) return start(wanted)
  try {
    return await start(await findFreePort(previous?.port))
  } catch (error) {
    signal?.throwIfAborted()
    logger.warn({ error }, 'the chain is tried on another port')
    return start(await findFreePort())
  }
}

/**
 * Starts the chain of the local network on loopback, with what it held at its last stop or kill.
 * It ends with this process, however this process ends.
 * @throws TidemarkError `chain-unavailable` when it cannot be started
 */
export async function startLocalChain(options: LocalChainOptions): Promise<LocalChain> {
  const { dataDir, logger, previous, signal } = options
  const stateFile = join(dataDir, STATE_FILE)
  if (previous !== undefined) await takeOverLeftover(previous, stateFile, logger)
  const hasState = await pruneChainState(stateFile)
  const { started, port } = await startOnFreePort(options, hasState ? stateFile : undefined)
  try {
    const genesisHash = await genesisHashOf(started.rpcUrl, signal)
    if (genesisHash === undefined) throw new Error('The chain has no genesis block')
    await options.onRecord({ port, pid: started.pid, genesisHash })
    const chain = new SupervisedChain(options, stateFile, port, started, genesisHash)
    await chain.begin()
    return chain
  } catch (error) {
    await started.kill()
    throw error
  }
}
