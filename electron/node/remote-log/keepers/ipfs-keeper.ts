import { join } from 'node:path'
import type { Libp2p } from '@libp2p/interface'
import type { Logger } from '../../ports.ts'
import type { DatabaseHost } from '../database/database.ts'
import type { OpenKeeper } from './keepers.ts'

const IPFS_FILE = 'ipfs.sqlite'

export interface IpfsKeeperOptions {
  databases: DatabaseHost
  folder: string
  /** The node's own host, started, with a Kademlia service. */
  host: () => Promise<Libp2p>
  logger: Logger
}

export interface IpfsKeeper {
  /** Starts Helia on the host the first time. @throws TidemarkError when the host cannot be had */
  open(): Promise<OpenKeeper>
  stop(): Promise<void>
}

/** Blocks over Bitswap and IPNS names, on the node's own libp2p host; not started before a log needs it. */
export function createIpfsKeeper({ databases, folder, host, logger }: IpfsKeeperOptions): IpfsKeeper {
  let opened: Promise<OpenKeeper & { stop(): Promise<void> }> | null = null

  async function start() {
    // Loading Helia takes half a second, which nodes without such logs need not wait for.
    const { IPFS_MIGRATIONS, startIpfsNode } = await import('../ipfs/ipfs-node.ts')
    const database = await databases.open(join(folder, IPFS_FILE), IPFS_MIGRATIONS)
    const node = await startIpfsNode({ database, libp2p: await host(), logger })
    return {
      content: node.content,
      names: node.names,
      createName: () => node.names.createName(),
      carry: (name: string, signal: AbortSignal) => node.names.carry(name, { signal }),
      stop: () => node.stop(),
    }
  }

  return {
    open() {
      opened ??= start().catch((error: unknown) => {
        opened = null
        throw error
      })
      return opened
    },
    async stop() {
      const node = await opened?.catch(() => null)
      await node?.stop()
    },
  }
}
