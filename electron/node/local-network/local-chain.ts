import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Clock, Logger } from '../ports.ts'
import { anvilBinary } from './anvil-binary.ts'
import { ChainHeartbeat } from './chain-heartbeat.ts'
import { genesisHashOf, takeOverLeftover } from './chain-leftover.ts'
import { type ChainProcess, startChainProcess } from './chain-process.ts'
import { pruneChainState, saveChainState } from './chain-state.ts'
import { findFreePort } from './free-port.ts'
import type { ChainRecord } from './network-record.ts'

export const LOCAL_CHAIN_ID = 31_337
const STATE_FILE = 'chain-state.json'
/** As Polygon's: lively to look at, and what streams on a public chain see. */
const BLOCK_INTERVAL_MS = 2_000
/** The chain keeps every block in memory, 3.4 KB each; after these many it is started anew from its pruned state. */
const MAX_EMPTY_BLOCKS_IN_MEMORY = 8_192
/** Pauses between attempts to start a chain that ended by itself. */
const RESTART_DELAYS_MS = [200, 1_000, 5_000, 30_000]

export interface LocalChainOptions {
  /** Folder of the local network; the caller owns it alone. */
  dataDir: string
  logger: Logger
  clock: Clock
  previous: ChainRecord | undefined
  /** Port to use; the one of the last start, or a free one, without it. */
  port?: number | undefined
  /** Called with what to remember whenever the process or its port is another one. */
  onRecord(record: ChainRecord): Promise<void>
  blockIntervalMs?: number | undefined
  signal?: AbortSignal | undefined
}

export interface LocalChain {
  readonly rpcUrl: string
  readonly chainId: number
  readonly genesisHash: string
  /** Puts everything up to now on disk. */
  save(): Promise<void>
  stop(): Promise<void>
}

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

class SupervisedChain implements LocalChain {
  readonly chainId = LOCAL_CHAIN_ID
  readonly rpcUrl: string
  readonly #options: LocalChainOptions
  readonly #stateFile: string
  readonly #port: number
  #process: ChainProcess
  #heartbeat: ChainHeartbeat
  #saving: Promise<void> = Promise.resolve()
  #saveQueued = false
  #restarting: Promise<void> | undefined
  readonly #stopping = new AbortController()
  readonly genesisHash: string

  constructor(
    options: LocalChainOptions,
    stateFile: string,
    port: number,
    started: ChainProcess,
    hash: string,
  ) {
    this.#options = options
    this.#stateFile = stateFile
    this.#port = port
    this.rpcUrl = started.rpcUrl
    this.genesisHash = hash
    this.#process = started
    this.#heartbeat = this.#createHeartbeat()
  }

  async begin(): Promise<void> {
    await this.#heartbeat.start()
    this.#watch(this.#process)
  }

  save(): Promise<void> {
    if (!this.#saveQueued) {
      this.#saveQueued = true
      this.#saving = this.#saving
        .catch(() => undefined)
        .then(async () => {
          this.#saveQueued = false
          await saveChainState(this.rpcUrl, this.#stateFile)
        })
    }
    return this.#saving
  }

  async stop(): Promise<void> {
    if (this.#stopping.signal.aborted) return
    this.#stopping.abort()
    await this.#restarting
    await this.#heartbeat.stop()
    try {
      await this.save()
    } catch (error) {
      this.#options.logger.warn({ error }, 'the chain ended before its last state was saved')
    }
    await this.#process.kill()
    await this.#options.onRecord({ port: this.#port, pid: null, genesisHash: this.genesisHash })
  }

  #createHeartbeat(): ChainHeartbeat {
    const { clock, logger, blockIntervalMs } = this.#options
    return new ChainHeartbeat({
      rpcUrl: this.rpcUrl,
      clock,
      logger,
      blockIntervalMs: blockIntervalMs ?? BLOCK_INTERVAL_MS,
      onTransactions: () => {
        this.save().catch((error: unknown) => logger.error({ error }, 'the chain could not be saved'))
      },
      onTick: () => {
        if (this.#heartbeat.emptyBlocks >= MAX_EMPTY_BLOCKS_IN_MEMORY) this.#renew()
      },
    })
  }

  #watch(watched: ChainProcess): void {
    void watched.exited.then(() => {
      if (watched !== this.#process || this.#stopping.signal.aborted || this.#restarting !== undefined) return
      this.#options.logger.warn({ pid: watched.pid }, 'the chain ended by itself and is started again')
      this.#restarting = this.#restart().finally(() => {
        this.#restarting = undefined
      })
    })
  }

  /** Starts the chain anew from its pruned state, which gives back the memory of old blocks. */
  #renew(): void {
    if (this.#restarting !== undefined || this.#stopping.signal.aborted) return
    this.#restarting = this.save()
      .then(() => this.#process.kill())
      .then(() => this.#restart())
      .catch((error: unknown) => this.#options.logger.error({ error }, 'the chain could not be renewed'))
      .finally(() => {
        this.#restarting = undefined
      })
  }

  async #restart(): Promise<void> {
    const { logger } = this.#options
    await this.#heartbeat.stop()
    for (let attempt = 0; !this.#stopping.signal.aborted; attempt++) {
      try {
        await pruneChainState(this.#stateFile)
        const next = await startChainProcess({
          binary: anvilBinary(),
          port: this.#port,
          chainId: LOCAL_CHAIN_ID,
          stateFile: this.#stateFile,
          logger,
          signal: this.#stopping.signal,
        })
        this.#process = next
        await this.#options.onRecord({ port: this.#port, pid: next.pid, genesisHash: this.genesisHash })
        this.#heartbeat = this.#createHeartbeat()
        await this.begin()
        return
      } catch (error) {
        if (this.#stopping.signal.aborted) return
        const waitMs = RESTART_DELAYS_MS[Math.min(attempt, RESTART_DELAYS_MS.length - 1)]
        logger.error({ error, waitMs }, 'the chain could not be started again')
        await delay(waitMs, undefined, { signal: this.#stopping.signal }).catch(() => undefined)
      }
    }
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
