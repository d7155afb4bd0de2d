import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'

/** What one thread answers: recoveries a second, and what one costs its processor, µs. */
export interface RecoverRate {
  perSecond: number
  cpuMicros: number
}

/** Threads on all cores that do nothing but recover, whenever they are asked to. */
export interface RecoverLimit extends AsyncDisposable {
  /** Native secp256k1 recoveries a second of all cores together, and the mean cost of one. */
  measure(durationMs: number): Promise<RecoverRate>
}

export async function openRecoverLimit(): Promise<RecoverLimit> {
  const workers = Array.from(
    { length: availableParallelism() },
    () => new Worker(new URL('./recover-worker.ts', import.meta.url)),
  )
  await Promise.all(workers.map((worker) => once(worker, 'message')))
  return {
    measure: async (durationMs) => {
      const rates = await Promise.all(
        workers.map(async (worker) => {
          worker.postMessage(durationMs)
          const [rate] = (await once(worker, 'message')) as [RecoverRate]
          return rate
        }),
      )
      return {
        perSecond: rates.reduce((sum, { perSecond }) => sum + perSecond, 0),
        cpuMicros: rates.reduce((sum, { cpuMicros }) => sum + cpuMicros, 0) / rates.length,
      }
    },
    [Symbol.asyncDispose]: async () => {
      const exits = workers.map((worker) => once(worker, 'exit'))
      for (const worker of workers) worker.postMessage('end')
      await Promise.all(exits)
    },
  }
}

/** Native secp256k1 recoveries a second, on all cores together for the given time. */
export async function recoveriesPerSecond(durationMs: number): Promise<number> {
  await using limit = await openRecoverLimit()
  return (await limit.measure(durationMs)).perSecond
}
