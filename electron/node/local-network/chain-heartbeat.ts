import type { Clock, Logger } from '../ports.ts'
import { callChain, JsonRpcError } from './json-rpc.ts'

/** How often the chain is told the time. A block's time is at most this much, and the part of a second, behind. */
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
 * Gives the chain its time and a regular block.
 *
 * Left alone, the chain makes each block at least one second younger than the one before: ten transactions in a
 * second put it nine seconds into the future, and permissions by block time would count from there. So blocks
 * may share a second (`anvil_setBlockTimestampInterval` 0), and the wall clock is set before each tick:
 * transactions are mined at once, and block time never runs ahead.
 */
export class ChainHeartbeat {
  readonly #options: ChainHeartbeatOptions
  #timer: NodeJS.Timeout | undefined
  #running: Promise<void> = Promise.resolve()
  #stopped = false
  #height = 0
  #toldSecond = 0
  #nextBlockAt: number
  /** Blocks without transactions made since the start. */
  emptyBlocks = 0

  constructor(options: ChainHeartbeatOptions) {
    this.#options = options
    this.#nextBlockAt = options.clock.now() + options.blockIntervalMs
  }

  async start(): Promise<void> {
    const { rpcUrl } = this.#options
    await callChain(rpcUrl, 'anvil_setBlockTimestampInterval', [0])
    await this.#tellTime()
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
      await this.#tellTime()
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

  async #tellTime(): Promise<void> {
    const second = Math.floor(this.#options.clock.now() / 1_000)
    // Once in a second is enough: further blocks take the time of the one before.
    if (second === this.#toldSecond) return
    try {
      await callChain(this.#options.rpcUrl, 'evm_setNextBlockTimestamp', [second])
      this.#toldSecond = second
    } catch (error) {
      // The wall clock was set back: the chain keeps its last time until the clock has caught up.
      if (!(error instanceof JsonRpcError)) throw error
    }
  }
}
