import { type Transferable, Worker } from 'node:worker_threads'
import type { QuestionDesk } from './question-desk.ts'
import { END_DEADLINE_MS } from './verifier-limits.ts'
import type { VerifierWorkerData, WorkerEvent, WorkerRequest } from './verifier-protocol.ts'

/** What a batch came to; one that failed is to be sent again. */
export type BatchEvent = Extract<WorkerEvent, { kind: 'stored' | 'decided' | 'audited' | 'failed' }>

export interface VerifierThreadOptions {
  desk: QuestionDesk
  workerUrl: URL
  onBatch(event: BatchEvent): void
  /** The connection to the store's writer is gone; a new port is wanted. */
  onDisconnected(): void
  /** The worker has ended without being told to. */
  onDeath(error: Error): void
}

/** One verifier worker, from its start to its end. */
export class VerifierThread {
  readonly #options: VerifierThreadOptions
  readonly #worker: Worker
  readonly #exited: Promise<void>
  /** Not 0 once the worker is to take up no further batch. */
  readonly #ending = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT))
  #isEnded = false
  #error = new Error('The verifier worker ended')

  constructor(options: VerifierThreadOptions) {
    this.#options = options
    this.#worker = new Worker(options.workerUrl, {
      name: 'verifier',
      workerData: { ending: this.#ending } satisfies VerifierWorkerData,
    })
    this.#worker.on('message', (event: WorkerEvent) => this.#receive(event))
    this.#worker.on('error', (error: Error) => {
      this.#error = error
    })
    this.#exited = new Promise((resolve) => this.#worker.once('exit', () => resolve()))
    void this.#exited.then(() => {
      if (this.#isEnded) return
      this.#isEnded = true
      options.onDeath(this.#error)
    })
  }

  send(request: WorkerRequest, transfer: Transferable[] = []): void {
    if (!this.#isEnded) this.#worker.postMessage(request, transfer)
  }

  /**
   * Lets the worker finish the batch it is at, leave the others, and end by itself. Terminating a thread inside a
   * native add-on can take the whole process down, so that is left for a worker that does not answer.
   */
  async end(): Promise<void> {
    Atomics.store(this.#ending, 0, 1)
    this.send({ kind: 'end' })
    this.#isEnded = true
    const timer = setTimeout(() => void this.#worker.terminate(), END_DEADLINE_MS)
    await this.#exited
    clearTimeout(timer)
  }

  #receive(event: WorkerEvent): void {
    const { desk } = this.#options
    switch (event.kind) {
      case 'ask-permissions': {
        const { id, questions } = event
        void desk
          .answerPermissions(questions)
          .then((answers) => this.send({ kind: 'permissions', id, answers }))
        break
      }
      case 'ask-contracts': {
        const { id, questions } = event
        void desk.answerContracts(questions).then((answers) => this.send({ kind: 'contracts', id, answers }))
        break
      }
      case 'disconnected':
        this.#options.onDisconnected()
        break
      default:
        this.#options.onBatch(event)
    }
  }
}
