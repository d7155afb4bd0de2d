import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from '../ports.ts'
import { killProcess } from './chain-process.ts'
import { saveChainState } from './chain-state.ts'
import { isPortFree } from './free-port.ts'
import { callChain } from './json-rpc.ts'
import type { ChainRecord } from './network-record.ts'

/** A chain that is there answers this at once. */
const PROBE_TIMEOUT_MS = 2_000
/** A killed process gives its port back within milliseconds. */
const PORT_ATTEMPTS = 100
const PORT_ATTEMPT_INTERVAL_MS = 20

/** Tells one chain from every other. */
export async function genesisHashOf(rpcUrl: string, signal?: AbortSignal): Promise<string | undefined> {
  const block = await callChain(rpcUrl, 'eth_getBlockByNumber', ['0x0', false], signal)
  return (block as { hash?: string } | null)?.hash
}

/**
 * A chain of a Tidemark that was killed together with its supervisor may still run, and may have gone on
 * working for other clients. Its state is taken over, then it is ended. It is known by its genesis block,
 * never by its process id alone.
 */
export async function takeOverLeftover(
  previous: ChainRecord,
  stateFile: string,
  logger: Logger,
): Promise<void> {
  if (previous.pid === null || (await isPortFree(previous.port))) return
  const rpcUrl = `http://127.0.0.1:${previous.port}`
  const hash = await genesisHashOf(rpcUrl, AbortSignal.timeout(PROBE_TIMEOUT_MS)).catch(() => undefined)
  if (hash !== previous.genesisHash) return
  logger.warn({ pid: previous.pid }, 'a chain of an earlier run is still there: its state is taken over')
  await saveChainState(rpcUrl, stateFile)
  killProcess(previous.pid)
  for (let attempt = 0; attempt < PORT_ATTEMPTS && !(await isPortFree(previous.port)); attempt++)
    await delay(PORT_ATTEMPT_INTERVAL_MS)
}
