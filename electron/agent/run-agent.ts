import { join } from 'node:path'
import { TidemarkError } from '../../shared/errors.ts'
import { streamPartId } from '../../shared/message.ts'
import { loadOrCreateNodeKey } from '../keys/node-key.ts'
import { createFileModeSealer } from '../keys/sealer.ts'
import type { Clock, Logger } from '../node/ports.ts'
import { lockDataFolder } from '../node/store/data-folder-lock.ts'
import { createStreamCreator } from '../node/streamr/stream-creator.ts'
import { createStreamrAdapter } from '../node/streamr/streamr-adapter.ts'
import { createDelivery, type DeliveryStatus } from '../node/telemetry/delivery.ts'
import { openDiskOutbox } from '../node/telemetry/disk-outbox.ts'
import {
  createSources,
  type MeasuredSource,
  measureInto,
  schemaOf,
} from '../node/telemetry/measured-sources.ts'
import type { OutboxSize } from '../node/telemetry/outbox.ts'
import { createAgentCollector } from './agent-collector.ts'
import { AGENT_SOURCE, type AgentConfig } from './agent-config.ts'
import { agentNetwork } from './agent-network.ts'
import { ensureStream, streamIdOf } from './agent-stream.ts'

const OUTBOX_FILE = 'outbox.sqlite'
const SDK_FOLDER = 'streamr'
/** What the Streamr client may take for itself; it works in 40, and is started again if it ever leaks that far. */
const SDK_HEAP_MEGABYTES = 128
/** The agent's word of itself: seldom enough to cost nothing, often enough to plot. */
const AGENT_INTERVAL_MS = 60_000

export interface RunAgentOptions {
  config: AgentConfig
  version: string
  confirm: (question: string) => Promise<boolean>
  clock: Clock
  logger: Logger
  signal: AbortSignal
}

/** An agent at work. */
export interface Agent {
  readonly address: string
  readonly streamId: string
  status(): { delivery: DeliveryStatus; outbox: OutboxSize }
  stop(): Promise<void>
}

/**
 * Measures and publishes: no store, no portal. The lines below are the start order, and stopping is the same order
 * backwards. Measuring begins before the network is reached, so that an outage at the start loses nothing.
 * @throws TidemarkError among others `data-folder-in-use`, `key-exposed`, `stream-no-permission`, `aborted`
 */
export async function runAgent(options: RunAgentOptions): Promise<Agent> {
  const stack = new AsyncDisposableStack()
  try {
    return await compose(options, stack)
  } catch (error) {
    await stack.disposeAsync()
    throw error
  }
}

async function compose(
  { config, version, confirm, clock, logger, signal }: RunAgentOptions,
  stack: AsyncDisposableStack,
): Promise<Agent> {
  const lock = lockDataFolder(config.data)
  stack.defer(() => lock.release())
  const key = await loadOrCreateNodeKey({ dataDir: config.data, sealer: createFileModeSealer() })
  const { environment, isLoopback, network } = agentNetwork(config)

  const outbox = openDiskOutbox({
    file: join(config.data, OUTBOX_FILE),
    maxBytes: config.outboxMegabytes * 1024 * 1024,
    logger,
  })
  stack.defer(() => outbox.close())

  const adapter = createStreamrAdapter({
    environment,
    network,
    privateKey: key.reveal(),
    filesFolder: join(config.data, SDK_FOLDER),
    isLoopback,
    joinsInBackground: true,
    maxHeapMegabytes: SDK_HEAP_MEGABYTES,
    logger: logger.child({ part: 'streamr' }),
  })
  stack.defer(() => adapter.stop())
  const streamId = streamIdOf(config.stream.id, key.address)
  const delivery = createDelivery({
    network: adapter,
    outbox,
    streamId,
    partition: config.stream.partition,
    needsNeighbours: true,
    logger: logger.child({ part: 'delivery' }),
    clock,
  })

  const self: MeasuredSource = {
    settings: { name: AGENT_SOURCE, intervalMs: AGENT_INTERVAL_MS, jitterMs: 0, batchMs: 0 },
    collector: createAgentCollector({
      version,
      outbox: () => outbox.size(),
      delivery: () => delivery.status(),
      now: () => clock.now(),
    }),
  }
  const sources = [...createSources({ sources: config.sources, dataDir: config.data, logger, clock }), self]
  for (const source of sources) {
    const loop = measureInto(outbox, source, { clock, logger, onAdded: () => delivery.kick() })
    await loop.start()
    stack.defer(() => loop.stop())
  }

  await adapter.start(signal)
  await ensureStream({
    creator: createStreamCreator({ network, privateKey: key.reveal() }),
    config: config.stream,
    address: key.address,
    schema: schemaOf(sources),
    mayPublish: (id) => adapter.hasPermission(id, 'publish', key.address),
    confirm,
    // Nobody had the right to publish here before: what was measured until now would count as unauthorised.
    onMade: () => outbox.clear(),
    logger,
    signal,
  })
  // Joining tells who is there to take what is published; what others publish here is not looked at.
  await adapter.subscribe(streamPartId(streamId, config.stream.partition)).catch((error: unknown) => {
    if (!(error instanceof TidemarkError)) throw error
    logger.warn({ error }, 'the stream part is joined later')
  })
  await delivery.start()
  stack.defer(() => delivery.stop())
  return {
    address: key.address,
    streamId,
    status: () => ({ delivery: delivery.status(), outbox: outbox.size() }),
    stop: () => stack.disposeAsync(),
  }
}
