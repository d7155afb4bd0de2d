import type { ErrorView } from '../../../../shared/errors.ts'
import { workerUrl } from '../../../worker-url.ts'
import type { Clock, Logger, PartStatistics, StoredNotice } from '../../ports.ts'
import { startHousekeeping } from '../care/housekeeping.ts'
import { MAX_SPOOL_BYTES } from '../limits.ts'
import type { StoreLocation } from '../reader-connection.ts'
import { ReaderPool } from '../reader-pool.ts'
import { createStoreCare } from '../store-care.ts'
import { createStoreFront, type EngineStore } from '../store-front.ts'
import { WorkerLink } from '../worker-link.ts'
import type { WorkerEvent } from '../worker-protocol.ts'
import type { WriterMethods } from '../writer-worker.ts'
import type { PostgresWriterData } from './postgres-writer-worker.ts'
import { type SpoolNews, SpoolWatch } from './spool-watch.ts'
import type { WireOptions } from './wire-protocol.ts'

export interface PostgresStoreOptions {
  wire: WireOptions
  /** Where messages wait while the database is away. In the data folder: it is one node's own. */
  spoolFile: string
  /** Most bytes that wait there; `MAX_SPOOL_BYTES` when not given. */
  maxSpoolBytes?: number
  logger: Logger
  clock: Clock
  /** Threads that read, each with a connection of its own; as the server's settings say when not given. */
  readers?: number
}

/**
 * Opens the message store on a PostgreSQL-wire server, bringing its tables to the current format. Several nodes may
 * have the same one open. A server that cannot be reached is waited for: until it is there messages go to the spool.
 * @throws {TidemarkError} `database-login-refused`, `database-no-rights`, `database-read-only`,
 *   `database-unsuitable`, `store-newer-than-code`
 */
export async function openPostgresStore(options: PostgresStoreOptions): Promise<EngineStore> {
  const { spoolFile, maxSpoolBytes = MAX_SPOOL_BYTES, logger, clock } = options
  const wire = { stopping: new SharedArrayBuffer(4), ...options.wire }
  const listeners = new Set<(notices: readonly StoredNotice[]) => void>()
  const watch = new SpoolWatch()
  const writer = new WorkerLink<WriterMethods>({
    url: workerUrl(import.meta.url, 'postgres-writer-worker'),
    workerData: { wire, spoolFile, maxSpoolBytes } satisfies PostgresWriterData,
    logger,
    onEvent: ({ event, value }: WorkerEvent) => {
      if (event === 'stored') for (const listener of listeners) listener(value as StoredNotice[])
      if (event === 'trouble') watch.trouble(value as ErrorView | null)
      if (event === 'spool') watch.changed(value as SpoolNews)
    },
  })
  await writer.call('ready', []).catch(async (error: unknown) => {
    await writer.close()
    throw error
  })
  const location: StoreLocation = { engine: 'postgres', wire }
  const readers = new ReaderPool(location, options.readers ?? wire.readers, logger, () => watch.away())
  const care = createStoreCare({ writer, now: () => clock.now(), onBackupProgress: () => undefined })
  const housekeeping = startHousekeeping({ care, logger })
  const front = createStoreFront({ writer, readers, listeners })

  let closing: Promise<void> | undefined
  const close = async (): Promise<void> => {
    if (wire.stopping !== undefined) Atomics.store(new Int32Array(wire.stopping), 0, 1)
    await housekeeping.stop()
    await readers.close()
    await writer.call('close', []).catch((error: unknown) => {
      logger.warn({ err: error }, 'The message store was not closed in order')
    })
    await writer.close()
  }
  let known: PartStatistics[] = []
  return {
    ...care,
    ...front,
    // Told as last known while the database is away: the node's own state is shown every second, with the reason.
    async statistics() {
      if (watch.away() === null) known = await front.statistics()
      return known
    },
    status: () => ({ problem: watch.problem(), integrity: 'unchecked', spool: watch.status() }),
    close: () => {
      closing ??= close()
      return closing
    },
  }
}
