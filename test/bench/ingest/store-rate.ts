import { MessageChannel, type MessagePort } from 'node:worker_threads'
import type { BatchDelivery, BatchReceipt } from '../../../electron/node/message/batch-port.ts'
import { readVerifiedBatch } from '../../../electron/node/message/verified-batch.ts'
import type { RawMessage } from '../../../electron/node/ports.ts'
import { createVerifierPool } from '../../../electron/node/provenance/verifier-pool.ts'
import type { EngineStore } from '../../../electron/node/store/store-front.ts'
import { everyoneMayPublish, ingest, logger } from './parts.ts'

const NOTHING_SPECIAL = { duplicates: 0, quarantined: 0, equivocations: 0, held: 0, declined: 0, parts: [] }

/** Verifies messages and keeps the batches instead of storing them, in the order of their messages. */
export async function verifiedBatches(messages: readonly RawMessage[]): Promise<ArrayBuffer[]> {
  const batches: ArrayBuffer[] = []
  const store = {
    append: () => Promise.reject(new Error('batches go by their port')),
    batchPort(): MessagePort {
      const { port1, port2 } = new MessageChannel()
      port1.on('message', ({ id, buffer }: BatchDelivery) => {
        batches.push(buffer)
        const stored = readVerifiedBatch(buffer).messages
        port1.postMessage({ id, result: { stored, ...NOTHING_SPECIAL } } satisfies BatchReceipt)
      })
      return port2
    },
  }
  const contractSignatures = { check: async () => 'unavailable' as const }
  const pool = createVerifierPool({ store, permissions: everyoneMayPublish, contractSignatures, logger })
  await pool.start()
  await ingest(pool, messages)
  await pool.stop()
  const firstTime = (batch: ArrayBuffer): number => readVerifiedBatch(batch).timestamps[0] ?? 0
  return batches.sort((a, b) => firstTime(a) - firstTime(b))
}

/** Has a store take verified batches as fast as it does; seconds until the last is on disk. */
export async function storeBatches(store: EngineStore, batches: readonly ArrayBuffer[]): Promise<number> {
  const port = await store.batchPort()
  try {
    let waiting = batches.length
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    port.on('message', (receipt: BatchReceipt) => {
      if ('error' in receipt) reject(new Error(receipt.error.message))
      waiting -= 1
      if (waiting === 0) resolve()
    })
    const start = performance.now()
    batches.forEach((buffer, id) => {
      port.postMessage({ id, buffer } satisfies BatchDelivery, [buffer])
    })
    await promise
    return (performance.now() - start) / 1_000
  } finally {
    port.close()
  }
}
