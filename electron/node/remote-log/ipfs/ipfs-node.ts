import { withBitswap } from '@helia/bitswap'
import { type IPNS, IPNSEntry, ipns, ipnsValidator, multihashFromIPNSRoutingKey } from '@helia/ipns'
import { type CreateLibp2pOptions, type HeliaWithLibp2p, withLibp2pLight } from '@helia/libp2p'
import { type Libp2p, type ServiceMap, start, stop } from '@libp2p/interface'
import { createHeliaLight } from 'helia'
import { isLibp2p } from 'libp2p'
import type { Logger } from '../../ports.ts'
import type { Database } from '../database/database.ts'
import type { ContentStore } from '../ports.ts'
import { BlockFetch } from './block-fetch.ts'
import { createIpfsContentStore } from './content-store.ts'
import { NameExchange } from './name-exchange.ts'
import { createIpnsNameSystem, type IpnsNameSystem } from './name-system.ts'
import { PageWalk } from './page-walk.ts'
import { SqliteBlockstore } from './sqlite-blockstore.ts'
import { SqliteDatastore } from './sqlite-datastore.ts'
import { withHost } from './with-host.ts'

export const IPFS_MIGRATIONS = [
  `CREATE TABLE block (cid BLOB PRIMARY KEY, role INTEGER NOT NULL, content BLOB NOT NULL) WITHOUT ROWID;
   CREATE TABLE head (name TEXT PRIMARY KEY, cid BLOB NOT NULL) WITHOUT ROWID;
   CREATE TABLE entry (key TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;`,
]

/**
 * Bitswap gathers wants and blocks for 10 ms by default before it sends them. A log is walked page by page, each
 * naming the next, so that every one of these waits would be a wait for the reader.
 */
const BITSWAP_OPTIONS = { sendWantlistDebounce: 0, sendBlocksDebounce: 0 }

export interface IpfsNodeOptions<Services extends ServiceMap> {
  /** A file opened with `IPFS_MIGRATIONS`; it holds the keys of names and is for its owner alone. */
  database: Database
  /**
   * The libp2p host to run on, started, with a Kademlia service for names; or the configuration Helia is to make
   * one from, which then is `host`.
   */
  libp2p: Libp2p | CreateLibp2pOptions<Services>
  /** How long one block is looked for. */
  timeoutMs?: number
  /** How long the host's table of neighbours is asked for a name; connected peers are asked as well. */
  lookupTimeoutMs?: number
  logger: Logger
}

export interface IpfsNode {
  readonly host: Libp2p
  readonly content: ContentStore
  readonly names: IpnsNameSystem
  /** Ends Bitswap and Helia; a host that was handed in goes on. */
  stop(): Promise<void>
}

/** Starts Helia as content store (blocks over Bitswap) and name system (IPNS over the host's routing). */
export async function startIpfsNode<Services extends ServiceMap>(
  options: IpfsNodeOptions<Services>,
): Promise<IpfsNode> {
  const { database, libp2p, logger } = options
  const blocks = new SqliteBlockstore(database, logger)
  const datastore = new SqliteDatastore(database)
  const light = createHeliaLight({ blockstore: blocks, datastore })
  const networked = isLibp2p(libp2p) ? withHost(light, libp2p, options) : withLibp2pLight(light, libp2p)
  const helia: HeliaWithLibp2p = withBitswap(networked as HeliaWithLibp2p, BITSWAP_OPTIONS) as HeliaWithLibp2p
  await helia.start()
  // IPNS adds its record validation to the host's Kademlia service, which has to be there by then.
  // It listens for Helia's start to sign records anew in time, and that has just been.
  const names = new NameExchange({
    host: helia.libp2p,
    read: (routingKey) => readRecord(records, routingKey),
    validate: (routingKey, record, options) => ipnsValidator(routingKey, record, helia.keychain, options),
    logger,
  })
  const records: IPNS = ipns(helia, { routers: [names] })
  await start(records)
  await names.start()
  const pageWalk = new PageWalk({ host: helia.libp2p, blocks, logger })
  await pageWalk.start()
  const blockFetch = new BlockFetch({ host: helia.libp2p, blocks, logger })
  await blockFetch.start()
  const content = createIpfsContentStore({
    ...{ helia, blocks, pageWalk, blockFetch, logger },
    timeoutMs: options.timeoutMs,
  })
  return {
    host: helia.libp2p,
    content,
    names: createIpnsNameSystem({ helia, ipns: records, blocks, content, logger }),
    stop: async () => {
      await names.stop()
      await stop(records)
      await blockFetch.stop()
      await pageWalk.stop()
      await helia.stop()
      await blocks.flush()
    },
  }
}

/** The record of a name as it was published or read here last, or null. @throws when the key is none */
async function readRecord(records: IPNS, routingKey: Uint8Array): Promise<Uint8Array | null> {
  const key = multihashFromIPNSRoutingKey(routingKey)
  try {
    // A name may lead to a name, which is not asked for.
    for await (const { record } of records.resolve(key, { offline: true })) return IPNSEntry.encode(record)
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'RecordNotFoundError') throw error
  }
  return null
}
