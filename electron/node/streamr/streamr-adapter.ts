import { setTimeout as delay } from 'node:timers/promises'
import { computeAddress } from 'ethers'
import type { StreamPartId } from '../../../shared/message.ts'
import type { Logger, MessageSource, RawMessage, Startable } from '../ports.ts'
import type { StreamrNetwork } from './client-config.ts'
import type { SessionConfig, SessionMethod, StreamrSession } from './session-protocol.ts'
import { notRunning, type SessionNews, SessionThread } from './session-thread.ts'

const REOPEN_DELAYS_MS = [1_000, 5_000, 30_000]

export interface StreamrAdapterOptions {
  /** `local`, `custom`, or a public environment: `polygon`, `amoy`, `peaq`, `iotex`. */
  environment: string
  /** Needed for `local` and `custom`; in public environments it replaces the SDK's contracts and endpoints. */
  network?: StreamrNetwork | undefined
  /** The identity of this node, 0x and 64 hex digits. It is given to the client and to nobody else. */
  privateKey: string
  /** Folder for what the SDK keeps: group keys and certificates. Nothing of it goes elsewhere. */
  filesFolder: string
  /** All of the network is on this machine. Default: in environment `local`. */
  isLoopback?: boolean
  /** `start` does not wait until the network is joined: it may be out of reach for long. Default: false. */
  joinsInBackground?: boolean
  /** Heap the client may take in its thread; one that needs more ends and is started again. Default: the runtime's. */
  maxHeapMegabytes?: number
  logger: Logger
}

/**
 * The live Streamr network, and the registry contracts as far as they are written to. Subscriptions outlive the
 * connection: a client that ended by itself is started again and joins the same stream parts.
 */
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

/** The fields of a description alone: what it hangs on (a running network, say) cannot go to another thread. */
function plainNetwork(network: StreamrNetwork): StreamrNetwork {
  const { rpcUrl, rpcUrls = [], chainId, theGraphUrl, contracts, entryPoints } = network
  return { rpcUrl, rpcUrls, chainId, theGraphUrl, contracts, entryPoints }
}

class ThreadedAdapter implements StreamrAdapter {
  readonly #config: SessionConfig
  readonly #logger: Logger
  readonly #address: string
  readonly #joinsInBackground: boolean
  readonly #maxHeapMegabytes: number | undefined
  readonly #listeners = new Set<(message: RawMessage) => void>()
  readonly #subscribed = new Set<StreamPartId>()
  readonly #stopping = new AbortController()
  #thread: SessionThread | undefined
  #reopening: Promise<void> | undefined
  #neighbours: Record<StreamPartId, string[]> = {}

  constructor(options: StreamrAdapterOptions) {
    const {
      environment,
      network,
      privateKey,
      filesFolder,
      isLoopback,
      joinsInBackground = false,
      maxHeapMegabytes,
      logger,
    } = options
    this.#config = {
      environment,
      network: network && plainNetwork(network),
      privateKey,
      filesFolder,
      isLoopback: isLoopback ?? environment === 'local',
    }
    this.#joinsInBackground = joinsInBackground
    this.#maxHeapMegabytes = maxHeapMegabytes
    this.#logger = logger
    this.#address = computeAddress(privateKey).toLowerCase()
  }

  /** Joins the network. Where that fails now it is tried again and again, and the node works without it. */
  async start(signal?: AbortSignal): Promise<void> {
    if (this.#joinsInBackground) {
      this.#reopening = this.#reopen(0)
      return
    }
    try {
      await this.#open(signal)
    } catch (error) {
      signal?.throwIfAborted()
      this.#logger.warn({ error }, 'the Streamr network could not be joined')
      this.#reopening = this.#reopen()
    }
  }

  async stop(): Promise<void> {
    if (this.#stopping.signal.aborted) return
    this.#stopping.abort()
    await this.#reopening
    await this.#thread?.close()
  }

  onMessage(listener: (message: RawMessage) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  async subscribe(part: StreamPartId): Promise<void> {
    this.#subscribed.add(part)
    // While the client is down, the part waits: it is joined when the client is back.
    await this.#thread?.call('subscribe', [part])
  }

  async unsubscribe(part: StreamPartId): Promise<void> {
    this.#subscribed.delete(part)
    await this.#thread?.call('unsubscribe', [part])
  }

  publish: StreamrSession['publish'] = (...args) => this.#call('publish', args)
  createStream: StreamrSession['createStream'] = (...args) => this.#call('createStream', args)
  getStream: StreamrSession['getStream'] = (...args) => this.#call('getStream', args)
  grantPermissions: StreamrSession['grantPermissions'] = (...args) => this.#call('grantPermissions', args)
  revokePermissions: StreamrSession['revokePermissions'] = (...args) => this.#call('revokePermissions', args)
  hasPermission: StreamrSession['hasPermission'] = (...args) => this.#call('hasPermission', args)
  fetchGroupKey: StreamrSession['fetchGroupKey'] = (...args) => this.#call('fetchGroupKey', args)

  address(): string {
    return this.#address
  }

  isConnected(): boolean {
    return this.#thread !== undefined && !this.#stopping.signal.aborted
  }

  neighbours(part: StreamPartId): readonly string[] {
    return this.#neighbours[part] ?? []
  }

  neighbourCount(): number {
    return new Set(Object.values(this.#neighbours).flat()).size
  }

  async #open(signal?: AbortSignal): Promise<void> {
    const options = {
      config: this.#config,
      maxHeapMegabytes: this.#maxHeapMegabytes,
      logger: this.#logger,
      onNews: (news: SessionNews) => this.#receive(news),
    }
    const thread = await SessionThread.open(options, signal)
    this.#thread = thread
    void thread.exited.then(() => this.#onExit())
    // A part that cannot be joined now does not keep the others back; a thread that ends is opened again.
    await Promise.all([...this.#subscribed].map((part) => this.#rejoin(thread, part)))
  }

  async #rejoin(thread: SessionThread, part: StreamPartId): Promise<void> {
    try {
      await thread.call('subscribe', [part])
    } catch (error) {
      this.#logger.error({ part, error }, 'the stream part could not be joined again')
    }
  }

  #onExit(): void {
    this.#thread = undefined
    this.#neighbours = {}
    if (this.#stopping.signal.aborted) return
    this.#logger.error({}, 'the Streamr client ended by itself and is started again')
    this.#reopening = this.#reopen()
  }

  async #reopen(firstWaitMs = REOPEN_DELAYS_MS[0]): Promise<void> {
    const { signal } = this.#stopping
    for (let attempt = 0; !signal.aborted; attempt++) {
      const waitMs =
        attempt === 0 ? firstWaitMs : REOPEN_DELAYS_MS[Math.min(attempt, REOPEN_DELAYS_MS.length - 1)]
      try {
        await delay(waitMs, undefined, { signal })
        await this.#open(signal)
        return
      } catch (error) {
        if (!signal.aborted) this.#logger.warn({ error }, 'the Streamr network could not be joined')
      }
    }
  }

  #receive(news: SessionNews): void {
    switch (news.kind) {
      case 'messages':
        this.#deliver(news.messages, news.receivedAt)
        break
      case 'neighbours':
        this.#neighbours = news.parts
        break
      case 'refused':
        this.#logger.warn(news, 'messages from the network were not taken')
        break
    }
  }

  #deliver(messages: readonly Uint8Array[], receivedAt: number): void {
    // Counted first: a listener may move the bytes to another thread.
    const sizeBytes = messages.reduce((sum, message) => sum + message.byteLength, 0)
    for (const bytes of messages) {
      for (const listener of this.#listeners) listener({ bytes, source: 'live', receivedAt })
    }
    this.#thread?.taken(sizeBytes)
  }

  async #call<M extends SessionMethod>(
    method: M,
    args: Parameters<StreamrSession[M]>,
  ): Promise<Awaited<ReturnType<StreamrSession[M]>>> {
    if (this.#thread === undefined) throw notRunning()
    return (await this.#thread.call(method, args)) as Awaited<ReturnType<StreamrSession[M]>>
  }
}

/** The adapter to the Streamr network. Nothing runs until `start`. */
export function createStreamrAdapter(options: StreamrAdapterOptions): StreamrAdapter {
  return new ThreadedAdapter(options)
}
