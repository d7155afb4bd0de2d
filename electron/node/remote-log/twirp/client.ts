import {
  create,
  type DescMessage,
  fromBinary,
  fromJson,
  type MessageInitShape,
  toBinary,
  toJson,
} from '@bufbuild/protobuf'
import { type Address, addressOf, assertContentMatches, formatAddress, toCid } from '../address.ts'
import { assertBlockFits } from '../block.ts'
import { withDeadline } from '../deadline.ts'
import { RemoteLogError, type RemoteLogErrorCode } from '../errors.ts'
import { assertNameValid } from '../log-name.ts'
import type { CallOptions, ContentStore, NameSystem } from '../ports.ts'
import { createHttpPost, type HttpPost } from './http-post.ts'
import { toMultiaddr } from './multiaddr.ts'
import {
  CONTENT_TYPES,
  MAX_BODY_BYTES,
  METHODS,
  type MethodName,
  type Output,
  pathOf,
  type TwirpEncoding,
} from './routes.ts'
import { readTwirpError, TwirpError } from './twirp-error.ts'

/** How long one call may take, from connecting to the last byte. */
const DEFAULT_TIMEOUT_MS = 15_000

export interface TwirpClientOptions {
  /** Where the services are, e.g. `http://127.0.0.1:41234`; a path before `/twirp` is kept. */
  url: string
  /** Default `protobuf`. */
  encoding?: TwirpEncoding
  /** Needed to add and to update. */
  writeToken?: string | undefined
  timeoutMs?: number
}

type Failures = Record<string, RemoteLogErrorCode>

/** Calls one twirp server; knows nothing of what the calls mean. */
class TwirpClient {
  readonly #base: string
  readonly #encoding: TwirpEncoding
  readonly #timeoutMs: number
  readonly #post: HttpPost

  constructor({
    url,
    encoding = 'protobuf',
    writeToken,
    timeoutMs = DEFAULT_TIMEOUT_MS,
  }: TwirpClientOptions) {
    this.#base = url.replace(/\/+$/, '')
    this.#encoding = encoding
    this.#timeoutMs = timeoutMs
    const maxBytes = MAX_BODY_BYTES[encoding]
    this.#post = createHttpPost({
      base: this.#base,
      headers: {
        'content-type': CONTENT_TYPES[encoding],
        ...(writeToken === undefined ? {} : { authorization: `Bearer ${writeToken}` }),
      },
      maxBytes,
      tooLarge: () =>
        new RemoteLogError('content-too-large', `${this.#base} answered with more than ${maxBytes} bytes.`),
    })
  }

  async call<Name extends MethodName>(
    name: Name,
    message: MessageInitShape<(typeof METHODS)[Name]['input']>,
    failures: Failures,
    unreachable: RemoteLogErrorCode,
    signal: AbortSignal | undefined,
  ): Promise<Output<Name>> {
    try {
      return await withDeadline((either) => this.#exchange(name, message, either), this.#timeoutMs, signal)
    } catch (cause) {
      signal?.throwIfAborted()
      if (cause instanceof RemoteLogError) throw cause
      if (cause instanceof TwirpError) {
        throw new RemoteLogError(
          failures[cause.code] ?? unreachable,
          `${this.#base} answered: ${cause.message}`,
          { cause },
        )
      }
      throw new RemoteLogError(unreachable, `${this.#base} cannot be reached.`, { cause })
    }
  }

  async #exchange<Name extends MethodName>(
    name: Name,
    message: MessageInitShape<(typeof METHODS)[Name]['input']>,
    signal: AbortSignal,
  ): Promise<Output<Name>> {
    const { input, output }: { input: DescMessage; output: DescMessage } = METHODS[name]
    const request = create(input, message)
    const isBinary = this.#encoding === 'protobuf'
    const sent = isBinary ? toBinary(input, request) : Buffer.from(JSON.stringify(toJson(input, request)))
    const { status, body } = await this.#post(pathOf(METHODS[name]), sent, signal)
    if (status !== 200) throw readTwirpError(status, body)
    const answer = isBinary
      ? fromBinary(output, body, { readUnknownFields: false })
      : fromJson(output, JSON.parse(Buffer.from(body).toString('utf8')), { ignoreUnknownFields: true })
    return answer as Output<Name>
  }
}

const CONTENT_FAILURES: Failures = {
  not_found: 'content-missing',
  data_loss: 'content-mismatch',
  permission_denied: 'store-refused',
  unauthenticated: 'store-refused',
  deadline_exceeded: 'timeout',
}

const NAME_FAILURES: Failures = {
  not_found: 'name-missing',
  permission_denied: 'name-refused',
  unauthenticated: 'name-refused',
  deadline_exceeded: 'timeout',
}

/** A content store behind the RFC's CAS service. Nothing it says is taken on trust. */
export function createTwirpContentStore(options: TwirpClientOptions): ContentStore {
  const client = new TwirpClient(options)
  const multiaddrs = [toMultiaddr(options.url)]
  const call = <Name extends 'add' | 'get'>(
    name: Name,
    message: MessageInitShape<(typeof METHODS)[Name]['input']>,
    signal: AbortSignal | undefined,
  ) => client.call(name, message, CONTENT_FAILURES, 'store-unreachable', signal)
  return {
    async add(content: Uint8Array, { signal }: CallOptions = {}): Promise<Address> {
      assertBlockFits(content)
      const { id = new Uint8Array(0) } = await call('add', { data: content }, signal)
      const address = addressOf(content)
      if (Buffer.compare(id, address) !== 0) {
        throw new RemoteLogError(
          'store-refused',
          `The content store at ${options.url} names content otherwise than by CIDv1, raw, SHA-256; nobody could check it.`,
        )
      }
      return address
    },
    async get(address: Address, { signal }: CallOptions = {}): Promise<Uint8Array> {
      toCid(address)
      const { data = new Uint8Array(0) } = await call('get', { id: address }, signal)
      // Servers that know no `not_found` answer with nothing.
      if (data.length === 0 && Buffer.compare(address, addressOf(data)) !== 0) {
        throw new RemoteLogError('content-missing', `${options.url} does not hold ${formatAddress(address)}.`)
      }
      assertContentMatches(address, data)
      return data
    },
    multiaddrs: () => multiaddrs,
  }
}

/** A name system behind the RFC's NS service. */
export function createTwirpNameSystem(options: TwirpClientOptions): NameSystem {
  const client = new TwirpClient(options)
  return {
    async update(name, content, { signal } = {}) {
      assertNameValid(name)
      assertBlockFits(content)
      await client.call('update', { name, content }, NAME_FAILURES, 'names-unreachable', signal)
    },
    async fetch(name, { signal } = {}) {
      assertNameValid(name)
      const { data = new Uint8Array(0) } = await client.call(
        'fetch',
        { name },
        NAME_FAILURES,
        'names-unreachable',
        signal,
      )
      // Servers that know no `not_found` answer with nothing, which no log is.
      if (data.length === 0)
        throw new RemoteLogError('name-missing', `Nothing is published under the name ${name}.`)
      assertBlockFits(data)
      return data
    },
  }
}
