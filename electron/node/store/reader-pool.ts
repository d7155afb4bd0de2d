import { TidemarkError } from '../../../shared/errors.ts'
import { workerUrl } from '../../worker-url.ts'
import type { Logger } from '../ports.ts'
import type { ReaderMethods, ReaderWorkerData } from './reader-worker.ts'
import { WorkerLink } from './worker-link.ts'
import type { Answer } from './worker-protocol.ts'

/** Threads that read, each with its own connection. A call goes to the one with the least to do. */
export class ReaderPool {
  readonly #readers: WorkerLink<ReaderMethods>[]

  constructor(workerData: ReaderWorkerData, size: number, logger: Logger) {
    this.#readers = Array.from(
      { length: size },
      () =>
        new WorkerLink<ReaderMethods>({
          url: workerUrl(import.meta.url, 'reader-worker'),
          workerData,
          logger,
        }),
    )
  }

  /** A read changes nothing: one that a dying worker left unanswered is asked again, once. */
  async call<Name extends keyof ReaderMethods & string>(
    method: Name,
    ...args: Parameters<ReaderMethods[Name]>
  ): Promise<Answer<ReaderMethods, Name>> {
    try {
      return await this.#leastBusy().call(method, args)
    } catch (error) {
      if (error instanceof TidemarkError && error.code === 'not-running') {
        return this.#leastBusy().call(method, args)
      }
      throw error
    }
  }

  async close(): Promise<void> {
    await Promise.all(
      this.#readers.map(async (reader) => {
        await reader.call('close', []).catch(() => undefined)
        await reader.close()
      }),
    )
  }

  #leastBusy(): WorkerLink<ReaderMethods> {
    return this.#readers.reduce((best, reader) => (reader.pending < best.pending ? reader : best))
  }
}
