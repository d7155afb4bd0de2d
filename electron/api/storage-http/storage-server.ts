import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { TidemarkError } from '../../../shared/errors.ts'
import type { StreamPartId } from '../../../shared/message.ts'
import type { Logger } from '../../node/ports.ts'
import { Admission } from './admission.ts'
import { answerResend } from './answer-resend.ts'
import { type ApiKey, ApiKeys } from './api-keys.ts'
import { ChunkPool } from './chunk-pool.ts'
import { clientAddress } from './client-address.ts'
import { HostCheck, isLoopback } from './host-check.ts'
import {
  CHUNK_BYTES,
  CLOSE_DEADLINE_MS,
  DEFAULT_LIMITS,
  HEADERS_DEADLINE_MS,
  KEEP_ALIVE_MS,
  MAX_CONNECTIONS,
  MAX_HEADER_BYTES,
  MAX_RATE_RECORDS,
  MAX_SPARE_CHUNKS,
  type StorageHttpLimits,
} from './limits.ts'
import { readPartMetadata } from './part-metadata.ts'
import { RequestRefused } from './request-refused.ts'
import { readPart, readResendRequest } from './resend-request.ts'
import type { ResendStore } from './resend-store.ts'
import { findRoute, type Route } from './route.ts'
import { sendFailure, sendJson } from './send-json.ts'
import { TokenBuckets } from './token-buckets.ts'

export interface StorageServerOptions {
  store: ResendStore
  /** Whether this node stores the stream part now, as `/storage` tells. */
  isStored: (part: StreamPartId) => boolean
  /** Address to listen on. */
  host: string
  /** 0 lets the system choose. */
  port: number
  /** Where the node says it is reached, for instance behind a reverse proxy. Default: nowhere else. */
  advertisedUrls?: readonly string[]
  /** Applications with a rate limit of their own. Default: none. */
  apiKeys?: readonly ApiKey[]
  /** Refuse requests without a key. Streamr's SDK sends none, so its `resend` then does not work. Default: false. */
  requireApiKey?: boolean
  /** Limit by the address a reverse proxy of the operator reports. Default: false. */
  trustForwardedFor?: boolean
  /** Let web pages of any origin read: public data needs it for clients in browsers. Default: unless on loopback. */
  allowBrowsers?: boolean
  limits?: Partial<StorageHttpLimits>
  logger: Logger
}

export interface StorageServer {
  /** Base address as reached on this machine, e.g. `http://127.0.0.1:41235`. */
  readonly url: string
  /** Stops listening, gives answers under way a moment to end, then cuts them off. */
  close(): Promise<void>
}

/**
 * Streamr's storage-node HTTP interface, as its SDK's `resend` uses it: read-only, without cookies.
 * @throws {TidemarkError} `port-in-use`
 * @throws {RangeError} when an API key is too short.
 */
export async function startStorageServer(options: StorageServerOptions): Promise<StorageServer> {
  const interfaceServer = new StorageInterface(options)
  await interfaceServer.listen(options.host, options.port)
  return interfaceServer
}

class StorageInterface implements StorageServer {
  readonly #options: StorageServerOptions
  readonly #limits: StorageHttpLimits
  readonly #server: Server
  readonly #hosts: HostCheck
  readonly #keys: ApiKeys
  readonly #rates: TokenBuckets
  readonly #admission: Admission
  readonly #pool = new ChunkPool(CHUNK_BYTES, MAX_SPARE_CHUNKS)
  /** Aborted when the connection closes. */
  readonly #connections = new WeakMap<Socket, AbortSignal>()
  readonly #stopping = new AbortController()

  constructor(options: StorageServerOptions) {
    this.#options = options
    this.#limits = { ...DEFAULT_LIMITS, ...options.limits }
    this.#hosts = new HostCheck(options.host, options.advertisedUrls ?? [])
    this.#keys = new ApiKeys(options.apiKeys ?? [])
    this.#rates = new TokenBuckets({
      capacity: this.#limits.burst,
      refillPerSecond: this.#limits.requestsPerSecond,
      maxBuckets: MAX_RATE_RECORDS,
      monotonic: () => performance.now(),
    })
    this.#admission = new Admission(this.#limits)
    this.#server = createServer({
      maxHeaderSize: MAX_HEADER_BYTES,
      headersTimeout: HEADERS_DEADLINE_MS,
      requestTimeout: HEADERS_DEADLINE_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
      noDelay: true,
    })
    this.#server.maxConnections = MAX_CONNECTIONS
    this.#server.on('connection', (socket) => {
      const gone = new AbortController()
      socket.once('close', () => gone.abort())
      this.#connections.set(socket, gone.signal)
    })
    this.#server.on('request', (request, response) => void this.#handle(request, response))
  }

  get url(): string {
    const { address, family, port } = this.#server.address() as AddressInfo
    const anywhere = address === '0.0.0.0' || address === '::'
    const host = anywhere ? '127.0.0.1' : family === 'IPv6' ? `[${address}]` : address
    return `http://${host}:${port}`
  }

  listen(host: string, port: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', (error: NodeJS.ErrnoException) => reject(portError(error, host, port)))
      this.#server.listen(port, host, resolve)
    })
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    this.#server.closeIdleConnections()
    const timer = setTimeout(() => {
      this.#stopping.abort()
      this.#server.closeAllConnections()
    }, CLOSE_DEADLINE_MS)
    await closed
    clearTimeout(timer)
    this.#stopping.abort()
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const gone = this.#connections.get(request.socket) ?? AbortSignal.abort()
    try {
      await this.#answer(request, response, AbortSignal.any([gone, this.#stopping.signal]))
    } catch (error) {
      sendFailure(response, error, this.#options.logger)
    }
  }

  async #answer(request: IncomingMessage, response: ServerResponse, signal: AbortSignal): Promise<void> {
    this.#setHeaders(response)
    this.#hosts.assertKnown(request.headers.host)
    if (request.method === 'OPTIONS') {
      response.writeHead(204, { allow: 'GET, HEAD, OPTIONS' }).end()
      return
    }
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      throw new RequestRefused(405, 'Only GET is answered here.', { allow: 'GET, HEAD, OPTIONS' })
    }
    const client = this.#identify(request)
    this.#countRequest(client)
    const route = findRoute(request.url ?? '/')
    if (route === undefined) throw new RequestRefused(404, 'There is nothing here.')
    await this.#answerRoute(route, { client, response, signal, headOnly: request.method === 'HEAD' })
  }

  async #answerRoute(
    route: Route,
    {
      client,
      response,
      signal,
      headOnly,
    }: { client: string; response: ServerResponse; signal: AbortSignal; headOnly: boolean },
  ): Promise<void> {
    const resend = route.kind === 'resend' ? readResendRequest(route) : undefined
    const part = readPart(route.streamId, route.partition)
    const leave = await this.#admission.enter(client, signal)
    try {
      if (resend !== undefined) {
        const { store } = this.#options
        const { idleDeadlineMs } = this.#limits
        const request = headOnly ? { ...resend, query: null } : resend
        await answerResend(request, { store, pool: this.#pool, response, idleDeadlineMs, signal })
      } else if (route.kind === 'metadata') {
        sendJson(response, 200, await readPartMetadata(this.#options.store, part))
      } else if (part !== null && this.#options.isStored(part)) {
        sendJson(response, 200, {})
      } else {
        response.writeHead(404, { 'content-length': 0 }).end()
      }
    } finally {
      leave()
    }
  }

  /** The key of an application, or else the address of the client: what limits count under. */
  #identify(request: IncomingMessage): string {
    const name = this.#keys.nameOf(request.headers.authorization)
    if (name !== undefined) return `key:${name}`
    if (this.#options.requireApiKey === true) {
      throw new RequestRefused(401, 'This node answers with an API key only.', {
        'www-authenticate': 'Bearer',
      })
    }
    return `address:${clientAddress(request, this.#options.trustForwardedFor ?? false)}`
  }

  #countRequest(client: string): void {
    const waitMs = this.#rates.take(client)
    if (waitMs === 0) return
    throw new RequestRefused(429, 'Too many requests. Please try again later.', {
      'retry-after': String(Math.ceil(waitMs / 1_000)),
    })
  }

  #setHeaders(response: ServerResponse): void {
    response.setHeader('x-content-type-options', 'nosniff')
    response.setHeader('cache-control', 'no-store')
    if (!(this.#options.allowBrowsers ?? !isLoopback(this.#options.host))) return
    response.setHeader('access-control-allow-origin', '*')
    response.setHeader('access-control-allow-headers', 'authorization')
  }
}

function portError(error: NodeJS.ErrnoException, host: string, port: number): Error {
  if (error.code !== 'EADDRINUSE' && error.code !== 'EACCES' && error.code !== 'EADDRNOTAVAIL') return error
  return new TidemarkError(
    'port-in-use',
    `The storage interface cannot listen on ${host}, port ${port}: it is taken, not allowed or not of this machine.`,
    'Choose another address or port for the storage interface in the settings.',
    { cause: error },
  )
}
