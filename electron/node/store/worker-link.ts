import { type Transferable, Worker } from 'node:worker_threads'
import { TidemarkError } from '../../../shared/errors.ts'
import type { Logger } from '../ports.ts'
import {
  type Answer,
  END,
  type WorkerAnswer,
  type WorkerCall,
  type WorkerEvent,
  type WorkerMethods,
} from './worker-protocol.ts'

interface Waiting {
  resolve(value: unknown): void
  reject(error: Error): void
}

export interface WorkerLinkOptions {
  url: URL
  workerData: unknown
  logger: Logger
  onEvent?: (event: WorkerEvent) => void
  /** The worker ended unasked; a new one has been started. */
  onRestart?: () => void
}

/** A worker that ends more often than this within `RESTART_WINDOW_MS` is not started again: it would not help. */
const MAX_RESTARTS = 8
const RESTART_WINDOW_MS = 60_000

/** Longest wait for a worker to end by itself, ms; one that is in the middle of a long read or write is terminated. */
const END_DEADLINE_MS = 1_500

/**
 * A worker thread whose methods are called as promises. A worker that dies is started again; calls it had not
 * answered are rejected.
 */
export class WorkerLink<Methods extends WorkerMethods> {
  readonly #options: WorkerLinkOptions
  readonly #waiting = new Map<number, Waiting>()
  readonly #restarts: number[] = []
  #worker: Worker
  #lastId = 0
  #isClosing = false
  #hasExited = false

  constructor(options: WorkerLinkOptions) {
    this.#options = options
    this.#worker = this.#start()
  }

  /** Calls not answered yet. */
  get pending(): number {
    return this.#waiting.size
  }

  call<Name extends keyof Methods & string>(
    method: Name,
    args: Parameters<Methods[Name]>,
    transfer: Transferable[] = [],
  ): Promise<Answer<Methods, Name>> {
    if (this.#isClosing) return Promise.reject(workerGone())
    const { promise, resolve, reject } = Promise.withResolvers<Answer<Methods, Name>>()
    const id = ++this.#lastId
    this.#waiting.set(id, { resolve: resolve as (value: unknown) => void, reject })
    this.#worker.postMessage({ id, method, args } satisfies WorkerCall, transfer)
    return promise
  }

  /**
   * Ends the worker; calls it had not answered are rejected. It is asked to end by itself first: terminating a thread
   * inside a native add-on can take the whole process down.
   */
  async close(): Promise<void> {
    this.#isClosing = true
    const worker = this.#worker
    if (!this.#hasExited) {
      const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()))
      worker.postMessage(END)
      const timer = setTimeout(() => void worker.terminate(), END_DEADLINE_MS)
      await exited
      clearTimeout(timer)
    }
    this.#rejectAll()
  }

  #start(): Worker {
    const worker = new Worker(this.#options.url, { workerData: this.#options.workerData })
    worker.on('message', (message: WorkerAnswer | WorkerEvent) => this.#receive(message))
    worker.on('error', (error) => this.#options.logger.error({ err: error }, 'A store worker failed'))
    worker.on('exit', (code) => this.#onExit(worker, code))
    return worker
  }

  #receive(message: WorkerAnswer | WorkerEvent): void {
    if ('event' in message) {
      this.#options.onEvent?.(message)
      return
    }
    const waiting = this.#waiting.get(message.id)
    this.#waiting.delete(message.id)
    if (!('error' in message)) {
      waiting?.resolve(message.value)
      return
    }
    const { code, message: sentence, remedy } = message.error
    if (message.detail !== null) this.#options.logger.warn({ code, detail: message.detail }, sentence)
    waiting?.reject(new TidemarkError(code, sentence, remedy))
  }

  #onExit(worker: Worker, code: number): void {
    if (worker !== this.#worker) return
    this.#hasExited = true
    if (this.#isClosing) return
    this.#options.logger.error({ code }, 'A store worker ended; it is started again')
    const now = Date.now()
    this.#restarts.push(now)
    while ((this.#restarts[0] ?? now) < now - RESTART_WINDOW_MS) this.#restarts.shift()
    if (this.#restarts.length <= MAX_RESTARTS) {
      this.#worker = this.#start()
      this.#hasExited = false
    } else this.#isClosing = true
    this.#rejectAll()
    if (!this.#isClosing) this.#options.onRestart?.()
  }

  #rejectAll(): void {
    const waiting = [...this.#waiting.values()]
    this.#waiting.clear()
    for (const { reject } of waiting) reject(workerGone())
  }
}

function workerGone(): TidemarkError {
  return new TidemarkError(
    'not-running',
    'The message store’s worker is not running.',
    'It is started again by itself unless Tidemark is being stopped: try once more.',
  )
}
