import { setTimeout as delay } from 'node:timers/promises'
import type { Clock, Logger } from '../ports.ts'
import { anvilBinary } from './anvil-binary.ts'
import { ChainHeartbeat } from './chain-heartbeat.ts'
import { type ChainProcess, startChainProcess } from './chain-process.ts'
import { pruneChainState, saveChainState } from './chain-state.ts'
import { callChain } from './json-rpc.ts'
import type { ChainRecord } from './network-record.ts'

export const LOCAL_CHAIN_ID = 31_337
/** As Polygon's: lively to look at, and what streams on a public chain see. */
const BLOCK_INTERVAL_MS = 2_000
/** The chain keeps every block in memory, 3.4 KB each; after these many it is started anew from its pruned state. */
const RENEW_AFTER_BLOCKS = 8_192
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
  /** Time between blocks nobody asked for, ms. Default: 2,000. */
  blockIntervalMs?: number | undefined
  /** Blocks without transactions after which the chain is started anew. Default: 8,192. */
  renewAfterBlocks?: number | undefined
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

export class SupervisedChain implements LocalChain {
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
    const { clock, logger, blockIntervalMs, renewAfterBlocks = RENEW_AFTER_BLOCKS } = this.#options
    return new ChainHeartbeat({
      rpcUrl: this.rpcUrl,
      clock,
      logger,
      blockIntervalMs: blockIntervalMs ?? BLOCK_INTERVAL_MS,
      onTransactions: () => {
        this.save().catch((error: unknown) => logger.error({ error }, 'the chain could not be saved'))
      },
      onTick: () => {
        if (this.#heartbeat.emptyBlocks >= renewAfterBlocks) this.#renew()
      },
    })
  }

  #watch(watched: ChainProcess): void {
    void watched.exited.then(() => {
      if (watched !== this.#process || this.#stopping.signal.aborted || this.#restarting !== undefined) return
      this.#options.logger.warn({ pid: watched.pid }, 'the chain ended by itself and is started again')
      this.#whileRestarting(() => this.#restart())
    })
  }

  /** Starts the chain anew from its pruned state, which gives back the memory of old blocks. */
  #renew(): void {
    if (this.#restarting !== undefined || this.#stopping.signal.aborted) return
    this.#whileRestarting(async () => {
      await this.#heartbeat.stop()
      const quiet = await this.#saveForRenewal()
      if (quiet) await this.#process.kill()
      if (this.#process.hasExited()) await this.#restart()
      else await this.#resume()
    })
  }

  #whileRestarting(work: () => Promise<void>): void {
    this.#restarting = work()
      .catch((error: unknown) => this.#options.logger.error({ error }, 'the chain could not be renewed'))
      .finally(() => {
        this.#restarting = undefined
        // It may have ended while nobody looked.
        if (this.#process.hasExited()) this.#watch(this.#process)
      })
  }

  /** Nothing is mined from the save on; a transaction that comes in meanwhile puts the renewal off. */
  async #saveForRenewal(): Promise<boolean> {
    try {
      await callChain(this.rpcUrl, 'evm_setAutomine', [false])
      await this.save()
      const pool = (await callChain(this.rpcUrl, 'txpool_status')) as { pending: string }
      return Number(pool.pending) === 0
    } catch (error) {
      this.#options.logger.warn({ error }, 'the chain could not be saved and is not renewed now')
      return false
    }
  }

  async #resume(): Promise<void> {
    await callChain(this.rpcUrl, 'evm_setAutomine', [true])
    await callChain(this.rpcUrl, 'evm_mine')
    this.#heartbeat = this.#createHeartbeat()
    await this.#heartbeat.start()
  }

  async #restart(): Promise<void> {
    const { logger } = this.#options
    await this.#heartbeat.stop()
    for (let attempt = 0; !this.#stopping.signal.aborted; attempt++) {
      try {
        await this.#startProcess()
        return
      } catch (error) {
        if (this.#stopping.signal.aborted) return
        const waitMs = RESTART_DELAYS_MS[Math.min(attempt, RESTART_DELAYS_MS.length - 1)]
        logger.error({ error, waitMs }, 'the chain could not be started again')
        await delay(waitMs, undefined, { signal: this.#stopping.signal }).catch(() => undefined)
      }
    }
  }

  async #startProcess(): Promise<void> {
    await pruneChainState(this.#stateFile)
    const next = await startChainProcess({
      binary: anvilBinary(),
      port: this.#port,
      chainId: LOCAL_CHAIN_ID,
      stateFile: this.#stateFile,
      logger: this.#options.logger,
      signal: this.#stopping.signal,
    })
    try {
      await this.#options.onRecord({ port: this.#port, pid: next.pid, genesisHash: this.genesisHash })
      this.#process = next
      this.#heartbeat = this.#createHeartbeat()
      await this.begin()
    } catch (error) {
      await next.kill()
      throw error
    }
  }
}
