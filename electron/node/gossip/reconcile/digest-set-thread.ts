import { Worker } from 'node:worker_threads'
import { workerUrl } from '../../../worker-url.ts'
import type { DigestColumns } from '../ports.ts'
import type { GolombSet } from '../riblt/golomb-set.ts'
import type { SessionKey } from '../riblt/short-ids.ts'
import type { DecodeStep, ListMatch, PickedMessages } from './digest-set.ts'
import { fromErrorShape, type SetAnswer, type SetCall, type SetRequest } from './digest-set-protocol.ts'
import type { OpenDigestSet } from './digest-sets.ts'

/** A set of the thread that is being put together. */
export interface BegunDigestSet {
  /** Indexes of the buckets that the thread does not have and needs to be given. */
  readonly missing: readonly number[]
  append(columns: DigestColumns): Promise<void>
  finish(key: SessionKey): Promise<OpenDigestSet>
  close(): void
}

interface Pending {
  resolve(value: unknown): void
  reject(error: Error): void
}

/** The thread for large sets: started with the first of them, and again after it has died. */
export class DigestSetThread {
  readonly #cacheBytes: number
  readonly #pending = new Map<number, Pending>()
  #worker: Worker | undefined
  #calls = 0
  #sets = 0

  constructor(cacheBytes: number) {
    this.#cacheBytes = cacheBytes
  }

  async begin(part: string, levelMs: number, keys: readonly string[]): Promise<BegunDigestSet> {
    this.#sets += 1
    const set = this.#sets
    const missing = await this.#ask<number[]>({ do: 'begin', set, part, levelMs, keys })
    const close = (): void => this.#post({ do: 'close', set })
    return {
      missing,
      append: (columns) => this.#ask({ do: 'append', set, columns }),
      finish: async (key) => {
        const size = await this.#ask<number>({ do: 'finish', set, key })
        return {
          size,
          cellsTo: (total) => this.#ask<Uint8Array>({ do: 'cellsTo', set, total }),
          addCells: (bytes, total, remoteSize) =>
            this.#ask<DecodeStep>({ do: 'addCells', set, bytes, total, remoteSize }),
          list: (bits) => this.#ask<GolombSet>({ do: 'list', set, bits }),
          matchList: (list) => this.#ask<ListMatch>({ do: 'matchList', set, list }),
          select: (naming) => this.#ask<PickedMessages>({ do: 'select', set, naming }),
          close,
        }
      },
      close,
    }
  }

  async close(): Promise<void> {
    const worker = this.#worker
    this.#end(new Error('The digest-set thread was closed.'))
    await worker?.terminate()
  }

  #ask<T>(request: SetRequest): Promise<T> {
    const worker = this.#running()
    this.#calls += 1
    const call = this.#calls
    // The thread keeps the process alive only while it owes an answer.
    worker.ref()
    return new Promise<T>((resolve, reject) => {
      this.#pending.set(call, { resolve: resolve as (value: unknown) => void, reject })
      worker.postMessage({ call, request } satisfies SetCall)
    })
  }

  /** For what needs no answer; nothing to do when the thread is gone. */
  #post(request: SetRequest): void {
    this.#worker?.postMessage({ call: 0, request } satisfies SetCall)
  }

  #running(): Worker {
    if (this.#worker !== undefined) return this.#worker
    const worker = new Worker(workerUrl(import.meta.url, 'digest-set-worker'), {
      name: 'digest-sets',
      workerData: { cacheBytes: this.#cacheBytes },
    })
    worker.on('message', (answer: SetAnswer) => this.#settle(answer))
    worker.on('error', (error) => this.#end(error instanceof Error ? error : new Error(String(error))))
    worker.on('exit', () => {
      if (this.#worker === worker) this.#end(new Error('The digest-set thread has ended.'))
    })
    this.#worker = worker
    return worker
  }

  #settle(answer: SetAnswer): void {
    const pending = this.#pending.get(answer.call)
    this.#pending.delete(answer.call)
    if (this.#pending.size === 0) this.#worker?.unref()
    if ('error' in answer) pending?.reject(fromErrorShape(answer.error))
    else pending?.resolve(answer.value)
  }

  #end(error: Error): void {
    this.#worker = undefined
    for (const pending of this.#pending.values()) pending.reject(error)
    this.#pending.clear()
  }
}
