import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { GraphQLSchema } from 'graphql'
import { z } from 'zod'
import { TidemarkError } from '../../../shared/errors.ts'
import type { Logger, Startable } from '../ports.ts'
import { answerGraphQuery } from './graph-query.ts'
import { GraphRoot, graphSchema } from './graph-schema.ts'
import type { HostedIndex } from './hosted-index.ts'
import type { RegistryIndex } from './registry-index.ts'

/** A question of the SDK has under 2 KB. */
const MAX_BODY_BYTES = 65_536
/** From the first byte to the last of a request. */
const REQUEST_TIMEOUT_MS = 10_000
const MAX_CONNECTIONS = 256
const PATH = '/graphql'

const bodySchema = z.object({ query: z.string() })

export interface GraphServerOptions {
  index: RegistryIndex
  /** Asked first where there is one. */
  hosted?: HostedIndex | undefined
  /** Loopback address to listen on. */
  host: '127.0.0.1' | '::1'
  /** 0 for any free one. */
  port: number
  logger: Logger
}

/**
 * The registry index as a GraphQL service for Streamr SDKs on this machine. Where a hosted index exists its answers are
 * passed on, and the own one answers when it does not.
 */
export interface GraphServer extends Startable {
  /** What to give a client as `theGraphUrl`. @throws when the server is not running */
  url(): string
}

function graphError(message: string): string {
  return JSON.stringify({ errors: [{ message }] })
}

class Refusal extends Error {
  readonly status: number
  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let sizeBytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    sizeBytes += chunk.byteLength
    if (sizeBytes > MAX_BODY_BYTES)
      throw new Refusal(413, `The request is larger than ${MAX_BODY_BYTES} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function readQuery(body: string): string {
  try {
    return bodySchema.parse(JSON.parse(body)).query
  } catch {
    throw new Refusal(400, 'The request is not JSON with a `query`')
  }
}

class LoopbackGraphServer implements GraphServer {
  readonly #options: GraphServerOptions
  readonly #server: Server
  readonly #schema: GraphQLSchema = graphSchema()
  readonly #root: GraphRoot

  constructor(options: GraphServerOptions) {
    this.#options = options
    this.#root = new GraphRoot(options.index)
    this.#server = createServer({ requestTimeout: REQUEST_TIMEOUT_MS }, (request, response) => {
      void this.#answer(request, response)
    })
    this.#server.maxConnections = MAX_CONNECTIONS
  }

  async start(signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted()
    const { host, port } = this.#options
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', (cause: NodeJS.ErrnoException) => {
        const sentence = `Port ${port} is taken, and the registry's GraphQL service cannot listen on it.`
        const remedy = 'Choose another port, or 0 for any free one.'
        reject(
          cause.code === 'EADDRINUSE' ? new TidemarkError('port-in-use', sentence, remedy, { cause }) : cause,
        )
      })
      this.#server.listen({ host, port }, resolve)
    })
  }

  async stop(): Promise<void> {
    if (!this.#server.listening) return
    const closed = new Promise((resolve) => this.#server.close(resolve))
    this.#server.closeAllConnections()
    await closed
  }

  url(): string {
    const address = this.#server.address()
    if (address === null) throw new Error('The GraphQL service is not running')
    return `http://${this.#hostText()}:${(address as AddressInfo).port}${PATH}`
  }

  #hostText(): string {
    return this.#options.host === '::1' ? '[::1]' : this.#options.host
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      this.#admit(request)
      const query = readQuery(await readBody(request))
      const hosted = await this.#options.hosted?.forward(JSON.stringify({ query }))
      const answer = hosted ?? JSON.stringify(await answerGraphQuery(this.#schema, this.#root, query))
      this.#send(response, 200, answer)
    } catch (error) {
      if (!(error instanceof Refusal)) this.#options.logger.debug({ error }, 'a GraphQL request broke off')
      const status = error instanceof Refusal ? error.status : 500
      const message = error instanceof Refusal ? error.message : 'The request could not be answered'
      this.#send(response, status, graphError(message))
    }
  }

  /** Pages of the web that reach this port by a name of their own, or from another origin, are turned away. */
  #admit(request: IncomingMessage): void {
    const port = String((this.#server.address() as AddressInfo | null)?.port)
    const hosts = [`127.0.0.1:${port}`, `localhost:${port}`, `[::1]:${port}`]
    if (!hosts.includes(request.headers.host ?? '')) throw new Refusal(403, 'This host is not served here')
    if (request.headers.origin !== undefined) throw new Refusal(403, 'Web pages are not served here')
    if (request.url !== PATH) throw new Refusal(404, `Nothing is served here but ${PATH}`)
    if (request.method !== 'POST') throw new Refusal(405, 'Send the query with POST')
  }

  #send(response: ServerResponse, status: number, body: string): void {
    if (response.headersSent || response.destroyed) return
    const refused = status >= 400 ? { connection: 'close' } : {}
    response.writeHead(status, { 'content-type': 'application/json', ...refused }).end(body)
  }
}

/** The service; it listens after `start`. */
export function createGraphServer(options: GraphServerOptions): GraphServer {
  return new LoopbackGraphServer(options)
}
