import { parentPort } from 'node:worker_threads'
import type { WorkerRequest } from '../../../electron/node/provenance/verifier-protocol.ts'

/** A verifier worker that dies of every batch which holds the word POISON, before it looks at the batch. */
const POISON = 'POISON'

if (parentPort === null) throw new Error('This is a worker')
const port = parentPort
const listen = port.on.bind(port)
port.on = ((event: 'message', listener: (request: WorkerRequest) => void) =>
  listen(event, (request: WorkerRequest) => {
    const isBatch = request.kind === 'store' || request.kind === 'decide'
    if (isBatch && Buffer.from(request.batch.buffer).includes(POISON)) process.exit(1)
    listener(request)
  })) as typeof port.on
await import('../../../electron/node/provenance/verifier-worker.ts')
