import type { Clock, Logger } from '../ports.ts'
import { callChain } from './json-rpc.ts'

/** How often the chain is looked at: what a transaction did is on disk this much later. */
const TICK_MS = 200

export interface ChainHeartbeatOptions {
  rpcUrl: string
  clock: Clock
  logger: Logger
  /** Time between blocks nobody asked for, ms: the chain is alive and its height says so. */
  blockIntervalMs: number
  /** Called after a tick in which blocks with transactions were found. */
  onTransactions(): void
  onTick(): void
}

/**
 * Makes a block at a regular interval, and notices those that transactions made.
 *
 * The chain mines a transaction at once. Blocks carry the second of the wall clock, and several may share one:
 * block time is never ahead of the time in which permissions count.
 */
export class ChainHeartbeat {
  readonly #options: ChainHeartbeatOptions
  #timer: NodeJS.Timeout | undefined
  #running: Promise<void> = Promise.resolve()
  #stopped = false
  #height = 0
  #nextBlockAt: number
  /** Blocks without transactions made since the start. */
  emptyBlocks = 0

  constructor(options: ChainHeartbeatOptions) {
    this.#options = options
    this.#nextBlockAt = options.clock.now() + options.blockIntervalMs
  }

  async start(): Promise<void> {
    this.#height = (await this.#tip()).height
    this.#schedule()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    clearTimeout(this.#timer)
    await this.#running
  }

  #schedule(): void {
    if (this.#stopped) return
    this.#timer = setTimeout(() => {
      this.#running = this.#tick().finally(() => {
        this.#schedule()
        this.#options.onTick()
      })
    }, TICK_MS)
  }

  async #tick(): Promise<void> {
    const { rpcUrl, clock, blockIntervalMs, logger, onTransactions } = this.#options
    try {
      const tip = await this.#tip()
      // Blocks that were not asked for here were made by transactions.
      if (tip.height !== this.#height) onTransactions()
      this.#height = tip.height
      if (clock.now() < this.#nextBlockAt) return
      this.#nextBlockAt = clock.now() + blockIntervalMs
      await callChain(rpcUrl, 'evm_mine')
      const mined = await this.#tip()
      // A transaction may have come in before the block, or on top of it.
      if (mined.transactions > 0 || mined.height !== tip.height + 1) onTransactions()
      this.#height = mined.height
      this.emptyBlocks += 1
    } catch (error) {
      logger.debug({ error }, 'the chain missed a heartbeat')
    }
  }

  async #tip(): Promise<{ height: number; transactions: number }> {
    const block = await callChain(this.#options.rpcUrl, 'eth_getBlockByNumber', ['latest', false])
    const { number, transactions } = block as { number: string; transactions: unknown[] }
    return { height: Number(number), transactions: transactions.length }
  }
}
