import { join } from 'node:path'
import { type PortalServer, startPortalServer } from '../api/portal-server.ts'
import { startStorageServer } from '../api/storage-http/storage-server.ts'
import type { ApiContext } from '../api/trpc.ts'
import type { Logger } from '../node/ports.ts'
import type { StorageNode } from '../node/storage-node.ts'
import { productLicences } from './licences.ts'
import { runningNodesDir } from './paths.ts'
import { announceRunningNode } from './running-nodes.ts'
import { projectRoot } from './version.ts'

export interface ServeNodeOptions {
  node: StorageNode
  /** Port of the portal on loopback; 0 lets the system choose. */
  port: number
  dataDir: string
  logger: Logger
  /** What is started here goes in, so that it stops in the reverse order and before the node. */
  stack: AsyncDisposableStack
  signal: AbortSignal
}

/** Where a node is reached from outside its process. */
export interface ServedNode {
  readonly portal: Pick<PortalServer, 'url' | 'token'>
  readonly storageUrl: string
  /** What calls of the router see, for a host that carries them by another way, too. */
  readonly context: ApiContext
}

/**
 * Where gas is free this writes the address to the chain, and is waited for. Elsewhere it waits for the user, who sees
 * the cost, and is not waited for: the chain may be out of reach.
 */
async function advertise(
  node: StorageNode,
  addresses: Parameters<StorageNode['presence']['advertise']>[0],
  { stack, logger, signal }: Pick<ServeNodeOptions, 'stack' | 'logger' | 'signal'>,
): Promise<void> {
  if (node.network.environment === 'local') return node.presence.advertise(addresses, signal)
  const stopping = new AbortController()
  const compared = node.presence
    .advertise(addresses, AbortSignal.any([signal, stopping.signal]))
    .catch((error: unknown) => {
      if (!stopping.signal.aborted) logger.warn({ error }, 'this node could not be compared with the chain')
    })
  stack.defer(async () => {
    stopping.abort()
    await compared
  })
}

/**
 * Opens a running node to this machine, the same for every host: the portal with `/api` and `/health`, Streamr's
 * storage interface, and word of the node for the command line. When a later step fails, the earlier ones are in
 * `stack`, which the caller disposes.
 * @throws TidemarkError `port-in-use`
 */
export async function serveNode({
  node,
  port,
  dataDir,
  logger,
  stack,
  signal,
}: ServeNodeOptions): Promise<ServedNode> {
  const context: ApiContext = { node, licences: productLicences() }
  const rendererDir = join(projectRoot, 'dist', 'renderer')
  const portal = await startPortalServer({ ...context, rendererDir, port, logger })
  stack.defer(() => portal.close())
  const { publicUrls, ...settings } = node.storageHttp.running
  const storage = await startStorageServer({
    store: node.store,
    isStored: (part) => node.isStored(part),
    ...settings,
    advertisedUrls: publicUrls,
    logger,
  })
  stack.defer(() => storage.close())
  await advertise(
    node,
    { urls: publicUrls.length > 0 ? publicUrls : [storage.url], multiaddrs: node.gossip.host.multiaddrs() },
    { stack, logger, signal },
  )
  const forget = await announceRunningNode(runningNodesDir(), {
    pid: process.pid,
    url: portal.url,
    bearer: portal.bearer,
    dataDir,
    startedAt: Date.now(),
  })
  stack.defer(forget)
  return { portal: { url: portal.url, token: portal.token }, storageUrl: storage.url, context }
}
