import { TidemarkError } from '../../../../shared/errors.ts'
import type { StreamPartId } from '../../../../shared/message.ts'
import type {
  CitationView,
  FollowedLogView,
  LogRef,
  RestoreProgressView,
  RestoreReportView,
} from '../../../../shared/remote-log.ts'
import type { Clock, Logger } from '../../ports.ts'
import { formatAddress } from '../address.ts'
import type { Database } from '../database/database.ts'
import { toHex } from '../hex.ts'
import type { Keepers } from '../keepers/keepers.ts'
import type { Ingest } from '../ports.ts'
import { createLogReader } from '../restore/log-reader.ts'
import { mvdsMessageId, wrapStreamMessage } from '../wire/mvds-message.ts'
import { type LogCatalogue, logKey } from './catalogue.ts'
import { FollowedLog } from './followed-log.ts'
import { MAX_LOGS } from './limits.ts'
import { NameCarrier } from './name-carrier.ts'

export interface FollowedLogsOptions {
  catalogue: LogCatalogue
  keepers: Keepers
  ingest: Ingest
  /** A file opened with `RESTORE_MIGRATIONS`. */
  database: Database
  clock: Clock
  logger: Logger
}

/** The logs this node reads. */
export class FollowedLogs {
  readonly #options: FollowedLogsOptions
  readonly #logs = new Map<string, FollowedLog>()
  readonly #carrier: NameCarrier

  constructor(options: FollowedLogsOptions) {
    this.#options = options
    const { keepers, logger } = options
    this.#carrier = new NameCarrier({
      logs: () => [...this.#logs.values()].map(({ ref }) => ref),
      keepers,
      logger,
    })
  }

  async start(): Promise<void> {
    for (const entry of await this.#options.catalogue.followed()) {
      const log = this.#add({ name: entry.name, keeper: entry.keeper })
      if (entry.isFollowed) log.follow()
    }
    this.#carrier.start()
  }

  async stop(): Promise<void> {
    await this.#carrier.stop()
    await Promise.all([...this.#logs.values()].map((log) => log.stop()))
    this.#logs.clear()
  }

  /** Restores what the name leads to, and asks it for news from then on. */
  async follow(ref: LogRef): Promise<void> {
    const log = this.#find(ref)
    await this.#options.catalogue.saveFollowed({ ...ref, isFollowed: true })
    log.follow()
  }

  /** Stops asking for news; what was restored stays. */
  async unfollow(ref: LogRef): Promise<void> {
    const log = this.#logs.get(logKey(ref))
    if (log === undefined) return
    await this.#options.catalogue.saveFollowed({ ...ref, isFollowed: false })
    await log.stop()
  }

  /** Takes the log off the list; what was restored stays, and so does what is known of it. */
  async forget(ref: LogRef): Promise<void> {
    const log = this.#logs.get(logKey(ref))
    await this.#options.catalogue.remove('followed', ref)
    this.#logs.delete(logKey(ref))
    await log?.stop()
  }

  /** Restores once. @throws TidemarkError `remote-log-unreachable`, `remote-log-unreadable` */
  async restore(
    ref: LogRef,
    onProgress: (progress: RestoreProgressView) => void,
    signal: AbortSignal | undefined,
  ): Promise<RestoreReportView> {
    const isNew = !this.#logs.has(logKey(ref))
    const log = this.#find(ref)
    if (isNew) await this.#options.catalogue.saveFollowed({ ...ref, isFollowed: false })
    try {
      return await log.restore(onProgress, signal)
    } catch (error) {
      // A name with a slip in it leads nowhere, and is not to stay on the list for that.
      if (isNew && (await log.view()).head === null) await this.forget(ref)
      throw error
    }
  }

  list(): Promise<FollowedLogView[]> {
    return Promise.all([...this.#logs.values()].map((log) => log.view()))
  }

  async cite(part: StreamPartId, timestampMs: number, raw: Uint8Array): Promise<CitationView[]> {
    const localHash = mvdsMessageId(wrapStreamMessage(part, timestampMs, raw))
    const citations = await Promise.all(
      [...this.#logs.values()].map(async (log): Promise<CitationView[]> => {
        const page = await log.locate(localHash).catch(() => undefined)
        if (page === undefined) return []
        return [
          {
            ...log.ref,
            message: toHex(localHash),
            page: page === null ? null : formatAddress(page),
            number: null,
          },
        ]
      }),
    )
    return citations.flat()
  }

  #find(ref: LogRef): FollowedLog {
    const known = this.#logs.get(logKey(ref))
    if (known !== undefined) return known
    if (this.#logs.size >= MAX_LOGS) {
      throw new TidemarkError(
        'invalid-input',
        `This node reads ${MAX_LOGS} logs already.`,
        'Take one of them off the list first.',
      )
    }
    return this.#add(ref)
  }

  #add(ref: LogRef): FollowedLog {
    const { keepers, ingest, database, clock, logger } = this.#options
    const log = new FollowedLog({
      ref,
      openReader: async (onProgress) => {
        const { content, names } = await keepers.open(ref.keeper)
        return createLogReader({
          name: ref.name,
          key: logKey(ref),
          content,
          names,
          ingest,
          database,
          onProgress,
          clock,
          logger,
        })
      },
      clock,
      logger,
    })
    this.#logs.set(logKey(ref), log)
    return log
  }
}
