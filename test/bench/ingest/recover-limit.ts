import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'

/** Native secp256k1 recoveries a second, on all cores together for the given time. */
export async function recoveriesPerSecond(durationMs: number): Promise<number> {
  const workers = Array.from(
    { length: availableParallelism() },
    () => new Worker(new URL('./recover-worker.ts', import.meta.url), { workerData: { durationMs } }),
  )
  await Promise.all(workers.map((worker) => once(worker, 'message')))
  const rates = workers.map(async (worker) => {
    worker.postMessage('start')
    const [rate] = (await once(worker, 'message')) as [number]
    await once(worker, 'exit')
    return rate
  })
  return (await Promise.all(rates)).reduce((sum, rate) => sum + rate, 0)
}
