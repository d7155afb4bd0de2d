import { MessageChannel, type MessagePort } from 'node:worker_threads'
import type { SpoolStatus } from '../../../shared/database.ts'
import type { ErrorView } from '../../../shared/errors.ts'
import { streamPartId } from '../../../shared/message.ts'
import { verdictCode, verdictReasonCode } from '../../../shared/verdict.ts'
import { encodeVerifiedBatch } from '../message/verified-batch.ts'
import type { MessageQuery, MessageStore, StoredMessage, StoredNotice, VerdictUpdate } from '../ports.ts'
import { abortable } from './aborted.ts'
import { readFramePages } from './frame-pages.ts'
import { unpackPage } from './message-page.ts'
import { readPages } from './query-pages.ts'
import type { ReaderPool } from './reader-pool.ts'
import type { StoreCare } from './store-care.ts'
import type { WorkerLink } from './worker-link.ts'
import type { WriterMethods } from './writer-worker.ts'

export interface StoreStatus {
  /** Set while new messages cannot be stored, or when the file was found damaged. */
  problem: ErrorView | null
  /** `unchecked` after a stop in order: there is nothing to be afraid of. */
  integrity: 'unchecked' | 'checking' | 'whole' | 'damaged'
  /** What waits for a database server on this machine's disk; null where there is none. */
  spool: SpoolStatus | null
}

/** What an engine may leave out, and these do not. */
type Optional = 'frames' | 'fleet' | 'contentKeys' | 'openContents' | 'heldBack'

/** A message store in worker threads, on any engine. */
export interface EngineStore
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

type Listener = (notices: readonly StoredNotice[]) => void

export interface StoreFrontOptions {
  writer: WorkerLink<WriterMethods>
  readers: ReaderPool
  listeners: Set<Listener>
}

/** What callers see of a store's threads: every method goes to the writer, or to a reader with time. */
export function createStoreFront({
  writer,
  readers,
  listeners,
}: StoreFrontOptions): Omit<EngineStore, keyof StoreCare | 'status' | 'close'> {
  return {
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
