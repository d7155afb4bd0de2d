import { get as getHttp, type IncomingMessage, type RequestOptions } from 'node:http'
import { get as getHttps } from 'node:https'
import { type MessageRef, parseStreamPartId, type StreamPartId } from '../../../shared/message.ts'
import { MAX_MESSAGE_BYTES } from '../message/limits.ts'
import { assertPublicHost, lookupPublic } from '../public-address.ts'
import { readFrames } from './frame-reader.ts'
import { MAX_ANSWER_BYTES, SILENCE_DEADLINE_MS } from './limits.ts'
import type { ChainOf } from './ports.ts'
import { ResendFailed } from './resend-failed.ts'

/** A stretch of a stream part to ask a storage node for; bounds are inclusive. */
export interface Stretch {
  part: StreamPartId
  from: MessageRef
  /** Without it: everything since `from`. */
  to?: MessageRef
  /** Only one message chain; needs `to`, as the interface has it. */
  of?: ChainOf
}

export interface ResendClientOptions {
  /** Let addresses of this machine and private networks pass: for networks that are not on the Internet. */
  allowPrivateAddresses: boolean
  silenceDeadlineMs?: number
  maxAnswerBytes?: number
}

export interface ResendAnswer {
  /** The bytes of the messages, in batches as they arrive. */
  messages: AsyncGenerator<Uint8Array[]>
  /** Set once the bound on bytes ended the answer early: the rest has to be asked for anew. */
  isCut(): boolean
}

/** Streamr's resend, asked of another storage node over HTTP. */
export class ResendClient {
  readonly #options: ResendClientOptions

  constructor(options: ResendClientOptions) {
    this.#options = options
  }

  /**
   * @param baseUrl as the node's registration has it
   * @throws {ResendFailed} also while the messages are read
   */
  async ask(baseUrl: string, stretch: Stretch, signal: AbortSignal): Promise<ResendAnswer> {
    const url = this.#urlOf(baseUrl, stretch)
    const exchange = new Exchange(url, signal, this.#options)
    const response = await exchange.response
    if (response.statusCode !== 200) {
      response.destroy()
      throw new ResendFailed('status', `It answered with the HTTP status ${response.statusCode}.`)
    }
    const body = new BoundedBody(exchange, response, this.#options.maxAnswerBytes ?? MAX_ANSWER_BYTES)
    return { messages: readWhole(body), isCut: () => body.isCut }
  }

  #urlOf(baseUrl: string, { part, from, to, of }: Stretch): URL {
    const { streamId, partition } = parseStreamPartId(part)
    const path = `/streams/${encodeURIComponent(streamId)}/data/partitions/${partition}`
    const url = URL.parse(`${baseUrl.replace(/\/+$/, '')}${path}/${to === undefined ? 'from' : 'range'}`)
    if (url === null || !/^https?:$/.test(url.protocol)) {
      throw new ResendFailed('address-refused', 'Its address in the registry is no http or https address.')
    }
    if (!this.#options.allowPrivateAddresses) assertPublicHost(url.hostname, notPublic)
    const query = {
      fromTimestamp: from.timestamp,
      fromSequenceNumber: from.sequence,
      ...(to === undefined ? {} : { toTimestamp: to.timestamp, toSequenceNumber: to.sequence }),
      ...(of === undefined ? {} : { publisherId: of.publisher, msgChainId: of.chain }),
      format: 'raw',
    }
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, String(value))
    return url
  }
}

/** One request, which knows why it failed: Node tells a reader of the body only that it broke off. */
class Exchange {
  readonly response: Promise<IncomingMessage>
  readonly #signal: AbortSignal
  #silence: ResendFailed | undefined

  constructor(url: URL, signal: AbortSignal, options: ResendClientOptions) {
    const { allowPrivateAddresses, silenceDeadlineMs = SILENCE_DEADLINE_MS } = options
    const requestOptions: RequestOptions = {
      signal,
      agent: false,
      timeout: silenceDeadlineMs,
      headers: { accept: 'application/octet-stream' },
      ...(allowPrivateAddresses ? {} : { lookup: lookupPublic(notPublic) }),
    }
    const get = url.protocol === 'https:' ? getHttps : getHttp
    this.#signal = signal
    this.response = new Promise((resolve, reject) => {
      const request = get(url, requestOptions, resolve)
      request.on('timeout', () => {
        this.#silence = new ResendFailed('silent', `It sent nothing for ${silenceDeadlineMs / 1_000} s.`)
        request.destroy()
      })
      request.on('error', (error) => reject(this.explain(error)))
    })
  }

  explain(error: unknown): unknown {
    if (this.#signal.aborted) return this.#signal.reason
    if (this.#silence !== undefined) return this.#silence
    if (error instanceof ResendFailed) return error
    const { code = 'no reason given', message } = error as NodeJS.ErrnoException
    if (code === 'ECONNRESET' || message === 'aborted') {
      return new ResendFailed('broken', 'It broke the connection off.', { cause: error })
    }
    return new ResendFailed('unreachable', `It could not be reached (${code}).`, { cause: error })
  }
}

/** An answer that ends when it has grown beyond what is taken at once. */
class BoundedBody {
  readonly #exchange: Exchange
  readonly #response: IncomingMessage
  readonly #maxBytes: number
  isCut = false

  constructor(exchange: Exchange, response: IncomingMessage, maxBytes: number) {
    this.#exchange = exchange
    this.#response = response
    this.#maxBytes = maxBytes
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    let bytes = 0
    try {
      for await (const chunk of this.#response) {
        bytes += chunk.length
        yield chunk
        if (bytes > this.#maxBytes) {
          this.isCut = true
          return
        }
      }
    } catch (error) {
      throw this.#exchange.explain(error)
    } finally {
      this.#response.destroy()
    }
  }
}

/** Frames of the body; where it was cut on purpose, the half frame at its end is no fault of the node. */
async function* readWhole(body: BoundedBody): AsyncGenerator<Uint8Array[]> {
  try {
    yield* readFrames(body, MAX_MESSAGE_BYTES)
  } catch (error) {
    if (!(body.isCut && error instanceof ResendFailed && error.failure === 'broken')) throw error
  }
}

function notPublic(host: string): ResendFailed {
  return new ResendFailed('address-refused', `Its address ${host} does not lead to the public Internet.`)
}
