import { setTimeout as delay } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { computeAddress } from 'ethers'
import { type ErrorView, TidemarkError } from '../../../shared/errors.ts'
import type { StreamPartId } from '../../../shared/message.ts'
import { workerUrl } from '../../worker-url.ts'
import type { Logger, MessageSource, RawMessage, Startable } from '../ports.ts'
import type { StreamrNetwork } from './client-config.ts'
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
const RESTART_DELAYS_MS = [1_000, 5_000, 30_000]

export interface StreamrAdapterOptions {
  /** `local`, `custom`, or a public environment: `polygon`, `amoy`, `peaq`, `iotex`. */
  environment: string
  /** Needed for `local` and `custom`; in public environments it replaces the SDK's contracts and endpoints. */
  network?: StreamrNetwork | undefined
  /** The identity of this node, 0x and 64 hex digits. It is given to the client and to nobody else. */
  privateKey: string
  logger: Logger
}

/** The live Streamr network, and the registry contracts as far as they are written to. */
export interface StreamrAdapter
  extends Startable,
    MessageSource,
    Omit<StreamrSession, 'subscribe' | 'unsubscribe'> {
  /** Address of this node's identity, lower-case 0x hex. */
  address(): string
  isConnected(): boolean
  /** Node ids of the neighbours on one stream part. */
  neighbours(part: StreamPartId): readonly string[]
  /** How many different neighbours there are over all subscribed parts. */
  neighbourCount(): number
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

/** The fields of a description alone: what it hangs on (a running network, say) cannot go to another thread. */
function plainNetwork(network: StreamrNetwork): StreamrNetwork {
  const { rpcUrl, rpcUrls = [], chainId, theGraphUrl, contracts, entryPoints } = network
  return { rpcUrl, rpcUrls, chainId, theGraphUrl, contracts, entryPoints }
}

function notRunning(): TidemarkError {
  return new TidemarkError(
    'not-running',
    'The connection to the Streamr network is down at the moment.',
    'It is made again by itself; try again in a moment.',
  )
}

/**
 * Runs the Streamr client in a thread of its own. The window thread stays free; and the SDK, which sets handlers
 * for signals and unhandled errors that end the process it is in, ends its thread at most, which is started again.
 */
class ThreadedAdapter implements StreamrAdapter {
  readonly #config: SessionConfig
  readonly #logger: Logger
  readonly #address: string
  readonly #listeners = new Set<(message: RawMessage) => void>()
  readonly #subscribed = new Set<StreamPartId>()
  readonly #calls = new Map<number, PendingCall>()
  readonly #stopping = new AbortController()
  #worker: Worker | undefined
  #connected = false
  #nextCallId = 1
  #neighbours: Record<StreamPartId, string[]> = {}

  constructor({ environment, network, privateKey, logger }: StreamrAdapterOptions) {
    this.#config = { environment, network: network && plainNetwork(network), privateKey }
    this.#logger = logger
    this.#address = computeAddress(privateKey).toLowerCase()
  }

  async start(signal?: AbortSignal): Promise<void> {
    await this.#open(signal)
  }

  async stop(): Promise<void> {
    if (this.#stopping.signal.aborted) return
    this.#stopping.abort()
    const worker = this.#worker
    if (worker === undefined) return
    const left = new Promise<void>((resolve) => {
      worker.on('message', (event: SessionEvent) => event.kind === 'stopped' && resolve())
      worker.once('exit', () => resolve())
    })
    this.#post({ kind: 'stop' })
    await Promise.race([left, delay(STOP_TIMEOUT_MS, undefined, { ref: false })])
    await worker.terminate()
  }

  onMessage(listener: (message: RawMessage) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  async subscribe(part: StreamPartId): Promise<void> {
    this.#subscribed.add(part)
    // While the client is down, the part waits: it is joined when the client is back.
    if (this.#connected) await this.#call('subscribe', [part])
  }

  async unsubscribe(part: StreamPartId): Promise<void> {
    this.#subscribed.delete(part)
    if (this.#connected) await this.#call('unsubscribe', [part])
  }

  publish: StreamrSession['publish'] = (...args) => this.#call('publish', args)
  createStream: StreamrSession['createStream'] = (...args) => this.#call('createStream', args)
  getStream: StreamrSession['getStream'] = (...args) => this.#call('getStream', args)
  grantPermissions: StreamrSession['grantPermissions'] = (...args) => this.#call('grantPermissions', args)
  revokePermissions: StreamrSession['revokePermissions'] = (...args) => this.#call('revokePermissions', args)
  hasPermission: StreamrSession['hasPermission'] = (...args) => this.#call('hasPermission', args)

  address(): string {
    return this.#address
  }

  isConnected(): boolean {
    return this.#connected
  }

  neighbours(part: StreamPartId): readonly string[] {
    return this.#neighbours[part] ?? []
  }

  neighbourCount(): number {
    return new Set(Object.values(this.#neighbours).flat()).size
  }

  async #open(signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted()
    const worker = new Worker(workerUrl(import.meta.url, 'session-worker'), {
      workerData: this.#config,
      // The SDK reads its log level when it is loaded, and writes to stdout, which is not its to write to.
      env: { ...process.env, LOG_LEVEL: 'silent', DISABLE_PRETTY_LOG: 'true' },
      stdout: true,
      stderr: true,
    })
    this.#worker = worker
    try {
      await this.#untilReady(worker, signal)
    } catch (error) {
      await worker.terminate()
      throw error
    }
    this.#connected = true
    await Promise.all([...this.#subscribed].map((part) => this.#call('subscribe', [part])))
  }

  #untilReady(worker: Worker, signal: AbortSignal | undefined): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const timer = setTimeout(
      () =>
        reject(
          new TidemarkError(
            'timeout',
            'The Streamr network could not be joined in time.',
            'Check the network connection; Tidemark keeps trying.',
          ),
        ),
      START_TIMEOUT_MS,
    )
    const onAbort = () => reject(signal?.reason)
    signal?.addEventListener('abort', onAbort, { once: true })
    worker.on('message', (event: SessionEvent) => {
      if (event.kind === 'ready') resolve()
      else if (event.kind === 'failed') reject(toError(event.error))
      else this.#receive(event)
    })
    worker.on('error', (error) => {
      this.#logger.error({ error }, 'the Streamr client failed')
      reject(error)
    })
    worker.once('exit', () => {
      reject(notRunning())
      this.#onExit(worker)
    })
    return promise.finally(() => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
    })
  }

  #onExit(worker: Worker): void {
    if (worker !== this.#worker) return
    const wasConnected = this.#connected
    this.#connected = false
    this.#neighbours = {}
    for (const id of [...this.#calls.keys()]) this.#settle(id, (call) => call.reject(notRunning()))
    if (wasConnected && !this.#stopping.signal.aborted) void this.#reopen()
  }

  async #reopen(): Promise<void> {
    const { signal } = this.#stopping
    this.#logger.error({}, 'the Streamr client ended by itself and is started again')
    for (let attempt = 0; !signal.aborted; attempt++) {
      const waitMs = RESTART_DELAYS_MS[Math.min(attempt, RESTART_DELAYS_MS.length - 1)]
      try {
        await delay(waitMs, undefined, { signal })
        await this.#open(signal)
        return
      } catch (error) {
        if (!signal.aborted) this.#logger.error({ error }, 'the Streamr client could not be started again')
      }
    }
  }

  #receive(event: SessionEvent): void {
    switch (event.kind) {
      case 'messages':
        this.#deliver(event.messages, event.receivedAt)
        break
      case 'neighbours':
        this.#neighbours = event.parts
        break
      case 'result':
        this.#settle(event.id, (call) => call.resolve(event.value))
        break
      case 'error':
        this.#settle(event.id, (call) => call.reject(toError(event.error)))
        break
      case 'refused':
        this.#logger.warn(event, 'messages from the network were not taken')
        break
    }
  }

  #deliver(messages: Uint8Array[], receivedAt: number): void {
    let bytes = 0
    for (const message of messages) bytes += message.byteLength
    for (const message of messages) {
      for (const listener of this.#listeners) {
        listener({ bytes: message, source: 'live', receivedAt })
      }
    }
    this.#post({ kind: 'taken', bytes })
  }

  #call<M extends SessionMethod>(
    method: M,
    args: Parameters<StreamrSession[M]>,
  ): ReturnType<StreamrSession[M]> {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>()
    if (!this.#connected) {
      reject(notRunning())
      return promise as ReturnType<StreamrSession[M]>
    }
    const id = this.#nextCallId++
    const timer = setTimeout(() => {
      this.#settle(id, (call) =>
        call.reject(
          new TidemarkError(
            'timeout',
            'The Streamr network or its chain did not answer in time.',
            'It may still happen: look again before you repeat it.',
          ),
        ),
      )
    }, CALL_TIMEOUT_MS)
    this.#calls.set(id, { resolve, reject, timer })
    this.#post({ kind: 'call', id, method, args })
    return promise as ReturnType<StreamrSession[M]>
  }

  #settle(id: number, how: (call: PendingCall) => void): void {
    const call = this.#calls.get(id)
    if (call === undefined) return
    this.#calls.delete(id)
    clearTimeout(call.timer)
    how(call)
  }

  #post(request: SessionRequest): void {
    this.#worker?.postMessage(request)
  }
}

/** The adapter to the Streamr network. Nothing runs until `start`. */
export function createStreamrAdapter(options: StreamrAdapterOptions): StreamrAdapter {
  return new ThreadedAdapter(options)
}
