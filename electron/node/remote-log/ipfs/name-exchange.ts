import { IPNSEntry, type IPNSRouting, ipnsSelector } from '@helia/ipns'
import type { AbortOptions, Libp2p, PeerId, Stream } from '@libp2p/interface'
import { lpStream } from '@libp2p/utils'
import type { Logger } from '../../ports.ts'
import {
  ANSWER_TIMEOUT_MS,
  MAX_ANSWERS_AT_A_TIME,
  MAX_NAME_KEY_BYTES,
  MAX_RECORD_BYTES,
  MAX_SILENCE_MS,
} from './limits.ts'
import { NotFound } from './not-found.ts'
import { type PeerHost, WillingPeers } from './willing-peers.ts'

/**
 * Records of names from peer to peer. The network's table of neighbours may be empty while a peer that keeps the log
 * is connected: whoever keeps a log knows its name's record, and is asked for it outright.
 *
 * The asker sends the routing key of a name (`/ipns/` and the key's multihash) as one frame, with its length as
 * varint before it. The answer is one frame, the signed record as it is kept here, or an empty one; then the stream
 * is closed. Nothing is trusted: a record has to be signed by the key that is the name, and of several the one with
 * the highest sequence number counts.
 */
export const NAME_PROTOCOL = '/tidemark/names/1.0.0'

export interface NameExchangeOptions {
  host: PeerHost & Pick<Libp2p, 'handle' | 'unhandle' | 'dialProtocol'>
  /** The record of a name as it is kept here, or null; rejects keys that are none. */
  read: (routingKey: Uint8Array) => Promise<Uint8Array | null>
  /** @throws when the record is not the name's, not well-formed, or no longer valid */
  validate: (routingKey: Uint8Array, record: Uint8Array, options?: AbortOptions) => Promise<IPNSEntry>
  /** How long a peer may be silent while it is asked. */
  maxSilenceMs?: number | undefined
  logger: Logger
}

/** Both ends of the protocol, as one of the ways in which Helia finds records. */
export class NameExchange implements IPNSRouting {
  readonly #options: NameExchangeOptions
  readonly #peers: WillingPeers

  constructor(options: NameExchangeOptions) {
    this.#options = options
    this.#peers = new WillingPeers(options.host, NAME_PROTOCOL)
  }

  async start(): Promise<void> {
    await this.#options.host.handle(NAME_PROTOCOL, this.#onStream, {
      maxInboundStreams: MAX_ANSWERS_AT_A_TIME,
      runOnLimitedConnection: true,
    })
  }

  async stop(): Promise<void> {
    await this.#options.host.unhandle(NAME_PROTOCOL)
  }

  /** Nobody is handed a record unasked. */
  put(): Promise<void> {
    return Promise.resolve()
  }

  /** The newest of the records that connected peers have. @throws {NotFound} */
  async get(routingKey: Uint8Array, { signal }: AbortOptions = {}): Promise<Uint8Array> {
    const asked: Promise<IPNSEntry | null>[] = []
    for await (const peer of this.#peers.list()) asked.push(this.#askSafely(peer, routingKey, signal))
    const records = (await Promise.all(asked)).filter((record) => record !== null)
    signal?.throwIfAborted()
    const newest = records.length === 0 ? undefined : records[ipnsSelector(routingKey, records)]
    if (newest === undefined) throw new NotFound('No connected peer has a record of this name.')
    return IPNSEntry.encode(newest)
  }

  toString(): string {
    return 'NameExchange()'
  }

  async #askSafely(
    peer: PeerId,
    routingKey: Uint8Array,
    signal: AbortSignal | undefined,
  ): Promise<IPNSEntry | null> {
    try {
      const record = await this.#ask(peer, routingKey, signal)
      if (record === null) return null
      const valid = await this.#options.validate(routingKey, record, signal === undefined ? {} : { signal })
      this.#peers.helped(peer)
      return valid
    } catch (error) {
      if (signal?.aborted) return null
      this.#peers.failed(peer)
      this.#options.logger.debug({ error, peer: peer.toString() }, 'a peer did not hand out a name’s record')
      return null
    }
  }

  async #ask(
    peer: PeerId,
    routingKey: Uint8Array,
    signal: AbortSignal | undefined,
  ): Promise<Uint8Array | null> {
    const silence = AbortSignal.timeout(this.#options.maxSilenceMs ?? MAX_SILENCE_MS)
    const either = signal === undefined ? silence : AbortSignal.any([signal, silence])
    const stream = await this.#options.host.dialProtocol(peer, NAME_PROTOCOL, {
      signal: either,
      runOnLimitedConnection: true,
    })
    try {
      const frames = lpStream(stream, {
        maxDataLength: MAX_RECORD_BYTES,
        maxBufferSize: 2 * MAX_RECORD_BYTES,
      })
      await frames.write(routingKey, { signal: either })
      const record: Uint8Array = (await frames.read({ signal: either })).slice()
      return record.length === 0 ? null : record
    } finally {
      stream.abort(new Error('read'))
    }
  }

  readonly #onStream = (stream: Stream): void => {
    this.#serve(stream).catch((error: unknown) => {
      this.#options.logger.debug({ error }, 'a question for a name was not answered')
      stream.abort(error instanceof Error ? error : new Error('not answered'))
    })
  }

  /** Only what is here: nobody makes this node look a name up for him. */
  async #serve(stream: Stream): Promise<void> {
    const signal = AbortSignal.timeout(ANSWER_TIMEOUT_MS)
    const frames = lpStream(stream, {
      maxDataLength: MAX_NAME_KEY_BYTES,
      maxBufferSize: 4 * MAX_NAME_KEY_BYTES,
    })
    const record = await this.#options.read((await frames.read({ signal })).slice())
    await frames.write(record ?? new Uint8Array(0), { signal })
    await stream.close({ signal })
  }
}
