import type { ErrorView } from '../../../../shared/errors.ts'
import { workerUrl } from '../../../worker-url.ts'
import type { Clock, Logger, StoredNotice } from '../../ports.ts'
import { startHousekeeping } from '../care/housekeeping.ts'
import { ReaderPool } from '../reader-pool.ts'
import { createStoreCare } from '../store-care.ts'
import { createStoreFront, type EngineStore } from '../store-front.ts'
import { WorkerLink } from '../worker-link.ts'
import type { WorkerEvent } from '../worker-protocol.ts'
import type { WriterMethods } from '../writer-worker.ts'
import type { WireOptions } from './wire-protocol.ts'

export interface PostgresStoreOptions {
  wire: WireOptions
  logger: Logger
  clock: Clock
  /** Threads that read, each with a connection of its own. */
  readers?: number
}

const DEFAULT_READERS = 2

/**
 * Opens the message store on a PostgreSQL-wire server, bringing its tables to the current format. Several nodes may
 * have the same one open.
 * @throws {TidemarkError} `database-unreachable`, `database-login-refused`, `database-no-rights`,
 *   `database-read-only`, `database-unsuitable`, `store-newer-than-code`
 */
export async function openPostgresStore(options: PostgresStoreOptions): Promise<EngineStore> {
  const { wire, logger } = options
  const listeners = new Set<(notices: readonly StoredNotice[]) => void>()
  let trouble: ErrorView | null = null
  const writer = new WorkerLink<WriterMethods>({
    url: workerUrl(import.meta.url, 'postgres-writer-worker'),
    workerData: wire,
    logger,
    onEvent: ({ event, value }: WorkerEvent) => {
      if (event === 'stored') for (const listener of listeners) listener(value as StoredNotice[])
      if (event === 'trouble') trouble = value as ErrorView | null
    },
  })
  await writer.call('ready', []).catch(async (error: unknown) => {
    await writer.close()
    throw error
  })
  const readers = new ReaderPool({ engine: 'postgres', wire }, options.readers ?? DEFAULT_READERS, logger)
  const care = createStoreCare({ writer, now: () => options.clock.now(), onBackupProgress: () => undefined })
  const housekeeping = startHousekeeping({ care, logger })

  let closing: Promise<void> | undefined
  const close = async (): Promise<void> => {
    await housekeeping.stop()
    await readers.close()
    await writer.call('close', []).catch((error: unknown) => {
      logger.warn({ err: error }, 'The message store was not closed in order')
    })
    await writer.close()
  }
  return {
    ...care,
    ...createStoreFront({ writer, readers, listeners }),
    status: () => ({ problem: trouble, integrity: 'unchecked' }),
    close: () => {
      closing ??= close()
      return closing
    },
  }
}
