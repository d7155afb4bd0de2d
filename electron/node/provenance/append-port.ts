import { MessageChannel, type MessagePort } from 'node:worker_threads'
import { toErrorView } from '../../../shared/errors.ts'
import type { BatchDelivery, BatchReceipt } from '../message/batch-port.ts'
import { messageOfBatch, readVerifiedBatch } from '../message/verified-batch.ts'
import type { MessageStore } from '../ports.ts'

/** A store whose writer takes verified batches on a port of its own, past the thread that asks for it. */
export interface BatchStore extends Pick<MessageStore, 'append'> {
  batchPort?(): MessagePort | Promise<MessagePort>
}

/** The store's own port where it has one; else a port that unpacks each batch here and calls `append`. */
export async function openBatchPort(store: BatchStore): Promise<MessagePort> {
  if (store.batchPort !== undefined) return store.batchPort()
  const { port1, port2 } = new MessageChannel()
  port1.on('message', (delivery: BatchDelivery) => {
    void append(store, delivery).then((receipt) => port1.postMessage(receipt))
  })
  return port2
}

async function append(store: BatchStore, { id, buffer }: BatchDelivery): Promise<BatchReceipt> {
  try {
    const batch = readVerifiedBatch(buffer)
    const messages = Array.from({ length: batch.messages }, (_, at) => messageOfBatch(batch, at))
    return { id, result: await store.append(messages, batch.refused) }
  } catch (error) {
    return { id, error: toErrorView(error) }
  }
}
