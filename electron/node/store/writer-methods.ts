import type { MessagePort } from 'node:worker_threads'
import { toErrorView } from '../../../shared/errors.ts'
import type { BatchDelivery, BatchReceipt } from '../message/batch-port.ts'
import type { VerifiedBatch } from '../message/verified-batch.ts'
import type { AppendResult, ContentKeyRecord, OpenedMessage, StoredNotice } from '../ports.ts'
import { toStoreError } from './store-errors.ts'
import { AppendQueue } from './write/append-queue.ts'
import type { Decision } from './write/decider.ts'
import type { RebuildProgress } from './write/rebuilder.ts'
import type { Dropped, RetentionLimits } from './write/retention.ts'
import type { StoreWriter } from './write/store-writer.ts'

export interface WriterMethodsOptions {
  writer: StoreWriter
  /** Tells the thread that owns the writer. */
  tell(event: 'stored' | 'trouble', value: unknown): void
  /** Stores batches; on disk when it returns. */
  append(batches: readonly VerifiedBatch[], buffers: readonly ArrayBuffer[]): AppendResult[]
  /** Runs a transaction, again where that is what the engine asks for. */
  transact<T>(work: () => T): T
  /** Whether this node is the one that does the housekeeping at the moment. */
  isKeeper(): boolean
}

/** What a writer thread does when it is called, whatever engine it writes to. */
export function createWriterMethods({ writer, tell, append, transact, isKeeper }: WriterMethodsOptions) {
  const queue = new AppendQueue({
    append,
    onNotices: (notices) => tell('stored', notices),
    onTrouble: (error) => tell('trouble', error === null ? null : toErrorView(toStoreError(error))),
  })
  const telling = (notices: StoredNotice[]): StoredNotice[] => {
    if (notices.length > 0) tell('stored', notices)
    return notices
  }
  const methods = {
    append: (buffer: ArrayBuffer): Promise<AppendResult> =>
      new Promise((resolve, reject) => {
        queue.push({ buffer, onStored: resolve, onFailed: reject })
      }),

    /** Takes batches from a port until it is closed. */
    connect: (port: MessagePort): void => {
      port.on('message', ({ id, buffer }: BatchDelivery) => {
        queue.push({
          buffer,
          onStored: (result) => port.postMessage({ id, result } satisfies BatchReceipt),
          onFailed: (error) => {
            port.postMessage({ id, error: toErrorView(toStoreError(error)) } satisfies BatchReceipt)
          },
        })
      })
    },

    openContents: (keys: readonly ContentKeyRecord[], opened: readonly OpenedMessage[]): StoredNotice[] =>
      telling(transact(() => writer.openContents(keys, opened))),
    decide: (decisions: readonly Decision[]): StoredNotice[] =>
      telling(transact(() => writer.decide(decisions))),
    releaseHeld: (now: number): StoredNotice[] =>
      isKeeper() ? telling(transact(() => writer.releaseHeld(now))) : [],
    setRetention: (part: string, limits: RetentionLimits): void =>
      transact(() => writer.setRetention(part, limits)),
    retention: (part: string): RetentionLimits => transact(() => writer.retention(part)),
    retentionSlice: (now: number): Dropped | null =>
      isKeeper() ? transact(() => writer.retentionSlice(now)) : null,
    rebuildSlice: (progress: RebuildProgress): RebuildProgress | null =>
      transact(() => writer.rebuildSlice(progress)),
    parts: (): string[] => transact(() => writer.parts()),
  }
  return { methods, flush: () => queue.flush() }
}
