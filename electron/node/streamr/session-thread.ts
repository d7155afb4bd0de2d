import { setTimeout as delay } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { type ErrorView, TidemarkError } from '../../../shared/errors.ts'
import { workerUrl } from '../../worker-url.ts'
import type { Logger } from '../ports.ts'
import type {
  SessionConfig,
  SessionEvent,
  SessionMethod,
  SessionRequest,
  StreamrSession,
} from './session-protocol.ts'

/** Joining the network takes half a second here and some seconds on the Internet. */
const START_TIMEOUT_MS = 60_000
/** Leaving tells the neighbours; they find out by themselves too. */
const STOP_TIMEOUT_MS = 1_500
/** A transaction on a public chain may wait minutes for its block. */
const CALL_TIMEOUT_MS = 300_000

/** What a session tells by itself, apart from answers. */
export type SessionNews = Extract<SessionEvent, { kind: 'messages' | 'neighbours' | 'refused' }>

export interface SessionThreadOptions {
  config: SessionConfig
  maxHeapMegabytes?: number | undefined
  logger: Logger
  onNews(news: SessionNews): void
}

/** A small nursery: what the client throws away is collected before the heap grows for it. */
function heapLimits(maxHeapMegabytes: number) {
  return { maxOldGenerationSizeMb: maxHeapMegabytes, maxYoungGenerationSizeMb: 4 }
}

interface PendingCall {
  resolve(value: unknown): void
  reject(error: unknown): void
  timer: NodeJS.Timeout
}

function toError(report: ErrorView | string): Error {
  if (typeof report === 'string') return new Error(report)
  return new TidemarkError(report.code, report.message, report.remedy)
}

export function notRunning(): TidemarkError {
  return new TidemarkError(
    'not-running',
    'The connection to the Streamr network is down at the moment.',
    'It is made again by itself; try again in a moment.',
  )
}

/**
 * One Streamr client in a thread of its own, for as long as the thread lives. The window thread stays free; and
 * the SDK, which sets handlers for signals and unhandled errors that end the process it is in, ends its thread
 * at most.
 */
export class SessionThread {
  readonly #worker: Worker
  readonly #onNews: (news: SessionNews) => void
  readonly #calls = new Map<number, PendingCall>()
  readonly #ready = Promise.withResolvers<void>()
  #nextCallId = 1
  #ended = false
  /** Resolves when the thread has ended, whoever ended it. */
  readonly exited: Promise<void>

  private constructor({ config, maxHeapMegabytes, logger, onNews }: SessionThreadOptions) {
    this.#onNews = onNews
    this.#worker = new Worker(workerUrl(import.meta.url, 'session-worker'), {
      workerData: config,
      ...(maxHeapMegabytes === undefined ? {} : { resourceLimits: heapLimits(maxHeapMegabytes) }),
      // The SDK reads its log level when it is loaded, and writes to stdout, which is not its to write to.
      env: { ...process.env, LOG_LEVEL: 'silent', DISABLE_PRETTY_LOG: 'true' },
      stdout: true,
      stderr: true,
    })
    this.#worker.on('message', (event: SessionEvent) => this.#receive(event))
    this.#worker.on('error', (error) => {
      logger.error({ error }, 'the Streamr client failed')
      this.#ready.reject(error)
    })
    this.exited = new Promise((resolve) => {
      this.#worker.once('exit', () => {
        this.#ended = true
        this.#ready.reject(notRunning())
        for (const id of [...this.#calls.keys()]) this.#settle(id, (call) => call.reject(notRunning()))
        resolve()
      })
    })
  }

  /** Starts the thread and waits until its client has joined the network. */
  static async open(options: SessionThreadOptions, signal?: AbortSignal): Promise<SessionThread> {
    signal?.throwIfAborted()
    const thread = new SessionThread(options)
    const onAbort = () => thread.#ready.reject(signal?.reason)
    const timer = setTimeout(() => {
      thread.#ready.reject(
        new TidemarkError(
          'timeout',
          'The Streamr network could not be joined in time.',
          'Check the network connection, then start again.',
        ),
      )
    }, START_TIMEOUT_MS)
    signal?.addEventListener('abort', onAbort, { once: true })
    try {
      await thread.#ready.promise
      return thread
    } catch (error) {
      await thread.#worker.terminate()
      throw error
    } finally {
      clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
    }
  }

  call<M extends SessionMethod>(
    method: M,
    args: Parameters<StreamrSession[M]>,
  ): ReturnType<StreamrSession[M]> {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>()
    if (this.#ended) {
      reject(notRunning())
      return promise as ReturnType<StreamrSession[M]>
    }
    const id = this.#nextCallId++
    const timer = setTimeout(() => {
      const sentence = 'The Streamr network or its chain did not answer in time.'
      const late = new TidemarkError(
        'timeout',
        sentence,
        'It may still happen: look again before you repeat it.',
      )
      this.#settle(id, (call) => call.reject(late))
    }, CALL_TIMEOUT_MS)
    this.#calls.set(id, { resolve, reject, timer })
    this.#post({ kind: 'call', id, method, args })
    return promise as ReturnType<StreamrSession[M]>
  }

  /** Says that this many bytes of messages were handed on, so that as many more may come. */
  taken(bytes: number): void {
    this.#post({ kind: 'taken', bytes })
  }

  async close(): Promise<void> {
    const left = new Promise<void>((resolve) => {
      this.#worker.on('message', (event: SessionEvent) => event.kind === 'stopped' && resolve())
    })
    this.#post({ kind: 'stop' })
    await Promise.race([left, this.exited, delay(STOP_TIMEOUT_MS, undefined, { ref: false })])
    await this.#worker.terminate()
  }

  #receive(event: SessionEvent): void {
    switch (event.kind) {
      case 'ready':
        this.#ready.resolve()
        break
      case 'failed':
        this.#ready.reject(toError(event.error))
        break
      case 'result':
        this.#settle(event.id, (call) => call.resolve(event.value))
        break
      case 'error':
        this.#settle(event.id, (call) => call.reject(toError(event.error)))
        break
      case 'stopped':
        break
      default:
        this.#onNews(event)
    }
  }

  #settle(id: number, how: (call: PendingCall) => void): void {
    const call = this.#calls.get(id)
    if (call === undefined) return
    this.#calls.delete(id)
    clearTimeout(call.timer)
    how(call)
  }

  #post(request: SessionRequest): void {
    this.#worker.postMessage(request)
  }
}
