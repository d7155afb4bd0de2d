import { MessageChannel, type MessagePort } from 'node:worker_threads'
import type { ErrorView } from '../../../shared/errors.ts'
import { streamPartId } from '../../../shared/message.ts'
import { verdictCode, verdictReasonCode } from '../../../shared/verdict.ts'
import { workerUrl } from '../../worker-url.ts'
import { encodeVerifiedBatch } from '../message/verified-batch.ts'
import type {
  Clock,
  Logger,
  MessageQuery,
  MessageStore,
  StoredMessage,
  StoredNotice,
  VerdictUpdate,
} from '../ports.ts'
import { abortable } from './aborted.ts'
import type { BackupProgress } from './care/backup.ts'
import { startHousekeeping } from './care/housekeeping.ts'
import { watchIntegrity } from './care/integrity-watch.ts'
import { readFramePages } from './frame-pages.ts'
import { unpackPage } from './message-page.ts'
import { readPages } from './query-pages.ts'
import { ReaderPool } from './reader-pool.ts'
import { createStoreCare, type StoreCare } from './store-care.ts'
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
}

export interface StoreStatus {
  /** Set while new messages cannot be stored, or when the file was found damaged. */
  problem: ErrorView | null
  /** `unchecked` after a stop in order: there is nothing to be afraid of. */
  integrity: 'unchecked' | 'checking' | 'whole' | 'damaged'
}

/** What an engine may leave out, and this one does not. */
type Optional = 'frames' | 'fleet' | 'contentKeys' | 'openContents' | 'heldBack'

/** The embedded engine behind `MessageStore`: SQLite in worker threads. */
export interface SqliteStore
  extends Omit<MessageStore, Optional>,
    Required<Pick<MessageStore, Optional>>,
    StoreCare {
  /**
   * A port that takes encoded batches straight to the writer, see `message/batch-port.ts`; to be transferred to
   * the thread that makes them. It closes when the writer ends: ask for another one then.
   */
  batchPort(): Promise<MessagePort>
  status(): StoreStatus
}

const DEFAULT_READERS = 2

/**
 * Opens the message store of a data folder, bringing its file to the current format.
 * @throws {TidemarkError} `store-newer-than-code`, `store-damaged`, `data-folder-unusable`, `disk-full`
 */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<SqliteStore> {
  const { file, logger } = options
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
  const readers = new ReaderPool({ file }, options.readers ?? DEFAULT_READERS, logger)
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
    append: async (messages, refused = []) => {
      const buffer = encodeVerifiedBatch(messages, refused)
      return writer.call('append', [buffer], [buffer])
    },
    batchPort: async () => {
      const { port1, port2 } = new MessageChannel()
      await writer.call('connect', [port1], [port1])
      return port2
    },
    query: (query: MessageQuery, signal?: AbortSignal): AsyncIterable<StoredMessage[]> =>
      readPages(readers, query, signal),
    contentKeys: () => readers.call('contentKeys'),
    openContents: (keys, opened) => writer.call('openContents', [keys, opened]),
    frames: (query, signal) => readFramePages(readers, query, signal),
    get: async (id) => unpackPage(await readers.call('get', id), streamPartId(id.streamId, id.partition)),
    neighbours: (id) => readers.call('neighbours', id),
    gaps: (part, limit) => readers.call('gaps', part, limit),
    statistics: () => readers.call('statistics'),
    publishers: (part) => readers.call('publishers', part),
    fields: (part) => readers.call('fields', part),
    chart: (query, signal) => abortable(readers.call('chart', query), signal),
    states: (query, signal) => abortable(readers.call('states', query), signal),
    fleet: (query, signal) => abortable(readers.call('fleet', query), signal),
    timeline: (part, from, to, maxBuckets) => readers.call('timeline', part, from, to, maxBuckets),
    fingerprints: (part, levelMs, from, to) => readers.call('fingerprints', part, levelMs, from, to),
    heldBack: async (part, from, to, limit) =>
      unpackPage(await readers.call('heldBack', part, from, to, limit), part),
    pending: async (limit, after) => {
      const runs = await readers.call('pending', limit, after)
      return runs.flatMap(({ part, page }) => unpackPage(page, part))
    },
    decide: (updates) => writer.call('decide', [updates.map(toDecision)]),
    onStored: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    status: () => ({ problem: trouble ?? integrity.problem(), integrity: integrity.state() }),
    close: () => {
      closing ??= close()
      return closing
    },
  }
}

function toDecision({ id, digest, verdict, reason, raw }: VerdictUpdate) {
  const { timestamp, sequence, publisher, chain } = id
  return {
    part: streamPartId(id.streamId, id.partition),
    key: { timestamp, sequence, publisher, chain, digest: Buffer.from(digest) },
    verdict: verdictCode(verdict),
    reason: verdictReasonCode(reason),
    raw,
  }
}
