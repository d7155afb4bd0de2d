import type { Libp2p, PeerId, Stream } from '@libp2p/interface'
import { lpStream } from '@libp2p/utils'
import type { Logger } from '../../ports.ts'
import { ADDRESS_BYTES, type Address, addressOf, isAddress, toCid } from '../address.ts'
import { MAX_BLOCK_BYTES } from '../bounds.ts'
import { RemoteLogError } from '../errors.ts'
import { isSameBytes } from '../hex.ts'
import { decodePage } from '../wire/page.ts'
import { ANSWER_TIMEOUT_MS, MAX_ANSWER_BYTES, MAX_ANSWERS_AT_A_TIME, MAX_WALK_PAGES } from './limits.ts'
import type { SqliteBlockstore } from './sqlite-blockstore.ts'
import { type PeerHost, WillingPeers } from './willing-peers.ts'

/**
 * Pages of a log, each naming the one before, in one answer. Over Bitswap, a log of one message a page costs a
 * round trip for every message; among nodes that speak this protocol, one for hundreds.
 *
 * The asker sends the address of a page (36 bytes, with its length as varint before it). The answer is that page
 * and the ones before it, newest first, each with its length before it, as far as they are here and within the
 * bounds; then the stream is closed. Nothing is trusted: each page has to match the address the page after it names.
 */
export const PAGE_WALK_PROTOCOL = '/tidemark/page-walk/1.0.0'

export interface PageWalkOptions {
  host: PeerHost & Pick<Libp2p, 'handle' | 'unhandle' | 'dialProtocol'>
  blocks: SqliteBlockstore
  logger: Logger
}

/** Both ends of the protocol. */
export class PageWalk {
  readonly #options: PageWalkOptions
  readonly #peers: WillingPeers

  constructor(options: PageWalkOptions) {
    this.#options = options
    this.#peers = new WillingPeers(options.host, PAGE_WALK_PROTOCOL)
  }

  async start(): Promise<void> {
    await this.#options.host.handle(PAGE_WALK_PROTOCOL, this.#onStream, {
      maxInboundStreams: MAX_ANSWERS_AT_A_TIME,
      runOnLimitedConnection: true,
    })
  }

  async stop(): Promise<void> {
    await this.#options.host.unhandle(PAGE_WALK_PROTOCOL)
  }

  /** Fetches `start` and pages before it into the blockstore. Returns how many; 0 when nobody helps. */
  async fetch(start: Address, signal: AbortSignal | undefined): Promise<number> {
    for await (const peer of this.#peers.list()) {
      try {
        const pages = await this.#ask(peer, start, signal)
        if (pages === 0) continue
        this.#peers.helped(peer)
        return pages
      } catch (error) {
        signal?.throwIfAborted()
        this.#peers.failed(peer)
        this.#options.logger.debug({ error, peer: peer.toString() }, 'a peer did not walk a log for us')
      }
    }
    return 0
  }

  async #ask(peer: PeerId, start: Address, signal: AbortSignal | undefined): Promise<number> {
    const timeout = AbortSignal.timeout(ANSWER_TIMEOUT_MS)
    const either = signal === undefined ? timeout : AbortSignal.any([signal, timeout])
    const stream = await this.#options.host.dialProtocol(peer, PAGE_WALK_PROTOCOL, {
      signal: either,
      runOnLimitedConnection: true,
    })
    try {
      const frames = lpStream(stream, { maxDataLength: MAX_BLOCK_BYTES, maxBufferSize: 2 * MAX_ANSWER_BYTES })
      await frames.write(start, { signal: either })
      let expected: Address | null = start
      let pages = 0
      while (expected !== null && pages < MAX_WALK_PAGES) {
        const page: Uint8Array = (await frames.read({ signal: either })).slice()
        // The empty frame ends the answer; what does not fit ends our trust in it.
        if (page.length === 0 || !isSameBytes(addressOf(page), expected)) break
        await this.#options.blocks.put(toCid(expected), page)
        pages += 1
        expected = decodePage(page).tail
      }
      return pages
    } finally {
      stream.abort(new Error('read'))
    }
  }

  readonly #onStream = (stream: Stream): void => {
    this.#serve(stream).catch((error: unknown) => {
      this.#options.logger.debug({ error }, 'a walk over a log was not served')
      stream.abort(error instanceof Error ? error : new Error('not served'))
    })
  }

  async #serve(stream: Stream): Promise<void> {
    const signal = AbortSignal.timeout(ANSWER_TIMEOUT_MS)
    const frames = lpStream(stream, { maxDataLength: ADDRESS_BYTES, maxBufferSize: 4 * ADDRESS_BYTES })
    let next: Address | null = (await frames.read({ signal })).slice()
    let sizeBytes = 0
    for (let pages = 0; next !== null && pages < MAX_WALK_PAGES && sizeBytes < MAX_ANSWER_BYTES; pages += 1) {
      const page = await this.#read(next)
      if (page === null) break
      await frames.write(page, { signal })
      sizeBytes += page.length
      next = tailOf(page)
    }
    await frames.write(new Uint8Array(0), { signal })
    await stream.close({ signal })
  }

  /** Only what is here: nobody makes this node fetch for him. */
  async #read(address: Address): Promise<Uint8Array | null> {
    return isAddress(address) ? this.#options.blocks.find(toCid(address)) : null
  }
}

/** The page before, or null: also for blocks that are no pages. */
function tailOf(block: Uint8Array): Address | null {
  try {
    return decodePage(block).tail
  } catch (error) {
    if (error instanceof RemoteLogError) return null
    throw error
  }
}
