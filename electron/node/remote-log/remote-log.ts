import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Libp2p } from '@libp2p/interface'
import type { StreamPartId } from '../../../shared/message.ts'
import type {
  BackupProgressView,
  CitationView,
  LogRef,
  PageView,
  PublishRequest,
  RemoteLogList,
  RestoreProgressView,
  RestoreReportView,
  SyncMode,
} from '../../../shared/remote-log.ts'
import type { Clock, Logger, MessageStore, Startable, StoredNotice } from '../ports.ts'
import { createBackupNameSystem, readBackup } from './backup/read-backup.ts'
import { writeBackup } from './backup/write-backup.ts'
import { createDatabaseHost } from './database/database.ts'
import { createIpfsKeeper } from './keepers/ipfs-keeper.ts'
import { createKeepers, type OpenKeeper } from './keepers/keepers.ts'
import { JOURNAL_MIGRATIONS } from './local-log/journal-file.ts'
import { createLocalLog, type LocalLog } from './local-log/local-log.ts'
import { CATALOGUE_MIGRATIONS, LogCatalogue } from './logs/catalogue.ts'
import { shown } from './logs/error.ts'
import { toReportView } from './logs/followed-log.ts'
import { FollowedLogs } from './logs/followed-logs.ts'
import { inspectPage } from './logs/inspect-page.ts'
import { PublishedLogs } from './logs/published-logs.ts'
import { verifyLog } from './logs/verify-log.ts'
import { MVDS_MIGRATIONS } from './mvds/mvds-state.ts'
import { createPairedNodes, type PairedNodes } from './paired/paired-nodes.ts'
import type { Ingest } from './ports.ts'
import { PUBLISHER_MIGRATIONS } from './publisher/published-log.ts'
import { createLogReader } from './restore/log-reader.ts'
import { RESTORE_MIGRATIONS } from './restore/restored-log.ts'

type OnProgress<T> = (progress: T) => void

export interface RemoteLogOptions {
  /** Of this node; state, and what the embedded keeper holds, lie there. */
  folder: string
  store: Pick<MessageStore, 'query' | 'fingerprints' | 'statistics'>
  /** Whether messages of the part that arrive are kept. */
  isKept: (part: StreamPartId) => boolean
  ingest: Ingest
  /** Gives verdicts and stores nothing. */
  judge: Ingest
  /** Stream parts that are kept in step with paired nodes. */
  parts: () => readonly StreamPartId[]
  sync: { mode: () => SyncMode; saveMode: (mode: SyncMode) => Promise<void>; label: string }
  /** The node's libp2p host, with a Kademlia service; asked for when a log is to be kept by IPFS. */
  host: () => Promise<Libp2p>
  clock: Clock
  logger: Logger
}

/** Logs this node publishes and reads, and everything that can be done with them. Errors are `TidemarkError`s. */
export interface RemoteLog extends Startable {
  /** To be called after each commit of the store. */
  stored(notice: StoredNotice): void
  /** What this node holds, in order of storing. */
  readonly localLog: LocalLog
  readonly paired: Omit<PairedNodes, 'start' | 'stop'>
  /** This node's own content store and name system, for those it serves. */
  embedded(): Promise<OpenKeeper>
  list(): Promise<RemoteLogList>
  publish(request: PublishRequest): Promise<LogRef>
  unpublish(ref: LogRef): Promise<void>
  follow(ref: LogRef): Promise<void>
  unfollow(ref: LogRef): Promise<void>
  forget(ref: LogRef): Promise<void>
  restore(
    ref: LogRef,
    onProgress: OnProgress<RestoreProgressView>,
    signal?: AbortSignal,
  ): Promise<RestoreReportView>
  /** Reads the whole log, checks all of it and stores nothing. */
  verify(
    ref: LogRef,
    onProgress: OnProgress<RestoreProgressView>,
    signal?: AbortSignal,
  ): Promise<RestoreReportView>
  /** A page, or the head when `address` is null. */
  inspect(ref: LogRef, address: string | null, signal?: AbortSignal): Promise<PageView>
  /** The logs a message is part of, as far as this node knows. */
  cite(part: StreamPartId, timestampMs: number, raw: Uint8Array): Promise<CitationView[]>
  /** Writes the whole log into one CAR file. */
  backUp(
    ref: LogRef,
    path: string,
    onProgress: OnProgress<BackupProgressView>,
    signal?: AbortSignal,
  ): Promise<BackupProgressView>
  /** Takes a CAR file in: its blocks into this node's content store, its messages into the message store. */
  restoreBackup(
    path: string,
    onProgress: OnProgress<RestoreProgressView>,
    signal?: AbortSignal,
  ): Promise<RestoreReportView>
}

/** @throws TidemarkError `store-newer-than-code`, `data-folder-unusable` */
export async function createRemoteLog(options: RemoteLogOptions): Promise<RemoteLog> {
  const { folder, store, ingest, judge, clock, logger } = options
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const databases = createDatabaseHost()
  try {
    const open = (file: string, migrations: readonly string[]) =>
      databases.open(join(folder, file), migrations)
    const [journal, published, restored, logs, mvds] = await Promise.all([
      open('journal.sqlite', JOURNAL_MIGRATIONS),
      open('published.sqlite', PUBLISHER_MIGRATIONS),
      open('restored.sqlite', RESTORE_MIGRATIONS),
      open('logs.sqlite', CATALOGUE_MIGRATIONS),
      open('mvds.sqlite', MVDS_MIGRATIONS),
    ])
    const catalogue = new LogCatalogue(logs)
    const ipfs = createIpfsKeeper({ databases, folder, host: options.host, logger })
    const keepers = createKeepers({
      databases,
      folder,
      writeTokenOf: (url) => catalogue.writeTokenOf(url),
      ipfs,
    })
    const localLog = createLocalLog({ store, database: journal })
    const shared = { catalogue, keepers, clock, logger }
    const publishing = new PublishedLogs({
      ...shared,
      source: localLog,
      isKept: async (part) =>
        options.isKept(part) || (await store.statistics()).some((known) => known.part === part),
      database: published,
    })
    const paired = createPairedNodes({
      ...{ ...options.sync, host: options.host, parts: options.parts },
      ...{ database: mvds, source: localLog, ingest, clock, logger },
    })
    const following = new FollowedLogs({ ...shared, ingest, database: restored })

    return {
      localLog,
      paired,
      embedded: () => keepers.open({ kind: 'embedded' }),
      async start() {
        await publishing.start()
        await following.start()
        await paired.start()
      },
      async stop() {
        localLog.stop()
        await Promise.all([publishing.stop(), following.stop(), paired.stop()])
        await ipfs.stop()
        await databases.close()
      },
      stored(notice) {
        localLog.stored(notice)
        publishing.stored(notice.part)
      },
      list: async () => ({ published: await publishing.list(), followed: await following.list() }),
      publish: (request) => shown(() => publishing.publish(request)),
      unpublish: (ref) => publishing.unpublish(ref),
      follow: (ref) => shown(() => following.follow(ref)),
      unfollow: (ref) => following.unfollow(ref),
      forget: (ref) => following.forget(ref),
      restore: (ref, onProgress, signal) => following.restore(ref, onProgress, signal),
      verify: (ref, onProgress, signal) =>
        shown(async () => {
          const keeper = await keepers.open(ref.keeper)
          return verifyLog({ ref, keeper, databases, judge, onProgress, clock, logger, signal })
        }),
      inspect: (ref, address, signal) =>
        shown(async () => inspectPage(ref, address, await keepers.open(ref.keeper), signal)),
      cite: async (part, timestampMs, raw) => [
        ...(await publishing.cite(part, timestampMs, raw)),
        ...(await following.cite(part, timestampMs, raw)),
      ],
      backUp: (ref, path, onProgress, signal) =>
        shown(async () => {
          const { content, names } = await keepers.open(ref.keeper)
          return writeBackup({ name: ref.name, content, names, path, onProgress, signal })
        }),
      restoreBackup: (path, onProgress, signal) =>
        shown(async () => {
          const { content } = await keepers.open({ kind: 'embedded' })
          const { head } = await readBackup({ path, content, signal })
          // What is known of the file is not kept: the same file read again finds everything in the store.
          const database = await databases.open('', RESTORE_MIGRATIONS)
          try {
            const names = createBackupNameSystem(head, content)
            const reader = await createLogReader({
              name: 'backup',
              content,
              names,
              ingest,
              database,
              onProgress: ({ newestTimestamp: _newest, oldestTimestamp, ...tally }) =>
                onProgress({ ...tally, restored: { ...tally.restored }, reachedBack: oldestTimestamp }),
              clock,
              logger,
            })
            return toReportView(await reader.restore(signal), null)
          } finally {
            await database.close()
          }
        }),
    }
  } catch (error) {
    await databases.close()
    throw error
  }
}
