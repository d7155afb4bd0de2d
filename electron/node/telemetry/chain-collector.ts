import { z } from 'zod'
import { TidemarkError } from '../../../shared/errors.ts'
import type { Clock, Logger } from '../ports.ts'
import { CHAIN_SCHEMA, type ChainSample } from './chain-schema.ts'
import { type Collector, reasonOf, Unavailable, type UnavailableReason } from './collector.ts'
import { createJsonRpc, type JsonRpc } from './json-rpc.ts'
import { round } from './schema.ts'

/** An endpoint that has not answered by then counts as hanging; the next sample asks again. */
const DEADLINE_MS = 3_000
/** A block with 20,000 transactions lists them in 1.4 MB; nothing that is asked here is longer. */
const MAX_ANSWER_BYTES = 2 * 1024 * 1024
/** What an endpoint does not offer is asked for again this seldom: it may have been updated. */
const UNSUPPORTED_FOR_MS = 10 * 60_000

const WEI_PER_GWEI = 1e9

/** A hex quantity that a double holds exactly; gas, heights, times and fees stay far below 2^53. */
const hexQuantity = z
  .string()
  .regex(/^0x[0-9a-fA-F]{1,14}$/)
  .transform(Number)
  .refine(Number.isSafeInteger)

const blockSchema = z.object({
  number: hexQuantity,
  timestamp: hexQuantity,
  gasUsed: hexQuantity,
  gasLimit: hexQuantity,
  baseFeePerGas: hexQuantity.optional(),
  transactions: z.array(z.string().max(66)),
})
const poolSchema = z.object({ pending: z.union([hexQuantity, z.int().min(0)]) })

type Block = z.infer<typeof blockSchema>

export interface ChainCollectorOptions {
  /** `http` or `https` address of an EVM JSON-RPC endpoint. May hold a key: it is never logged or published. */
  rpcUrl: string
  logger: Logger
  clock: Clock
  /** Deadline of one answer, ms. Default 3,000. */
  deadlineMs?: number
  /** Bound of one answer. Default 2 MiB. */
  maxAnswerBytes?: number
}

/**
 * Watches an EVM chain through one JSON-RPC endpoint.
 * @throws TidemarkError `invalid-input` when the address is not http or https.
 */
export function createChainCollector(options: ChainCollectorOptions): Collector<ChainSample> {
  const url = URL.parse(options.rpcUrl)
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new TidemarkError(
      'invalid-input',
      'The address of the chain’s JSON-RPC endpoint is not an http or https address.',
      'Give it as http://host:port or https://host/path.',
    )
  }
  return new ChainCollector(options)
}

type Unavailables = Record<string, UnavailableReason>

class ChainCollector implements Collector<ChainSample> {
  readonly name = 'chain'
  readonly schema = CHAIN_SCHEMA
  readonly #rpc: JsonRpc
  readonly #clock: Clock
  readonly #logger: Logger
  /** Methods the endpoint does not know, with the time to ask again. */
  readonly #unsupported = new Map<string, number>()
  #lastChange: { height: number; time: number; interval: number | null } | undefined

  constructor(options: ChainCollectorOptions) {
    const { deadlineMs = DEADLINE_MS, maxAnswerBytes = MAX_ANSWER_BYTES } = options
    this.#rpc = createJsonRpc({ url: options.rpcUrl, deadlineMs, maxAnswerBytes })
    this.#clock = options.clock
    this.#logger = options.logger
  }

  async sample(signal?: AbortSignal): Promise<ChainSample> {
    const unavailable: Unavailables = {}
    const orNull = <T>(path: string, reading: Promise<T>): Promise<T | null> =>
      reading.catch((error: unknown) => {
        signal?.throwIfAborted()
        unavailable[path] = reasonOf(error)
        this.#logger.debug({ reading: path, reason: unavailable[path] }, 'the chain endpoint did not say')
        return null
      })
    const [newest, pending, peers] = await Promise.all([
      orNull('block', this.#newestBlock(signal)),
      orNull('pending', this.#pendingTransactions(signal)),
      orNull('peers', this.#ask('net_peerCount', [], hexQuantity, signal)),
    ])
    if (newest === null) unavailable.latency = unavailable.block ?? 'failed'
    return {
      block: newest === null ? NO_BLOCK : this.#describe(newest.block, unavailable),
      pending,
      peers,
      latency: newest?.latencyMs ?? null,
      ...(Object.keys(unavailable).length > 0 ? { unavailable } : {}),
    }
  }

  async close(): Promise<void> {
    this.#unsupported.clear()
  }

  async #newestBlock(signal: AbortSignal | undefined): Promise<{ block: Block; latencyMs: number }> {
    const startedAt = performance.now()
    const block = await this.#ask('eth_getBlockByNumber', ['latest', false], blockSchema, signal)
    return { block, latencyMs: round(performance.now() - startedAt, 1) }
  }

  /** The pool's own count where it is told, otherwise the size of the block being made. */
  async #pendingTransactions(signal: AbortSignal | undefined): Promise<number> {
    try {
      return (await this.#ask('txpool_status', [], poolSchema, signal)).pending
    } catch (error) {
      if (reasonOf(error) !== 'not-supported') throw error
      return this.#ask('eth_getBlockTransactionCountByNumber', ['pending'], hexQuantity, signal)
    }
  }

  async #ask<T>(
    method: string,
    parameters: unknown[],
    schema: z.ZodType<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    const askAgainAt = this.#unsupported.get(method)
    const now = performance.now()
    if (askAgainAt !== undefined && now < askAgainAt) throw new Unavailable('not-supported')
    try {
      return await this.#rpc.call(method, parameters, schema, signal)
    } catch (error) {
      if (reasonOf(error) === 'not-supported') this.#unsupported.set(method, now + UNSUPPORTED_FOR_MS)
      throw error
    }
  }

  #describe(block: Block, unavailable: Unavailables): ChainSample['block'] {
    const interval = this.#intervalUpTo(block)
    if (interval === null) unavailable['block.interval'] = 'not-yet'
    if (block.baseFeePerGas === undefined) unavailable['block.baseFee'] = 'not-supported'
    return {
      height: block.number,
      time: block.timestamp,
      age: round(this.#clock.now() / 1_000 - block.timestamp, 1),
      interval,
      transactions: block.transactions.length,
      gasUsed: block.gasUsed,
      gasLimit: block.gasLimit,
      baseFee: block.baseFeePerGas === undefined ? null : round(block.baseFeePerGas / WEI_PER_GWEI, 9),
    }
  }

  /** Kept while the height stands still; begins anew when the chain goes back. */
  #intervalUpTo({ number: height, timestamp: time }: Block): number | null {
    const last = this.#lastChange
    if (last !== undefined && height === last.height) return last.interval
    const interval =
      last === undefined || height < last.height
        ? null
        : round((time - last.time) / (height - last.height), 2)
    this.#lastChange = { height, time, interval }
    return interval
  }
}

const NO_BLOCK: ChainSample['block'] = {
  height: null,
  time: null,
  age: null,
  interval: null,
  transactions: null,
  gasUsed: null,
  gasLimit: null,
  baseFee: null,
}
