import { randomBytes } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { TidemarkError } from '../../../shared/errors.ts'
import { workerUrl } from '../../worker-url.ts'
import type { Logger } from '../ports.ts'
import { findFreePort } from './free-port.ts'

/** Somebody may take a port between the moment it is found free and the moment it is used. */
const PORT_ATTEMPTS = 5
/** Streamr's node ids are 20 bytes, written as hex. */
const NODE_ID_BYTES = 20
/** Connecting takes half a second, most of it for loading the SDK. */
const READY_TIMEOUT_MS = 30_000
/** Leaving the network in order is a courtesy here: nothing is lost without it. */
const STOP_TIMEOUT_MS = 1_500
const RESTART_DELAY_MS = 1_000

/** How other nodes find the entry point, in the form the Streamr SDK takes. */
export interface EntryPointDescriptor {
  nodeId: string
  websocket: { host: string; port: number; tls: boolean }
}

export interface EntryPointOptions {
  /** Identity and port of the last start, kept where they can be. */
  previous: { nodeId: string; port: number } | undefined
  logger: Logger
  signal?: AbortSignal | undefined
}

export interface EntryPoint {
  readonly descriptor: EntryPointDescriptor
  stop(): Promise<void>
}

/**
 * The node runs in a thread of its own: the window thread has better things to do, and the SDK's network part
 * sets handlers for signals and errors that end the process it is loaded in; in a thread they end the thread.
 */
function spawnNode(descriptor: EntryPointDescriptor): Worker {
  return new Worker(workerUrl(import.meta.url, 'entry-point-worker'), {
    workerData: descriptor,
    // The SDK reads its log level when it is loaded, and writes to stdout, which is not its to write to.
    env: { ...process.env, LOG_LEVEL: 'silent', DISABLE_PRETTY_LOG: 'true' },
    stdout: true,
    stderr: true,
  })
}

async function untilReady(worker: Worker, signal: AbortSignal | undefined): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const onAbort = () => reject(signal?.reason)
  const timer = setTimeout(
    () => reject(new Error('The entry point did not become ready in time')),
    READY_TIMEOUT_MS,
  )
  signal?.addEventListener('abort', onAbort, { once: true })
  worker.once('message', () => resolve())
  worker.once('error', reject)
  worker.once('exit', () => reject(new Error('The entry point ended while it started')))
  try {
    await promise
  } catch (error) {
    await worker.terminate()
    throw error
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', onAbort)
  }
}

class EntryPointNode implements EntryPoint {
  readonly descriptor: EntryPointDescriptor
  readonly #logger: Logger
  readonly #stopping = new AbortController()
  #worker: Worker

  constructor(descriptor: EntryPointDescriptor, worker: Worker, logger: Logger) {
    this.descriptor = descriptor
    this.#logger = logger
    this.#worker = worker
    this.#watch(worker)
  }

  async stop(): Promise<void> {
    if (this.#stopping.signal.aborted) return
    this.#stopping.abort()
    const left = new Promise<void>((resolve) => {
      this.#worker.once('message', () => resolve())
      this.#worker.once('exit', () => resolve())
    })
    this.#worker.postMessage('stop')
    await Promise.race([left, delay(STOP_TIMEOUT_MS, undefined, { ref: false })])
    await this.#worker.terminate()
  }

  #watch(worker: Worker): void {
    worker.on('error', (error) => this.#logger.error({ error }, 'the entry point failed'))
    worker.once('exit', () => {
      if (!this.#stopping.signal.aborted) void this.#restart()
    })
  }

  async #restart(): Promise<void> {
    const { signal } = this.#stopping
    while (!signal.aborted) {
      try {
        await delay(RESTART_DELAY_MS, undefined, { signal })
        const worker = spawnNode(this.descriptor)
        await untilReady(worker, signal)
        this.#worker = worker
        this.#watch(worker)
        this.#logger.warn({}, 'the entry point ended by itself and was started again')
        return
      } catch (error) {
        if (!signal.aborted) this.#logger.error({ error }, 'the entry point could not be started again')
      }
    }
  }
}

/**
 * Starts the node through which all others find each other on the local network. It listens on loopback.
 * @throws TidemarkError `port-in-use` when no port could be had
 */
export async function startEntryPoint(options: EntryPointOptions): Promise<EntryPoint> {
  const { previous, logger, signal } = options
  const nodeId = previous?.nodeId ?? randomBytes(NODE_ID_BYTES).toString('hex')
  let cause: unknown
  for (let attempt = 0; attempt < PORT_ATTEMPTS; attempt++) {
    signal?.throwIfAborted()
    const port = await findFreePort(attempt === 0 ? previous?.port : undefined)
    const descriptor = { nodeId, websocket: { host: '127.0.0.1', port, tls: false } }
    const worker = spawnNode(descriptor)
    try {
      await untilReady(worker, signal)
      return new EntryPointNode(descriptor, worker, logger)
    } catch (error) {
      signal?.throwIfAborted()
      cause = error
      logger.warn({ port, error }, 'the entry point did not start on this port')
    }
  }
  throw new TidemarkError(
    'port-in-use',
    'The entry point of the local network could not start listening.',
    'Close programs that listen on many ports, then start again; the log says more.',
    { cause },
  )
}
