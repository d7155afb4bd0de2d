import { streamPartId } from '../../shared/message.ts'
import type { Clock, Logger, Startable } from './ports.ts'
import type { StreamrAdapter } from './streamr/streamr-adapter.ts'
import { createChainCollector } from './telemetry/chain-collector.ts'
import type { Collector } from './telemetry/collector.ts'
import { createMachineCollector } from './telemetry/machine-collector.ts'
import { createPublisherLoop } from './telemetry/publisher-loop.ts'

const MACHINE_INTERVAL_MS = 1_000
/** Blocks come every two seconds here; twice as often would publish each of them twice. */
const CHAIN_INTERVAL_MS = 2_000

/** A stream this node publishes itself: what it is about, and what measures it. */
interface OwnStream {
  readonly path: string
  readonly description: string
  readonly intervalMs: number
  createCollector(): Collector<object>
}

export interface OwnStreamsOptions {
  adapter: StreamrAdapter
  rpcUrl: string
  dataDir: string
  telemetry: { machine: boolean; chain: boolean }
  clock: Clock
  logger: Logger
}

export interface OwnStreams extends Startable {
  /** Stream parts this node publishes to. */
  readonly parts: ReadonlySet<string>
  /** Creates the streams that are not in the registry yet, so that they can be subscribed before they are fed. */
  prepare(): Promise<void>
}

function chosenStreams({ rpcUrl, dataDir, telemetry, clock, logger }: OwnStreamsOptions): OwnStream[] {
  const machine: OwnStream = {
    path: '/tidemark/machine',
    description: 'This machine',
    intervalMs: MACHINE_INTERVAL_MS,
    createCollector: () => createMachineCollector({ logger, diskPath: dataDir }),
  }
  const chain: OwnStream = {
    path: '/tidemark/chain',
    description: 'Local chain',
    intervalMs: CHAIN_INTERVAL_MS,
    createCollector: () => createChainCollector({ rpcUrl, logger, clock }),
  }
  return [...(telemetry.machine ? [machine] : []), ...(telemetry.chain ? [chain] : [])]
}

class PublishedStreams implements OwnStreams {
  readonly parts: ReadonlySet<string>
  readonly #options: OwnStreamsOptions
  readonly #streams: readonly OwnStream[]
  readonly #running: { stop(): Promise<void> }[] = []

  constructor(options: OwnStreamsOptions) {
    this.#options = options
    this.#streams = chosenStreams(options)
    this.parts = new Set(this.#streams.map((stream) => streamPartId(this.#idOf(stream), 0)))
  }

  async prepare(): Promise<void> {
    for (const stream of this.#streams) {
      const collector = stream.createCollector()
      await this.#ensureInRegistry(stream, collector).finally(() => collector.close())
    }
  }

  async start(): Promise<void> {
    for (const stream of this.#streams) {
      const collector = stream.createCollector()
      this.#running.push({ stop: () => collector.close() })
      const loop = createPublisherLoop({
        collector,
        intervalMs: stream.intervalMs,
        publish: async (content, timestamp) => {
          await this.#options.adapter.publish(this.#idOf(stream), content as Record<string, unknown>, {
            timestamp,
          })
        },
        clock: this.#options.clock,
        logger: this.#options.logger.child({ collector: collector.name }),
      })
      await loop.start()
      this.#running.push(loop)
    }
  }

  async stop(): Promise<void> {
    // A loop is stopped before the collector it asks.
    for (const part of this.#running.reverse()) await part.stop()
    this.#running.length = 0
  }

  #idOf(stream: OwnStream): string {
    return `${this.#options.adapter.address()}${stream.path}`
  }

  async #ensureInRegistry(stream: OwnStream, collector: Collector<object>): Promise<void> {
    const { adapter } = this.#options
    const metadata = { description: stream.description, partitions: 1, schema: collector.schema }
    try {
      await adapter.getStream(this.#idOf(stream))
    } catch (error) {
      if ((error as { code?: string }).code !== 'stream-not-found') throw error
      await adapter.createStream(this.#idOf(stream), metadata, [{ grantee: 'public', rights: ['subscribe'] }])
    }
  }
}

/** The node's own telemetry: this machine's metrics, and the local chain's as an app-chain would publish them. */
export function createOwnStreams(options: OwnStreamsOptions): OwnStreams {
  return new PublishedStreams(options)
}
