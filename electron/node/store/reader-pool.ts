import { TidemarkError } from '../../../shared/errors.ts'
import { workerUrl } from '../../worker-url.ts'
import type { Logger } from '../ports.ts'
import type { StoreLocation } from './reader-connection.ts'
import type { ReaderMethods } from './reader-worker.ts'
import { WorkerLink } from './worker-link.ts'
import type { Answer } from './worker-protocol.ts'

/**
 * Threads that read, each with its own connection. A call goes to the one with the least to do; a thread is started
 * when a call comes while all others are busy.
 */
export class ReaderPool {
  readonly #location: StoreLocation
  readonly #size: number
  readonly #logger: Logger
  readonly #refuse: () => Error | null
  readonly #readers: WorkerLink<ReaderMethods>[] = []

  /** @param refuse why nothing can be read at the moment: then no thread is made to find out */
  constructor(
    location: StoreLocation,
    size: number,
    logger: Logger,
    refuse: () => Error | null = () => null,
  ) {
    this.#refuse = refuse
    this.#location = location
    this.#size = size
    this.#logger = logger
  }

  /** A read changes nothing: one that a dying worker left unanswered is asked again, once. */
  async call<Name extends keyof ReaderMethods & string>(
    method: Name,
    ...args: Parameters<ReaderMethods[Name]>
  ): Promise<Answer<ReaderMethods, Name>> {
    const refused = this.#refuse()
    if (refused !== null) throw refused
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
    const [first, ...others] = this.#readers
    const idlest =
      first && others.reduce((best, reader) => (reader.pending < best.pending ? reader : best), first)
    if (idlest !== undefined && (idlest.pending === 0 || this.#readers.length >= this.#size)) return idlest
    const reader = new WorkerLink<ReaderMethods>({
      url: workerUrl(import.meta.url, 'reader-worker'),
      workerData: this.#location,
      logger: this.#logger,
    })
    this.#readers.push(reader)
    return reader
  }
}
