import { Worker } from 'node:worker_threads'
import { workerUrl } from '../../../worker-url.ts'
import { abortedError } from '../aborted.ts'
import type { IntegrityWorkerData } from './integrity-worker.ts'

/** Checks a file in a thread of its own; what is wrong with it, in words. Aborting ends the thread. */
export async function checkInBackground(file: string, signal: AbortSignal): Promise<string[]> {
  signal.throwIfAborted()
  const workerData: IntegrityWorkerData = { file }
  const worker = new Worker(workerUrl(import.meta.url, 'integrity-worker'), { workerData })
  const { promise, resolve, reject } = Promise.withResolvers<string[]>()
  const onAbort = (): void => reject(abortedError())
  signal.addEventListener('abort', onAbort, { once: true })
  worker.once('message', resolve)
  worker.once('error', reject)
  worker.once('exit', () => reject(new Error('The integrity check ended without an answer')))
  try {
    return await promise
  } finally {
    signal.removeEventListener('abort', onAbort)
    await worker.terminate()
  }
}
