import type { HeliaWithLibp2p } from '@helia/libp2p'
import type { AbortOptions } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import type { CID } from 'multiformats/cid'
import type { Logger } from '../../ports.ts'
import { type Address, addressOf, assertContentMatches, formatAddress, toCid } from '../address.ts'
import { assertBlockFits } from '../block.ts'
import { MAX_CAS_HINTS } from '../bounds.ts'
import { RemoteLogError } from '../errors.ts'
import type { CallOptions, ContentStore } from '../ports.ts'
import type { BlockFetch } from './block-fetch.ts'
import type { PageWalk } from './page-walk.ts'
import { BLOCK_ROLE, type SqliteBlockstore } from './sqlite-blockstore.ts'

/** How long a block is looked for when the caller does not say. */
const DEFAULT_TIMEOUT_MS = 15_000
/** Connected peers are asked first; who else has a block is looked up when none of them has answered for so long. */
const LOOKUP_AFTER_MS = 1_000
/** Peers dialled for one block. */
const MAX_PROVIDERS = 4
const DIAL_TIMEOUT_MS = 5_000
/** Bitswap's own option, which Helia hands through: providers to look up for a block besides asking all peers. */
const NO_LOOKUP = { maxProviders: 0 }

export interface IpfsContentStoreOptions {
  helia: HeliaWithLibp2p
  blocks: SqliteBlockstore
  pageWalk: PageWalk
  blockFetch: BlockFetch
  timeoutMs?: number | undefined
  logger: Logger
}

/** IPFS blocks: kept in SQLite, fetched in batches from nodes of Tidemark and over Bitswap from whoever else has them. */
class IpfsContentStore implements ContentStore {
  readonly #helia: HeliaWithLibp2p
  readonly #blocks: SqliteBlockstore
  readonly #pageWalk: PageWalk
  readonly #blockFetch: BlockFetch
  readonly #logger: Logger
  readonly #timeoutMs: number

  constructor({ helia, blocks, pageWalk, blockFetch, logger, timeoutMs }: IpfsContentStoreOptions) {
    this.#helia = helia
    this.#blocks = blocks
    this.#pageWalk = pageWalk
    this.#blockFetch = blockFetch
    this.#logger = logger
    this.#timeoutMs = timeoutMs ?? DEFAULT_TIMEOUT_MS
  }

  async add(content: Uint8Array, { signal }: CallOptions = {}): Promise<Address> {
    signal?.throwIfAborted()
    assertBlockFits(content)
    const address = addressOf(content)
    await this.#blocks.keep(toCid(address), content, BLOCK_ROLE.kept)
    return address
  }

  async get(address: Address, { signal }: CallOptions = {}): Promise<Uint8Array> {
    signal?.throwIfAborted()
    const cid = toCid(address)
    const deadline = AbortSignal.timeout(this.#timeoutMs)
    const either = signal === undefined ? deadline : AbortSignal.any([signal, deadline])
    const here = await this.#blocks.find(cid)
    if (here !== null) return checked(address, here)
    const fetched = await unlessAborted(this.#blockFetch.get(address), either, null)
    if (fetched !== null) return fetched
    signal?.throwIfAborted()
    const hasPeers = this.#helia.libp2p.getPeers().length > 0
    const lookup = setTimeout(
      () => void this.#connectToProviders(cid, either),
      hasPeers ? LOOKUP_AFTER_MS : 0,
    )
    try {
      return checked(address, await this.#retrieve(cid, either))
    } catch (cause) {
      signal?.throwIfAborted()
      if (cause instanceof RemoteLogError) throw cause
      throw new RemoteLogError(
        'content-missing',
        `Within ${this.#timeoutMs} ms no peer handed out ${formatAddress(address)}.`,
        { cause },
      )
    } finally {
      clearTimeout(lookup)
    }
  }

  multiaddrs(): readonly string[] {
    return this.#helia.libp2p.getMultiaddrs().slice(0, MAX_CAS_HINTS).map(String)
  }

  async reachOut(multiaddrs: readonly string[], { signal }: CallOptions = {}): Promise<void> {
    const { libp2p } = this.#helia
    const own = libp2p.peerId.toString()
    const timeout = AbortSignal.timeout(DIAL_TIMEOUT_MS)
    const either = signal === undefined ? timeout : AbortSignal.any([signal, timeout])
    await Promise.allSettled(
      multiaddrs
        .filter((address) => address.includes('/p2p/') && !address.endsWith(own))
        .map((address) => libp2p.dial(multiaddr(address), { signal: either })),
    )
  }

  fetchAhead(address: Address, { signal }: CallOptions = {}): Promise<number> {
    return this.#pageWalk.fetch(address, signal)
  }

  sync(): Promise<void> {
    return this.#blocks.flush()
  }

  async #retrieve(cid: CID, signal: AbortSignal): Promise<Uint8Array> {
    const parts: Uint8Array[] = []
    // Looking providers up for each of thousands of blocks would cost more than the blocks: see #connectToProviders.
    const options: AbortOptions = { signal, ...NO_LOOKUP }
    const chunks = this.#helia.blockstore.get(cid, options)
    for await (const chunk of chunks) parts.push(chunk)
    return parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts)
  }

  /** Whoever connects is told what this node wants, so that connecting is all there is to do. */
  async #connectToProviders(cid: CID, signal: AbortSignal): Promise<void> {
    try {
      let dialled = 0
      for await (const provider of this.#helia.routing.findProviders(cid, { signal })) {
        await this.#helia.libp2p.dial(provider.multiaddrs, { signal }).catch((error: unknown) => {
          this.#logger.debug({ error, provider: provider.id.toString() }, 'a provider could not be dialled')
        })
        dialled += 1
        if (dialled === MAX_PROVIDERS) return
      }
    } catch (error) {
      // The block was found meanwhile, or the time is up: whoever waits for it learns that himself.
      if (!signal.aborted) this.#logger.debug({ error, cid: cid.toString() }, 'looking for providers failed')
    }
  }
}

/** @throws {RemoteLogError} `content-too-large`, `content-mismatch` */
function checked(address: Address, content: Uint8Array): Uint8Array {
  assertBlockFits(content)
  assertContentMatches(address, content)
  return content
}

/** What `work` comes to, or `otherwise` when the signal comes first. */
function unlessAborted<T>(work: Promise<T>, signal: AbortSignal, otherwise: T): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => resolve(otherwise)
    if (signal.aborted) onAbort()
    signal.addEventListener('abort', onAbort, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
}

export function createIpfsContentStore(options: IpfsContentStoreOptions): ContentStore {
  return new IpfsContentStore(options)
}
