import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import { toErrorView } from '../../../shared/errors.ts'
import type { BatchDelivery, BatchReceipt } from '../message/batch-port.ts'
import type { AppendResult, StoredNotice } from '../ports.ts'
import { openForWriting } from './database.ts'
import { migrate } from './migrate.ts'
import { toStoreError } from './store-errors.ts'
import type { WorkerEvent, WorkerMethods } from './worker-protocol.ts'
import { serve } from './worker-service.ts'
import { AppendQueue } from './write/append-queue.ts'
import type { Decision } from './write/decider.ts'
import type { RebuildProgress } from './write/rebuilder.ts'
import { StoreWriter } from './write/store-writer.ts'

export interface WriterWorkerData {
  file: string
}

/** What the writer thread does when it is called. */
export type WriterMethods = ReturnType<typeof createMethods>

function tell(event: string, value: unknown): void {
  parentPort?.postMessage({ event, value } satisfies WorkerEvent)
}

function createMethods({ file }: WriterWorkerData) {
  const db = openForWriting(file)
  migrate(db)
  const writer = new StoreWriter(db)
  const queue = new AppendQueue({
    append: (batches) => writer.append(batches),
    onNotices: (notices) => tell('stored', notices),
    onTrouble: (error) => tell('trouble', error === null ? null : toErrorView(toStoreError(error))),
  })
  const telling = (notices: StoredNotice[]): StoredNotice[] => {
    if (notices.length > 0) tell('stored', notices)
    return notices
  }
  return {
    /** Answers when the file is open and of the current format. */
    ready: (): void => undefined,

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

    decide: (decisions: readonly Decision[]): StoredNotice[] => telling(writer.decide(decisions)),

    rebuildSlice: (progress: RebuildProgress): RebuildProgress | null => writer.rebuildSlice(progress),
    parts: (): string[] => writer.parts(),

    close: (): void => {
      db.close()
    },
  }
}

/** Methods that work, or ones that say why none does: so the reason reaches whoever opens the store. */
function createOrFail(data: WriterWorkerData): WorkerMethods {
  try {
    return createMethods(data)
  } catch (error) {
    return {
      ready: () => {
        throw error
      },
    }
  }
}

if (parentPort !== null) serve(parentPort, createOrFail(workerData as WriterWorkerData))
