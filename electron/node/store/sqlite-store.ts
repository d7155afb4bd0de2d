import type { ErrorView } from '../../../shared/errors.ts'
import { workerUrl } from '../../worker-url.ts'
import type { Clock, Logger, StoredNotice } from '../ports.ts'
import { bringToFormat } from './bring-to-format.ts'
import type { BackupProgress } from './care/backup.ts'
import { startHousekeeping } from './care/housekeeping.ts'
import { watchIntegrity } from './care/integrity-watch.ts'
import { ReaderPool } from './reader-pool.ts'
import { createStoreCare } from './store-care.ts'
import { createStoreFront, type EngineStore } from './store-front.ts'
import { WorkerLink } from './worker-link.ts'
import type { WorkerEvent } from './worker-protocol.ts'
import type { WriterMethods } from './writer-worker.ts'

export interface SqliteStoreOptions {
  /** The database file; it is made when it is not there. Its folder must be there, and be ours alone. */
  file: string
  logger: Logger
  clock: Clock
  /** Threads that read; 2 when not given: a long read leaves one for the others. */
  readers?: number
  /** Gives up opening a file whose format has to be changed first, which may take minutes. */
  signal?: AbortSignal
}

/** The embedded engine behind `MessageStore`: SQLite in worker threads. */
export type SqliteStore = EngineStore

const DEFAULT_READERS = 2

/**
 * Opens the message store of a data folder, bringing its file to the current format.
 * @throws {TidemarkError} `store-newer-than-code`, `store-damaged`, `data-folder-unusable`, `disk-full`, `aborted`
 */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<SqliteStore> {
  const { file, logger } = options
  await bringToFormat(file, logger, options.signal ?? new AbortController().signal)
  const listeners = new Set<(notices: readonly StoredNotice[]) => void>()
  let trouble: ErrorView | null = null
  let onBackupProgress: ((progress: BackupProgress) => void) | null = null
  const onEvent = ({ event, value }: WorkerEvent): void => {
    if (event === 'stored') for (const listener of listeners) listener(value as StoredNotice[])
    if (event === 'trouble') trouble = value as ErrorView | null
    if (event === 'backup-progress') onBackupProgress?.(value as BackupProgress)
  }
  const writer = new WorkerLink<WriterMethods>({
    url: workerUrl(import.meta.url, 'writer-worker'),
    workerData: { file },
    logger,
    onEvent,
  })
  const opened = await writer.call('ready', []).catch(async (error: unknown) => {
    await writer.close()
    throw error
  })
  const readers = new ReaderPool({ engine: 'sqlite', file }, options.readers ?? DEFAULT_READERS, logger)
  const integrity = watchIntegrity({ file, opened, writer, logger })
  const care = createStoreCare({
    writer,
    now: () => options.clock.now(),
    onBackupProgress: (listener) => {
      onBackupProgress = listener
    },
  })
  const housekeeping = startHousekeeping({ care, logger })

  let closing: Promise<void> | undefined
  const close = async (): Promise<void> => {
    await Promise.all([integrity.stop(), housekeeping.stop()])
    await readers.close()
    await writer.call('close', []).catch((error: unknown) => {
      logger.warn({ err: error }, 'The message store was not closed in order')
    })
    await writer.close()
  }

  return {
    ...care,
    ...createStoreFront({ writer, readers, listeners }),
    status: () => ({ problem: trouble ?? integrity.problem(), integrity: integrity.state(), spool: null }),
    close: () => {
      closing ??= close()
      return closing
    },
  }
}
