import type { Clock, Logger } from '../ports.ts'
import type { Collector } from './collector.ts'
import { netInfoSchema, type Status, statusSchema } from './cometbft-answers.ts'
import { COMETBFT_SCHEMA, type CometbftSample } from './cometbft-schema.ts'
import { assertHttpAddress } from './endpoint-address.ts'
import { createJsonRpc, type JsonRpc } from './json-rpc.ts'
import { ENDPOINT_DEADLINE_MS, MAX_RPC_ANSWER_BYTES } from './limits.ts'
import { createReadings, type Readings } from './readings.ts'
import { round } from './schema.ts'
import { createValidatorWatch, type ValidatorWatch } from './validator-watch.ts'

export interface CometbftCollectorOptions {
  /** `http` or `https` address of the RPC. May hold a key: it is never logged or published. */
  url: string
  /** Consensus address of the validator to watch, 40 hex digits. */
  validator?: string | undefined
  logger: Logger
  clock: Clock
  /** Deadline of one answer, ms. Default 3,000. */
  deadlineMs?: number
}

/**
 * Watches a CometBFT node, and whether a validator signs the chain's blocks.
 * @throws TidemarkError `invalid-input` when the address is not http or https.
 */
export function createCometbftCollector(options: CometbftCollectorOptions): Collector<CometbftSample> {
  assertHttpAddress(options.url, 'the node’s RPC')
  return new CometbftCollector(options)
}

class CometbftCollector implements Collector<CometbftSample> {
  readonly name = 'cometbft'
  readonly schema = COMETBFT_SCHEMA
  readonly #rpc: JsonRpc
  readonly #validator: ValidatorWatch | undefined
  readonly #clock: Clock
  readonly #logger: Logger

  constructor({
    url,
    validator,
    logger,
    clock,
    deadlineMs = ENDPOINT_DEADLINE_MS,
  }: CometbftCollectorOptions) {
    this.#rpc = createJsonRpc({ url, deadlineMs, maxAnswerBytes: MAX_RPC_ANSWER_BYTES })
    this.#validator = validator === undefined ? undefined : createValidatorWatch(this.#rpc, validator)
    this.#clock = clock
    this.#logger = logger
  }

  async sample(signal?: AbortSignal): Promise<CometbftSample> {
    const readings = createReadings(this.#logger, signal)
    const [answer, netInfo] = await Promise.all([
      readings.orNull('block', this.#status(signal)),
      readings.orNull('peers', this.#rpc.call('net_info', {}, netInfoSchema, signal)),
    ])
    const status = answer?.status ?? null
    if (status === null) this.#noteAll(readings)
    const validator = await this.#describeValidator(status, readings, signal)
    const sync = status?.sync_info
    const time = sync === undefined ? null : round(sync.latest_block_time / 1_000, 3)
    return {
      health: sync === undefined ? null : sync.catching_up ? 'catching-up' : 'ok',
      version: status?.node_info.version ?? null,
      network: status?.node_info.network ?? null,
      block: {
        height: sync?.latest_block_height ?? null,
        time,
        age: time === null ? null : round(this.#clock.now() / 1_000 - time, 1),
      },
      catchingUp: sync?.catching_up ?? null,
      peers: netInfo?.n_peers ?? null,
      ...(validator === undefined ? {} : { validator }),
      latency: answer?.latencyMs ?? null,
      ...readings.note(),
    }
  }

  async close(): Promise<void> {
    // Connections belong to the runtime's pool; nothing else is held.
  }

  async #status(signal: AbortSignal | undefined): Promise<{ status: Status; latencyMs: number }> {
    const startedAt = performance.now()
    const status = await this.#rpc.call('status', {}, statusSchema, signal)
    return { status, latencyMs: round(performance.now() - startedAt, 1) }
  }

  #noteAll(readings: Readings): void {
    const reason = readings.reason('block') ?? 'failed'
    for (const path of ['health', 'version', 'network', 'catchingUp', 'latency'])
      readings.missing(path, reason)
  }

  async #describeValidator(
    status: Status | null,
    readings: Readings,
    signal: AbortSignal | undefined,
  ): Promise<CometbftSample['validator']> {
    const watch = this.#validator
    if (watch === undefined) return undefined
    if (status === null) {
      readings.missing('validator', readings.reason('block') ?? 'failed')
      return NO_VALIDATOR
    }
    const [votingPower, signatures] = await Promise.all([
      readings.orNull('validator.votingPower', watch.votingPower(status, signal)),
      readings.orNull('validator.checked', watch.signatures(status.sync_info.latest_block_height, signal)),
    ])
    if (signatures === null) {
      const reason = readings.reason('validator.checked') ?? 'failed'
      for (const name of ['missed', 'missedInRow', 'skipped']) readings.missing(`validator.${name}`, reason)
    }
    return { ...NO_VALIDATOR, ...signatures, votingPower }
  }
}

const NO_VALIDATOR = { votingPower: null, checked: null, missed: null, missedInRow: null, skipped: null }
