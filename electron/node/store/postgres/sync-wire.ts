import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads'
import { workerUrl } from '../../../worker-url.ts'
import { PostgresError } from '../../postgres/postgres-error.ts'
import { STOPPING_ANSWER_MS } from '../limits.ts'
import type {
  WireAnswer,
  WireNotice,
  WireOptions,
  WireRequest,
  WireRows,
  WireWorkerData,
} from './wire-protocol.ts'

/**
 * A connection whose requests block the calling thread until the answer is there, so that the writer and the readers
 * of the store, which were written for SQLite, work over a server unchanged. For worker threads alone.
 *
 * A connection that is lost is made again by the next request. One that does not answer in time is given up with its
 * thread: the server may have stopped, or the network may swallow what is sent.
 */
export class SyncWire {
  readonly #options: WireOptions
  #worker: Worker | null = null
  #port: MessagePort | null = null
  /** It did not answer while the node ends: nothing is asked of it any more. */
  #isGivenUp = false
  #woken: Int32Array = new Int32Array(new SharedArrayBuffer(4))

  constructor(options: WireOptions) {
    this.#options = options
  }

  /**
   * @param timeoutMs how long the answer is waited for, where that is longer than usual
   * @throws {PostgresError} what the server or the connection says
   */
  request(request: WireRequest, timeoutMs = this.#options.answerTimeoutMs): WireRows {
    const port = this.#port ?? this.#start()
    Atomics.store(this.#woken, 0, 0)
    if (this.#isGivenUp) throw noAnswer('before its end')
    port.postMessage(request)
    const isAnswered = this.#isAnswered(timeoutMs)
    const received = receiveMessageOnPort(port) as { message: WireAnswer } | undefined
    if (!isAnswered || received === undefined) {
      this.#isGivenUp = this.#isStopping()
      this.#discard()
      throw noAnswer(`within ${timeoutMs} ms`)
    }
    if ('failure' in received.message) throw new PostgresError(received.message.failure)
    return received.message.ok
  }

  /**
   * Sends without waiting; what comes of it is told by the next request. Into nothing where the connection is gone.
   * A chunk is given away with the memory that it is in.
   */
  post(notice: WireNotice): void {
    this.#port?.postMessage(notice, notice.kind === 'copy-data' ? [notice.chunk.buffer as ArrayBuffer] : [])
  }

  /** Gives up a COPY that is under way: its rows are never seen. Does nothing where the connection is gone. */
  abortCopy(): void {
    if (this.#port === null || this.#isGivenUp) return
    try {
      this.request({ kind: 'copy-end', isAborted: true })
    } catch (error) {
      // That it was given up comes back as an error as well.
      if (!(error instanceof PostgresError)) throw error
    }
  }

  close(): void {
    if (this.#port === null) return
    try {
      this.request({ kind: 'end' })
    } catch (error) {
      // It is over either way.
      if (!(error instanceof PostgresError)) throw error
    }
    this.#discard()
  }

  #isStopping(): boolean {
    const { stopping } = this.#options
    return stopping !== undefined && Atomics.load(new Int32Array(stopping), 0) !== 0
  }

  /** Sleeps until the answer is there, or for as long as it may take; shorter from the moment the node ends. */
  #isAnswered(timeoutMs: number): boolean {
    let end = performance.now() + timeoutMs
    let isStopping = false
    for (;;) {
      if (!isStopping && this.#isStopping()) {
        isStopping = true
        end = Math.min(end, performance.now() + STOPPING_ANSWER_MS)
      }
      const leftMs = end - performance.now()
      if (leftMs <= 0) return false
      Atomics.wait(this.#woken, 0, 0, Math.min(leftMs, LOOK_INTERVAL_MS))
      if (Atomics.load(this.#woken, 0) !== 0) return true
    }
  }

  #start(): MessagePort {
    const { port1, port2 } = new MessageChannel()
    const signal = new SharedArrayBuffer(4)
    this.#woken = new Int32Array(signal)
    const data: WireWorkerData = { options: this.#options, signal, port: port2 }
    this.#worker = new Worker(workerUrl(import.meta.url, 'wire-worker'), {
      workerData: data,
      transferList: [port2],
    })
    // Its failure shows as a missing answer; without a listener it would end the process.
    this.#worker.on('error', () => undefined)
    this.#worker.unref()
    port1.unref()
    this.#port = port1
    return port1
  }

  #discard(): void {
    this.#port?.close()
    this.#port = null
    void this.#worker?.terminate()
    this.#worker = null
  }
}

/** How often one that sleeps looks whether the node ends, ms. */
const LOOK_INTERVAL_MS = 100

function noAnswer(within: string): PostgresError {
  return new PostgresError({
    code: 'ANSWER_TIMEOUT',
    message: `The database did not answer ${within}`,
    constraint: null,
    isLost: true,
  })
}
