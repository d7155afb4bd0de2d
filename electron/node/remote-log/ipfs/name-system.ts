import { randomUUID } from 'node:crypto'
import { type IPNS, IPNSEntry, multihashToIPNSRoutingKey } from '@helia/ipns'
import type { HeliaWithLibp2p } from '@helia/libp2p'
import { base36 } from 'multiformats/bases/base36'
import { CID } from 'multiformats/cid'
import type { Logger } from '../../ports.ts'
import { addressOf, parseAddress, toCid } from '../address.ts'
import { assertBlockFits } from '../block.ts'
import { RemoteLogError } from '../errors.ts'
import type { CallOptions, ContentStore, NameSystem } from '../ports.ts'
import { NAME_LOOKUP_TIMEOUT_MS } from './limits.ts'
import { BLOCK_ROLE, type SqliteBlockstore } from './sqlite-blockstore.ts'

/**
 * How long a record of a name is valid. IPNS asks authors to sign anew every other day; the author of a log may be
 * off for longer, and its keepers can carry a record but not sign one. The sequence number decides between records.
 */
const RECORD_LIFETIME_MS = 365 * 86_400_000
/** How long others may answer from their cache, ms: news of a log are worth asking for after this. */
const RECORD_TTL_MS = 60_000
/** How long publishing or resolving a name may take. */
const TIMEOUT_MS = 30_000
const LIBP2P_KEY_CODE = 0x72
const CONTENT_PATH = '/ipfs/'

export interface IpnsNameSystem extends NameSystem {
  /** Makes a name of its own key pair, which this node alone can update. */
  createName(): Promise<string>
  /**
   * Hands the record of a name, signed by its author, to the network again. Records fade after two days where
   * nobody does; this takes no key, so whoever keeps a log does it.
   * @throws {RemoteLogError} `name-missing`, `names-unreachable`
   */
  carry(name: string, options?: CallOptions): Promise<void>
}

export interface IpnsNameSystemOptions {
  helia: HeliaWithLibp2p
  ipns: IPNS
  blocks: SqliteBlockstore
  content: ContentStore
  logger: Logger
}

const keyNameOf = (name: string) => `log-${name}`

/** Names are IPNS keys (`k51…`); the head is a block, and the signed record names the block. */
class IpnsNames implements IpnsNameSystem {
  readonly #options: IpnsNameSystemOptions
  constructor(options: IpnsNameSystemOptions) {
    this.#options = options
  }

  async createName(): Promise<string> {
    const { keychain } = this.#options.helia
    const draft = `draft-${randomUUID()}`
    const key = await keychain.generateKey(draft)
    const name = key.publicKey.toCID().toV1().toString(base36)
    await keychain.renameKey(draft, keyNameOf(name))
    return name
  }

  async update(name: string, head: Uint8Array, { signal }: CallOptions = {}): Promise<void> {
    signal?.throwIfAborted()
    toKey(name)
    assertBlockFits(head)
    await this.#assertOwn(name)
    const cid = toCid(addressOf(head))
    await this.#options.blocks.keep(cid, head, BLOCK_ROLE.head)
    await this.#within(signal, 'The name could not be handed to the network.', async (either) => {
      await this.#options.ipns.publish(keyNameOf(name), cid, {
        lifetime: RECORD_LIFETIME_MS,
        ttl: RECORD_TTL_MS,
        signal: either,
      })
    })
    await this.#options.blocks.moveHead(name, cid)
    this.#announce(cid)
  }

  async fetch(name: string, { signal }: CallOptions = {}): Promise<Uint8Array> {
    signal?.throwIfAborted()
    const value = await this.#resolve(toKey(name), signal)
    if (!value.startsWith(CONTENT_PATH)) {
      throw new RemoteLogError(
        'page-unreadable',
        'The name does not lead to content: another protocol uses it.',
      )
    }
    const address = parseAddress(value.slice(CONTENT_PATH.length))
    const head = await this.#options.content.get(address, { signal })
    const cid = toCid(address)
    await this.#options.blocks.promote(cid, BLOCK_ROLE.head)
    await this.#options.blocks.moveHead(name, cid)
    return head
  }

  async carry(name: string, { signal }: CallOptions = {}): Promise<void> {
    const key = toKey(name)
    await this.#within(signal, 'The name could not be handed to the network.', async (either) => {
      // Of what the network has and what was read here last, the newer: it may have faded everywhere else.
      for await (const { record } of this.#options.ipns.resolve(key, { signal: either })) {
        await this.#options.helia.routing.put(
          multihashToIPNSRoutingKey(key.multihash),
          IPNSEntry.encode(record),
          {
            signal: either,
          },
        )
      }
    })
  }

  async #resolve(key: CID, signal: AbortSignal | undefined): Promise<string> {
    return this.#within(signal, 'The name could not be looked up.', async (either) => {
      for await (const { value } of this.#options.ipns.resolve(key, { nocache: true, signal: either })) {
        // A name may lead to a name; a log's leads to its head at once.
        return value
      }
      throw missing()
    })
  }

  async #within<T>(
    signal: AbortSignal | undefined,
    sentence: string,
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const timeout = AbortSignal.timeout(TIMEOUT_MS)
    const startedAt = performance.now()
    try {
      return await work(signal === undefined ? timeout : AbortSignal.any([signal, timeout]))
    } catch (cause) {
      signal?.throwIfAborted()
      if (cause instanceof RemoteLogError) throw cause
      if (timeout.aborted)
        throw new RemoteLogError('timeout', `${sentence} It took more than ${TIMEOUT_MS} ms.`, { cause })
      if (cause instanceof Error && cause.name === 'RecordNotFoundError') {
        const tookMs = performance.now() - startedAt
        if (tookMs < NAME_LOOKUP_TIMEOUT_MS && this.#options.helia.libp2p.getPeers().length > 0)
          throw missing({ cause })
        // Nobody has said that there is none: another try may find those who know.
        throw new RemoteLogError('names-unreachable', `${sentence} Nobody within reach answered.`, { cause })
      }
      throw new RemoteLogError('names-unreachable', sentence, { cause })
    }
  }

  async #assertOwn(name: string): Promise<void> {
    for await (const key of this.#options.helia.keychain.listKeys()) if (key.name === keyNameOf(name)) return
    throw new RemoteLogError('name-refused', `The key of the name ${name} is not on this node.`)
  }

  /** Lets readers find this node by the head. The name is published already, so nobody waits for it. */
  #announce(cid: CID): void {
    this.#options.helia.routing
      .provide(cid, { signal: AbortSignal.timeout(TIMEOUT_MS) })
      .catch((error: unknown) => {
        this.#options.logger.debug({ error }, 'the head could not be announced')
      })
  }
}

function missing(options?: ErrorOptions): RemoteLogError {
  return new RemoteLogError('name-missing', 'Nobody within reach knows a record of this name.', options)
}

/** @throws {RemoteLogError} `name-invalid` */
function toKey(name: string): CID {
  try {
    const cid = CID.parse(name, base36)
    if (cid.code !== LIBP2P_KEY_CODE) throw new Error('not a key')
    return cid
  } catch (cause) {
    throw new RemoteLogError('name-invalid', 'An IPNS name begins with k and names a key.', { cause })
  }
}

export function createIpnsNameSystem(options: IpnsNameSystemOptions): IpnsNameSystem {
  return new IpnsNames(options)
}
