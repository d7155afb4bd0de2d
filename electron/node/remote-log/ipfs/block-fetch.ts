import type { Libp2p, PeerId, Stream } from '@libp2p/interface'
import { lpStream } from '@libp2p/utils'
import type { Logger } from '../../ports.ts'
import { type Address, addressOf, toCid } from '../address.ts'
import { MAX_BLOCK_BYTES } from '../bounds.ts'
import { toHex } from '../hex.ts'
import { decodeBlockRequest, encodeBlockRequest, MAX_REQUEST_BYTES } from './block-request.ts'
import {
  ANSWER_TIMEOUT_MS,
  MAX_ANSWER_BYTES,
  MAX_ANSWERS_AT_A_TIME,
  MAX_REQUESTS,
  MAX_SILENCE_MS,
  MAX_WANTED_BLOCKS,
  REQUEST_TIMEOUT_MS,
} from './limits.ts'
import type { SqliteBlockstore } from './sqlite-blockstore.ts'
import { type PeerHost, WillingPeers } from './willing-peers.ts'

/**
 * Many blocks in one answer. Bitswap opens a stream for each message of either side and drops wants while a peer
 * has many of them waiting: thousands of small blocks cost it seconds each. Among nodes that speak this protocol
 * they cost a round trip for hundreds.
 *
 * The asker sends addresses (36 bytes each) as one frame, with its length as varint before it. The answer is those
 * of the blocks that are here, in the order asked for and within the bounds, a frame each, and an empty frame; then
 * the stream is closed. Nothing is trusted: each block has to be one that was asked for, by its hash.
 */
export const BLOCK_FETCH_PROTOCOL = '/tidemark/blocks/1.0.0'

type Settle = (block: Uint8Array | null) => void

interface Wanted {
  address: Address
  settle: Settle[]
}

export interface BlockFetchOptions {
  host: PeerHost & Pick<Libp2p, 'handle' | 'unhandle' | 'dialProtocol'>
  blocks: SqliteBlockstore
  /** How long a peer may be silent while it is asked. */
  maxSilenceMs?: number | undefined
  logger: Logger
}

/** Both ends of the protocol. What is wanted while requests are under way goes into the next one together. */
export class BlockFetch {
  readonly #options: BlockFetchOptions
  readonly #peers: WillingPeers
  readonly #stopping = new AbortController()
  /** Wanted and not asked for yet, by hex of the address. */
  readonly #queue = new Map<string, Wanted>()
  #requests = 0
  #isPumpDue = false

  constructor(options: BlockFetchOptions) {
    this.#options = options
    this.#peers = new WillingPeers(options.host, BLOCK_FETCH_PROTOCOL)
  }

  async start(): Promise<void> {
    await this.#options.host.handle(BLOCK_FETCH_PROTOCOL, this.#onStream, {
      maxInboundStreams: MAX_ANSWERS_AT_A_TIME,
      runOnLimitedConnection: true,
    })
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new Error('the node is stopping'))
    settleAll(this.#queue)
    await this.#options.host.unhandle(BLOCK_FETCH_PROTOCOL)
  }

  /** A block that matches its address, also put into the blockstore; null when no peer hands it out this way. */
  get(address: Address): Promise<Uint8Array | null> {
    if (this.#stopping.signal.aborted || this.#options.host.getPeers().length === 0)
      return Promise.resolve(null)
    return new Promise((settle) => {
      const key = toHex(address)
      const wanted = this.#queue.get(key)
      if (wanted === undefined) this.#queue.set(key, { address, settle: [settle] })
      else wanted.settle.push(settle)
      this.#pumpSoon()
    })
  }

  /** Leaves what is wanted in this turn of the event loop time to come together. */
  #pumpSoon(): void {
    if (this.#isPumpDue || this.#requests >= MAX_REQUESTS) return
    this.#isPumpDue = true
    setImmediate(() => {
      this.#isPumpDue = false
      if (this.#queue.size === 0 || this.#requests >= MAX_REQUESTS) return
      const batch = new Map([...this.#queue].slice(0, MAX_WANTED_BLOCKS))
      for (const key of batch.keys()) this.#queue.delete(key)
      this.#requests += 1
      void this.#request(batch).finally(() => {
        this.#requests -= 1
        this.#pumpSoon()
      })
      this.#pumpSoon()
    })
  }

  /** Asks peer after peer for what is left; never fails. */
  async #request(wanted: Map<string, Wanted>): Promise<void> {
    const signal = AbortSignal.any([this.#stopping.signal, AbortSignal.timeout(REQUEST_TIMEOUT_MS)])
    try {
      for await (const peer of this.#peers.list()) {
        // An answer has a bound: as long as a peer hands something out, it may have more.
        while (wanted.size > 0 && !signal.aborted && (await this.#askSafely(peer, wanted, signal)) > 0);
        if (wanted.size === 0 || signal.aborted) break
      }
    } finally {
      settleAll(wanted)
    }
  }

  async #askSafely(peer: PeerId, wanted: Map<string, Wanted>, signal: AbortSignal): Promise<number> {
    const before = wanted.size
    try {
      await this.#ask(peer, wanted, signal)
    } catch (error) {
      if (this.#stopping.signal.aborted) return 0
      this.#peers.failed(peer)
      this.#options.logger.debug({ error, peer: peer.toString() }, 'a peer did not hand out blocks')
      return 0
    }
    if (wanted.size < before) this.#peers.helped(peer)
    return before - wanted.size
  }

  async #ask(peer: PeerId, wanted: Map<string, Wanted>, signal: AbortSignal): Promise<void> {
    const { host, blocks, maxSilenceMs = MAX_SILENCE_MS } = this.#options
    const inTime = () => AbortSignal.any([signal, AbortSignal.timeout(maxSilenceMs)])
    const stream = await host.dialProtocol(peer, BLOCK_FETCH_PROTOCOL, {
      signal: inTime(),
      runOnLimitedConnection: true,
    })
    try {
      const frames = lpStream(stream, { maxDataLength: MAX_BLOCK_BYTES, maxBufferSize: 2 * MAX_ANSWER_BYTES })
      const request = encodeBlockRequest([...wanted.values()].map(({ address }) => address))
      await frames.write(request, { signal: inTime() })
      for (;;) {
        const block: Uint8Array = (await frames.read({ signal: inTime() })).slice()
        if (block.length === 0) return
        const address = addressOf(block)
        const key = toHex(address)
        const asked = wanted.get(key)
        if (asked === undefined) throw new Error('The peer sent a block that it was not asked for.')
        wanted.delete(key)
        await blocks.put(toCid(address), block)
        for (const settle of asked.settle) settle(block)
      }
    } finally {
      stream.abort(new Error('read'))
    }
  }

  readonly #onStream = (stream: Stream): void => {
    this.#serve(stream).catch((error: unknown) => {
      this.#options.logger.debug({ error }, 'a request for blocks was not answered')
      stream.abort(error instanceof Error ? error : new Error('not answered'))
    })
  }

  /** Only what is here: nobody makes this node fetch for him. */
  async #serve(stream: Stream): Promise<void> {
    const signal = AbortSignal.any([this.#stopping.signal, AbortSignal.timeout(ANSWER_TIMEOUT_MS)])
    const frames = lpStream(stream, {
      maxDataLength: MAX_REQUEST_BYTES,
      maxBufferSize: 2 * MAX_REQUEST_BYTES,
    })
    const addresses = decodeBlockRequest((await frames.read({ signal })).slice())
    for (const block of await this.#options.blocks.findMany(addresses, MAX_ANSWER_BYTES)) {
      await frames.write(block, { signal })
    }
    await frames.write(new Uint8Array(0), { signal })
    await stream.close({ signal })
  }
}

function settleAll(wanted: Map<string, Wanted>): void {
  for (const { settle } of wanted.values()) for (const resolve of settle) resolve(null)
  wanted.clear()
}
