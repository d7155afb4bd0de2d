import { timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { type AddressInfo, isIP } from 'node:net'
import {
  create,
  type DescMessage,
  fromBinary,
  fromJson,
  type MessageInitShape,
  toBinary,
  toJson,
} from '@bufbuild/protobuf'
import { TidemarkError } from '../../../../shared/errors.ts'
import type { Logger } from '../../ports.ts'
import { withDeadline } from '../deadline.ts'
import type { ContentStore, NameSystem } from '../ports.ts'
import { readBody } from './body.ts'
import {
  CONTENT_TYPES,
  type Input,
  MAX_BODY_BYTES,
  METHODS,
  type MethodName,
  type Output,
  pathOf,
  type TwirpEncoding,
} from './routes.ts'
import { TWIRP_STATUS, type TwirpCode, TwirpError, toTwirpError } from './twirp-error.ts'

/** A request must have come in whole within this time, and be answered within it. */
const REQUEST_TIMEOUT_MS = 30_000
const HEADERS_TIMEOUT_MS = 10_000
const KEEP_ALIVE_MS = 15_000
/** Readers of one server at a time; each holds at most one block in memory. */
const MAX_CONNECTIONS = 256
/** The RFC's text prints NS in the package of the CAS; both spellings lead to the same service. */
const NS_PATHS = ['vac.ns.NS', 'vac.cas.NS']

export interface TwirpServerOptions {
  content: ContentStore
  names: NameSystem
  /** Who presents it as bearer token may add and update; without one, the server is for reading only. */
  writeToken?: string | undefined
  /** Default `127.0.0.1`. */
  host?: string
  /** 0, the default, lets the system choose. */
  port?: number
  /** Names under which the server may be called besides its own address and `localhost`; all others are refused. */
  hostNames?: readonly string[]
  logger: Logger
}

export interface TwirpServer {
  /** Base address for clients, e.g. `http://127.0.0.1:41234`. */
  readonly url: string
  close(): Promise<void>
}

type Handlers = { [Name in MethodName]: (input: Input<Name>, signal: AbortSignal) => Promise<Output<Name>> }

/** The RFC's CAS and NS over HTTP, on a content store and a name system of this node. */
class Handler {
  readonly #options: TwirpServerOptions
  readonly #handlers: Handlers
  readonly #routes = new Map<string, MethodName>()
  readonly #hostNames: ReadonlySet<string>

  constructor(options: TwirpServerOptions) {
    this.#options = options
    const { content, names } = options
    this.#handlers = {
      add: async ({ data }, signal) => ({ id: await content.add(data, { signal }) }),
      get: async ({ id }, signal) => ({ data: await content.get(id, { signal }) }),
      update: async ({ name, content: value }, signal) => {
        await names.update(name, value, { signal })
        return {}
      },
      fetch: async ({ name }, signal) => ({ data: await names.fetch(name, { signal }) }),
    }
    for (const name of ['add', 'get'] as const) this.#routes.set(pathOf(METHODS[name]), name)
    for (const name of ['update', 'fetch'] as const) {
      for (const service of NS_PATHS) this.#routes.set(`/twirp/${service}/${METHODS[name].name}`, name)
    }
    this.#hostNames = new Set(['localhost', options.host ?? '127.0.0.1', ...(options.hostNames ?? [])])
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const gone = new AbortController()
    response.on('close', () => gone.abort(new Error('the caller has gone')))
    try {
      const { name, encoding } = this.#route(request)
      const body = await this.#readBody(request, encoding)
      const answer = await withDeadline(
        (signal) => this.#call(name, encoding, body, signal),
        REQUEST_TIMEOUT_MS,
        gone.signal,
      )
      send(response, 200, CONTENT_TYPES[encoding], answer)
    } catch (error) {
      this.#sendError(request, response, error)
    }
  }

  #route(request: IncomingMessage): { name: MethodName; encoding: TwirpEncoding } {
    // A page in a browser that has pointed its own host name at this machine is turned away here.
    if (!this.#isOwnName(request.headers.host))
      throw new TwirpError('permission_denied', 'The server is not called so.')
    const name = this.#routes.get(request.url ?? '')
    if (name === undefined || request.method !== 'POST') {
      throw new TwirpError('bad_route', 'There is no such method; all are called with POST.')
    }
    const type = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase()
    const encoding = (Object.keys(CONTENT_TYPES) as TwirpEncoding[]).find(
      (known) => CONTENT_TYPES[known] === type,
    )
    if (encoding === undefined) {
      throw new TwirpError(
        'bad_route',
        `The content type is ${CONTENT_TYPES.protobuf} or ${CONTENT_TYPES.json}.`,
      )
    }
    if (name === 'add' || name === 'update') this.#assertMayWrite(request.headers.authorization)
    return { name, encoding }
  }

  #isOwnName(header: string | undefined): boolean {
    const name = header?.replace(/:\d+$/, '').replace(/^\[|\]$/g, '')
    return name !== undefined && (isIP(name) > 0 || this.#hostNames.has(name.toLowerCase()))
  }

  #assertMayWrite(authorization: string | undefined): void {
    const { writeToken } = this.#options
    if (writeToken === undefined)
      throw new TwirpError('permission_denied', 'This server is for reading only.')
    const given = Buffer.from(authorization ?? '')
    const wanted = Buffer.from(`Bearer ${writeToken}`)
    if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) {
      throw new TwirpError('unauthenticated', 'Adding and updating need the token of this server.')
    }
  }

  async #readBody(request: IncomingMessage, encoding: TwirpEncoding): Promise<Uint8Array> {
    const maxBytes = MAX_BODY_BYTES[encoding]
    const tooLarge = () => new TwirpError('invalid_argument', `A request has at most ${maxBytes} bytes.`)
    if (Number(request.headers['content-length'] ?? 0) > maxBytes) throw tooLarge()
    return readBody(request, maxBytes, tooLarge)
  }

  async #call(
    name: MethodName,
    encoding: TwirpEncoding,
    body: Uint8Array,
    signal: AbortSignal,
  ): Promise<Uint8Array> {
    const { input, output }: { input: DescMessage; output: DescMessage } = METHODS[name]
    let message: unknown
    try {
      message =
        encoding === 'protobuf'
          ? fromBinary(input, body, { readUnknownFields: false })
          : fromJson(input, JSON.parse(Buffer.from(body).toString('utf8')), { ignoreUnknownFields: true })
    } catch (cause) {
      throw new TwirpError('malformed', `The request is not a ${input.typeName}.`, { cause })
    }
    const handler = this.#handlers[name] as (message: unknown, signal: AbortSignal) => Promise<object>
    const answer = create(output, (await handler(message, signal)) as MessageInitShape<DescMessage>)
    return encoding === 'protobuf'
      ? toBinary(output, answer)
      : Buffer.from(JSON.stringify(toJson(output, answer)))
  }

  #sendError(request: IncomingMessage, response: ServerResponse, error: unknown): void {
    const { code, message } = toTwirpError(error)
    if (code === 'internal') this.#options.logger.warn({ error, path: request.url }, 'a twirp call failed')
    if (response.destroyed || response.headersSent) return
    // What is left of a body that was refused is not waited for.
    if (!request.complete) response.setHeader('connection', 'close')
    const body = Buffer.from(JSON.stringify({ code, msg: message }))
    send(response, TWIRP_STATUS[code as TwirpCode] ?? 500, CONTENT_TYPES.json, body)
  }
}

function send(response: ServerResponse, status: number, type: string, body: Uint8Array): void {
  response.writeHead(status, {
    'content-type': type,
    'content-length': body.length,
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
  })
  response.end(body)
}

/** @throws TidemarkError `port-in-use` */
async function listen(server: Server, port: number, host: string): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => {
      reject(
        new TidemarkError(
          'port-in-use',
          `The remote log cannot be served at ${host}, port ${port}: ${cause.message}.`,
          'Choose another port or address in the settings, or 0 for any free port.',
          { cause },
        ),
      )
    })
    server.listen(port, host, resolve)
  })
  return (server.address() as AddressInfo).port
}

/**
 * Serves the twirp services of 3/REMOTE-LOG (`/twirp/vac.cas.CAS/…`, `/twirp/vac.ns.NS/…`), protobuf and JSON.
 * There is no TLS here: bind to loopback, or put a reverse proxy before it.
 * @throws TidemarkError `port-in-use`
 */
export async function startTwirpServer(options: TwirpServerOptions): Promise<TwirpServer> {
  const handler = new Handler(options)
  const server = createServer((request, response) => {
    void handler.handle(request, response)
  })
  server.requestTimeout = REQUEST_TIMEOUT_MS
  server.headersTimeout = HEADERS_TIMEOUT_MS
  server.keepAliveTimeout = KEEP_ALIVE_MS
  server.maxConnections = MAX_CONNECTIONS
  const host = options.host ?? '127.0.0.1'
  const port = await listen(server, options.port ?? 0, host)
  return {
    url: `http://${isIP(host) === 6 ? `[${host}]` : host}:${port}`,
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      server.closeAllConnections()
      await closed
    },
  }
}
