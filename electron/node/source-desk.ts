import { join } from 'node:path'
import { TidemarkError } from '../../shared/errors.ts'
import {
  MAX_SOURCES,
  type MetricListing,
  type MissingReadings,
  type SourceSettings,
  type SourcesView,
  type SourceTrial,
  type SourceView,
} from '../../shared/sources.ts'
import type { TransactionCost } from '../../shared/storage.ts'
import type { ConfigurationFile } from './configuration.ts'
import { SOURCES_OUTBOX_FILE } from './data-files.ts'
import type { Clock, Logger, Startable } from './ports.ts'
import type { NewStream, StreamCreator } from './streamr/stream-creator.ts'
import { createDelivery, type Delivery, type DeliveryNetwork } from './telemetry/delivery.ts'
import { openDiskOutbox } from './telemetry/disk-outbox.ts'
import { createSources, type MeasuredSource, measureInto, schemaOf } from './telemetry/measured-sources.ts'
import type { Outbox } from './telemetry/outbox.ts'
import type { PublisherLoop } from './telemetry/publisher-loop.ts'
import { listMetrics, trySource } from './telemetry/try-source.ts'

const STREAM_PATH = '/tidemark/sources'
/** Days of a few sources without a network. */
const OUTBOX_BYTES = 64 * 1024 * 1024

export interface SourceDeskOptions {
  dataDir: string
  configuration: ConfigurationFile
  /** This node's own, in small letters. */
  address: string
  network: DeliveryNetwork
  creator: StreamCreator
  /** The stream was made: it is kept here from now on. */
  onMade(streamId: string): Promise<void>
  clock: Clock
  logger: Logger
}

/** What this node measures of other software, each under its name, for one stream of its own. */
export interface SourceDesk extends Startable {
  view(): Promise<SourcesView>
  /** What the source would publish; nothing is kept. @throws TidemarkError */
  try(source: SourceSettings, signal?: AbortSignal): Promise<SourceTrial>
  metricsAt(url: string, signal?: AbortSignal): Promise<MetricListing>
  /** Takes the place of the one with its name. @throws TidemarkError `invalid-input` */
  put(source: SourceSettings): Promise<void>
  remove(name: string): Promise<void>
  /** The most that making the stream can cost now. @throws TidemarkError */
  estimate(signal?: AbortSignal): Promise<TransactionCost>
  /** Makes the stream at that cost, and publishes from then on. @throws TidemarkError */
  makeStream(signal?: AbortSignal): Promise<void>
}

class Desk implements SourceDesk {
  readonly #options: SourceDeskOptions
  readonly #streamId: string
  readonly #loops = new Map<string, PublisherLoop>()
  #outbox: Outbox | undefined
  readonly #missing = new Map<string, MissingReadings | null>()
  #delivery: Delivery | undefined
  #stream: SourcesView['stream'] = 'unknown'
  #problem: string | null = null
  #changes: Promise<unknown> = Promise.resolve()
  readonly #stopping = new AbortController()

  constructor(options: SourceDeskOptions) {
    this.#options = options
    this.#streamId = `${options.address}${STREAM_PATH}`
  }

  /** The chain may be out of reach: whether the stream is there is looked up when somebody looks, too. */
  async start(): Promise<void> {
    for (const settings of this.#settings()) await this.#begin(settings)
    if (this.#loops.size > 0) void this.#lookForStream()
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#changes
    for (const loop of this.#loops.values()) await loop.stop()
    await this.#delivery?.stop()
    this.#outbox?.close()
  }

  async view(): Promise<SourcesView> {
    if (this.#stream !== 'there') await this.#lookForStream()
    return {
      sources: this.#settings().map((settings) => this.#viewOf(settings)),
      streamId: this.#streamId,
      stream: this.#stream,
      waiting: this.#outbox?.size().entries ?? 0,
      problem: this.#delivery?.status().failure?.message ?? this.#problem,
    }
  }

  async try(source: SourceSettings, signal?: AbortSignal): Promise<SourceTrial> {
    assertNotMachine(source)
    return trySource(source, this.#options, signal)
  }

  metricsAt(url: string, signal?: AbortSignal): Promise<MetricListing> {
    return listMetrics(url, signal)
  }

  put(source: SourceSettings): Promise<void> {
    assertNotMachine(source)
    return this.#inTurn(async () => {
      const now = this.#settings()
      const at = now.findIndex(({ name }) => name === source.name)
      if (at < 0 && now.length >= MAX_SOURCES) {
        throw new TidemarkError(
          'invalid-input',
          `There are ${MAX_SOURCES} sources already.`,
          'Remove one first.',
        )
      }
      const sources = at < 0 ? [...now, source] : now.with(at, source)
      await this.#options.configuration.update((whole) => ({ ...whole, sources }))
      await this.#end(source.name)
      await this.#begin(source)
      if (this.#stream === 'there') await this.#deliver()
    })
  }

  remove(name: string): Promise<void> {
    return this.#inTurn(async () => {
      const sources = this.#settings().filter((one) => one.name !== name)
      await this.#options.configuration.update((whole) => ({ ...whole, sources }))
      await this.#end(name)
    })
  }

  estimate(signal?: AbortSignal): Promise<TransactionCost> {
    return this.#options.creator.estimate(this.#newStream(), signal)
  }

  makeStream(signal?: AbortSignal): Promise<void> {
    return this.#inTurn(async () => {
      const { creator, onMade } = this.#options
      if (!(await creator.exists(this.#streamId, signal))) await creator.create(this.#newStream(), signal)
      // Nobody had the right to publish before: what was measured until now would count as unauthorised.
      this.#outbox?.clear()
      this.#stream = 'there'
      await onMade(this.#streamId)
      await this.#deliver()
    })
  }

  #settings(): readonly SourceSettings[] {
    return this.#options.configuration.current.sources
  }

  #viewOf(settings: SourceSettings): SourceView {
    const status = this.#loops.get(settings.name)?.status()
    return {
      settings,
      measured: status?.published ?? 0,
      failed: status?.failed ?? 0,
      lastMeasuredAt: status?.lastPublishedAt ?? null,
      problem: status?.failure?.message ?? null,
      missing: this.#missing.get(settings.name) ?? null,
    }
  }

  #newStream(): NewStream {
    const sources = createSources({ sources: this.#settings(), ...this.#options })
    const schema = schemaOf(sources)
    for (const { collector } of sources) void collector.close()
    const description = 'What this node measures of other software'
    return {
      path: STREAM_PATH,
      metadata: { description, partitions: 1, schema },
      publishers: [],
      isPublic: true,
    }
  }

  async #begin(settings: SourceSettings): Promise<void> {
    const { clock, logger, dataDir } = this.#options
    this.#outbox ??= openDiskOutbox({
      file: join(dataDir, SOURCES_OUTBOX_FILE),
      maxBytes: OUTBOX_BYTES,
      logger,
    })
    const [source] = createSources({ sources: [settings], ...this.#options })
    const onAdded = (): void => this.#delivery?.kick()
    const loop = measureInto(this.#outbox, source as MeasuredSource, {
      ...{ clock, logger, onAdded },
      onMeasured: (missing) => this.#missing.set(settings.name, missing),
    })
    this.#loops.set(settings.name, loop)
    await loop.start()
  }

  async #end(name: string): Promise<void> {
    await this.#loops.get(name)?.stop()
    this.#loops.delete(name)
    this.#missing.delete(name)
  }

  /** Publishes what is measured, and what waits. */
  async #deliver(): Promise<void> {
    if (this.#outbox === undefined || this.#delivery !== undefined) return
    const { network, clock, logger } = this.#options
    this.#delivery = createDelivery({
      network,
      outbox: this.#outbox,
      streamId: this.#streamId,
      partition: 0,
      // This node stores the stream itself.
      needsNeighbours: false,
      clock,
      logger,
    })
    await this.#delivery.start()
  }

  #lookForStream(): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#stream === 'there') return
      try {
        const isThere = await this.#options.creator.exists(this.#streamId, this.#stopping.signal)
        this.#stream = isThere ? 'there' : 'missing'
        this.#problem = null
        if (isThere) await this.#deliver()
      } catch (error) {
        this.#problem = error instanceof TidemarkError ? error.message : 'The chain could not be asked.'
      }
    })
  }

  /** Changes happen one after the other; none begins after the stop. */
  #inTurn<Value>(task: () => Promise<Value>): Promise<Value> {
    const turn = this.#changes.then(() => {
      if (this.#stopping.signal.aborted) {
        throw new TidemarkError('not-running', 'The node is stopping.', 'Try again when it runs.')
      }
      return task()
    })
    this.#changes = turn.catch(() => undefined)
    return turn
  }
}

function assertNotMachine({ kind }: SourceSettings): void {
  if (kind !== 'machine') return
  throw new TidemarkError(
    'invalid-input',
    'This machine is measured already, for a stream of its own.',
    'Use an agent for another machine.',
  )
}

export function createSourceDesk(options: SourceDeskOptions): SourceDesk {
  return new Desk(options)
}
