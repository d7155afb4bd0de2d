import { z } from 'zod'
import type { Clock, Logger } from '../ports.ts'
import { CHAIN_SCHEMA, type ChainSample } from './chain-schema.ts'
import { type Collector, reasonOf } from './collector.ts'
import { assertHttpAddress } from './endpoint-address.ts'
import { createJsonRpc, type JsonRpc } from './json-rpc.ts'
import { ENDPOINT_DEADLINE_MS, MAX_RPC_ANSWER_BYTES, MAX_TEXT_LENGTH, VERSION_EVERY_MS } from './limits.ts'
import { atMostEvery, createReadings, type Readings } from './readings.ts'
import { round } from './schema.ts'

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
/** `false`, or an object that says how far it has come. */
const syncingSchema = z.union([z.literal(false), z.record(z.string(), z.unknown())])
const versionSchema = z.string().transform((text) => text.slice(0, MAX_TEXT_LENGTH))
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
  assertHttpAddress(options.rpcUrl, 'the chain’s JSON-RPC endpoint')
  return new ChainCollector(options)
}

class ChainCollector implements Collector<ChainSample> {
  readonly name = 'chain'
  readonly schema = CHAIN_SCHEMA
  readonly #rpc: JsonRpc
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #version: (signal?: AbortSignal) => Promise<string>
  #lastChange: { height: number; time: number; interval: number | null } | undefined

  constructor(options: ChainCollectorOptions) {
    const { deadlineMs = ENDPOINT_DEADLINE_MS, maxAnswerBytes = MAX_RPC_ANSWER_BYTES } = options
    this.#rpc = createJsonRpc({ url: options.rpcUrl, deadlineMs, maxAnswerBytes })
    this.#clock = options.clock
    this.#logger = options.logger
    this.#version = atMostEvery(VERSION_EVERY_MS, (signal) =>
      this.#rpc.call('web3_clientVersion', [], versionSchema, signal),
    )
  }

  async sample(signal?: AbortSignal): Promise<ChainSample> {
    const readings = createReadings(this.#logger, signal)
    const [newest, pending, peers, syncing, version] = await Promise.all([
      readings.orNull('block', this.#newestBlock(signal)),
      readings.orNull('pending', this.#pendingTransactions(signal)),
      readings.orNull('peers', this.#rpc.call('net_peerCount', [], hexQuantity, signal)),
      readings.orNull('syncing', this.#rpc.call('eth_syncing', [], syncingSchema, signal)),
      readings.orNull('version', this.#version(signal)),
    ])
    if (newest === null) readings.missing('latency', readings.reason('block') ?? 'failed')
    return {
      block: newest === null ? NO_BLOCK : this.#describe(newest.block, readings),
      pending,
      peers,
      syncing: syncing === null ? null : syncing !== false,
      version,
      latency: newest?.latencyMs ?? null,
      ...readings.note(),
    }
  }

  async close(): Promise<void> {
    // Connections belong to the runtime's pool; nothing else is held.
  }

  async #newestBlock(signal: AbortSignal | undefined): Promise<{ block: Block; latencyMs: number }> {
    const startedAt = performance.now()
    const block = await this.#rpc.call('eth_getBlockByNumber', ['latest', false], blockSchema, signal)
    return { block, latencyMs: round(performance.now() - startedAt, 1) }
  }

  /** The pool's own count where it is told, otherwise the size of the block being made. */
  async #pendingTransactions(signal: AbortSignal | undefined): Promise<number> {
    try {
      return (await this.#rpc.call('txpool_status', [], poolSchema, signal)).pending
    } catch (error) {
      if (reasonOf(error) !== 'not-supported') throw error
      return this.#rpc.call('eth_getBlockTransactionCountByNumber', ['pending'], hexQuantity, signal)
    }
  }

  #describe(block: Block, readings: Readings): ChainSample['block'] {
    const interval = this.#intervalUpTo(block)
    if (interval === null) readings.missing('block.interval', 'not-yet')
    if (block.baseFeePerGas === undefined) readings.missing('block.baseFee', 'not-supported')
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
