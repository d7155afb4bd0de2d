import { TidemarkError } from '../../../../shared/errors.ts'
import { parseStreamPartId, type StreamPartId } from '../../../../shared/message.ts'
import type {
  CitationView,
  Keeper,
  LogRef,
  PublishedLogView,
  PublishRequest,
} from '../../../../shared/remote-log.ts'
import type { Clock, Logger } from '../../ports.ts'
import { formatAddress } from '../address.ts'
import type { Database } from '../database/database.ts'
import { toHex } from '../hex.ts'
import type { Keepers } from '../keepers/keepers.ts'
import type { LogSource } from '../ports.ts'
import { logSettingsSchema } from '../publisher/layout.ts'
import { createLogPublisher, type LogPublisher } from '../publisher/log-publisher.ts'
import { type LogCatalogue, logKey, type PublishedEntry } from './catalogue.ts'
import { MAX_LOGS, PUBLISH_INTERVAL_MS, SLOW_PUBLISH_INTERVAL_MS } from './limits.ts'
import { PublishPump } from './publish-pump.ts'

export interface PublishedLogsOptions {
  catalogue: LogCatalogue
  keepers: Keepers
  source: LogSource
  /** Whether the node keeps the part, or has messages of it. */
  isKept: (part: StreamPartId) => Promise<boolean>
  /** A file opened with `PUBLISHER_MIGRATIONS`. */
  database: Database
  clock: Clock
  logger: Logger
}

interface RunningLog {
  entry: PublishedEntry
  /** Opened by the first publishing, for which the keeper has to be there. */
  publisher: LogPublisher | null
  pump: PublishPump
}

/** The logs this node publishes, each kept up with what is stored. */
export class PublishedLogs {
  readonly #options: PublishedLogsOptions
  readonly #logs = new Map<string, RunningLog>()

  constructor(options: PublishedLogsOptions) {
    this.#options = options
  }

  async start(): Promise<void> {
    for (const entry of await this.#options.catalogue.published()) this.#run(entry)
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#logs.values()].map(({ pump }) => pump.stop()))
    this.#logs.clear()
  }

  /** Messages of the part may have been stored. */
  stored(part: StreamPartId): void {
    for (const { entry, pump } of this.#logs.values()) if (entry.part === part) pump.wake()
  }

  /**
   * Publishes a stream part under a name from now on, or changes how. A log that was published under the name
   * before is continued.
   * @throws TidemarkError `stream-not-found` when nothing of the part is kept; `remote-log-taken` when the name is in use for another part
   */
  async publish(request: PublishRequest): Promise<LogRef> {
    const { catalogue, keepers, isKept } = this.#options
    const { part, keeper, mode, pageSize, embedNewest, writeToken } = request
    if (!(await isKept(part))) {
      throw new TidemarkError(
        'stream-not-found',
        `This node keeps nothing of ${part}.`,
        'Subscribe to the stream first, or check the name of the part.',
      )
    }
    if (writeToken !== undefined && keeper.kind === 'twirp') {
      await catalogue.saveWriteToken(keeper.url, writeToken)
      keepers.forget(keeper)
    }
    const name = request.name ?? (await this.#nameFor(part, keeper))
    const entry = { name, keeper, part, settings: logSettingsSchema.parse({ mode, pageSize, embedNewest }) }
    const known = this.#logs.get(logKey(entry))
    if (known !== undefined && known.entry.part !== part) {
      throw new TidemarkError(
        'remote-log-taken',
        `The name ${name} is in use for ${known.entry.part}.`,
        'Publish each stream part under a name of its own.',
      )
    }
    if (known === undefined && this.#logs.size >= MAX_LOGS) {
      throw new TidemarkError(
        'invalid-input',
        `This node publishes ${MAX_LOGS} logs already.`,
        'Stop publishing one of them first.',
      )
    }
    // Opened before it is remembered, so that a name that cannot be had is said at once.
    await this.#openPublisher(entry)
    await catalogue.savePublished(entry)
    await known?.pump.stop()
    this.#run(entry)
    return { name, keeper }
  }

  /** Stops keeping the log up; what the name leads to stays, and publishing again goes on from there. */
  async unpublish(ref: LogRef): Promise<void> {
    const log = this.#logs.get(logKey(ref))
    await this.#options.catalogue.remove('published', ref)
    this.#logs.delete(logKey(ref))
    await log?.pump.stop()
  }

  list(): Promise<PublishedLogView[]> {
    return Promise.all([...this.#logs.values()].map((log) => this.#view(log)))
  }

  async cite(part: StreamPartId, timestampMs: number, raw: Uint8Array): Promise<CitationView[]> {
    const logs = [...this.#logs.values()].filter(({ entry }) => entry.part === part)
    const citations = await Promise.all(
      logs.map(async ({ entry, publisher }): Promise<CitationView[]> => {
        const citation = await publisher?.cite(timestampMs, raw)
        if (citation == null) return []
        const { page, localHash, number } = citation
        return [
          {
            name: entry.name,
            keeper: entry.keeper,
            message: toHex(localHash),
            page: page === null ? null : formatAddress(page),
            number,
          },
        ]
      }),
    )
    return citations.flat()
  }

  async #nameFor(part: StreamPartId, keeper: Keeper): Promise<string> {
    const { createName } = await this.#options.keepers.open(keeper)
    if (createName !== undefined) return createName()
    const { streamId, partition } = parseStreamPartId(part)
    return `${streamId}/${partition}`.replace(/[^\w.~:/#@-]/g, '-').slice(0, MAX_DERIVED_NAME_LENGTH)
  }

  #run(entry: PublishedEntry): void {
    const { logger } = this.#options
    const log: RunningLog = {
      entry,
      publisher: null,
      pump: new PublishPump({
        publish: async (signal) => {
          log.publisher ??= await this.#openPublisher(entry)
          await log.publisher.publish(signal)
        },
        intervalMs: entry.keeper.kind === 'ipfs' ? SLOW_PUBLISH_INTERVAL_MS : PUBLISH_INTERVAL_MS,
        logger: logger.child({ log: entry.name }),
      }),
    }
    this.#logs.set(logKey(entry), log)
  }

  async #openPublisher(entry: PublishedEntry): Promise<LogPublisher> {
    const { keepers, source, database, clock, logger } = this.#options
    const { name, keeper, part, settings } = entry
    const { content, names } = await keepers.open(keeper)
    const key = logKey(entry)
    return createLogPublisher({ name, key, part, settings, source, content, names, database, clock, logger })
  }

  async #view({ entry, publisher, pump }: RunningLog): Promise<PublishedLogView> {
    const status = await publisher?.status()
    const { name, keeper, part, settings } = entry
    return {
      ...{ name, keeper, part, ...settings },
      messages: status?.messages ?? 0,
      pages: status?.pages ?? 0,
      pageBytes: status?.pageBytes ?? 0,
      pendingUploads: status?.pendingUploads ?? 0,
      head: status?.head ?? null,
      isCurrent: status?.isCurrent ?? false,
      isPublishing: pump.isPublishing,
      problem: pump.problem,
    }
  }
}

/** Names derived from a stream part stay readable; as long as a name may be. */
const MAX_DERIVED_NAME_LENGTH = 512
