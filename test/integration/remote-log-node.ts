import { join } from 'node:path'
import type { Libp2p } from '@libp2p/interface'
import { createVerifierPool, type VerifierPool } from '../../electron/node/provenance/verifier-pool.ts'
import { createRemoteLogRole, type RemoteLogRole } from '../../electron/node/remote-log-role.ts'
import { openSqliteStore, type SqliteStore } from '../../electron/node/store/sqlite-store.ts'
import type { LogServerSettings, SyncMode } from '../../shared/remote-log.ts'
import { noContracts, permission, SettablePermissions, silentLogger } from '../unit/provenance/fakes.ts'

/** A node as the remote log needs it: the real store, real verification, the joined remote log. */
export interface RemoteLogNode {
  store: SqliteStore
  pool: VerifierPool
  remoteLog: RemoteLogRole
  /** Stream parts that are kept in step with paired nodes. */
  parts: string[]
  /** Started when it is asked for. */
  host(): Promise<Libp2p>
  stop(): Promise<void>
}

/** @param peers multiaddrs its libp2p host dials when it starts */
export async function startRemoteLogNode(
  folder: string,
  peers: readonly string[] = [],
): Promise<RemoteLogNode> {
  const logger = silentLogger
  const store = await openSqliteStore({ file: join(folder, 'tidemark.sqlite'), clock: Date, logger })
  // Who signs for a stream below his own address may publish there.
  const permissions = new SettablePermissions((streamId, publisher) =>
    permission(streamId.startsWith(publisher) ? 'permitted' : 'denied'),
  )
  const pool = createVerifierPool({ store, permissions, contractSignatures: noContracts, logger, workers: 2 })
  await pool.start()
  const parts: string[] = []
  let mode: SyncMode = 'interactive'
  let settings: LogServerSettings | null = null
  let started: Promise<Libp2p> | null = null
  const host = (): Promise<Libp2p> => {
    started ??= startHost(peers)
    return started
  }
  const remoteLog = await createRemoteLogRole({
    ...{ dataDir: folder, store, pool, host, clock: Date, logger },
    isKept: () => false,
    parts: () => parts,
    sync: {
      label: 'test',
      mode: () => mode,
      saveMode: async (changed) => {
        mode = changed
      },
    },
    serving: {
      settings: () => settings,
      save: async (changed) => {
        settings = changed
      },
    },
  })
  const unsubscribe = store.onStored((notices) => {
    for (const notice of notices) remoteLog.stored(notice)
  })
  await remoteLog.start()
  return {
    ...{ store, pool, remoteLog, parts, host },
    async stop() {
      unsubscribe()
      await remoteLog.stop()
      await (await started)?.stop()
      await pool.stop()
      await store.close()
    },
  }
}

async function startHost(peers: readonly string[]): Promise<Libp2p> {
  // Loading libp2p takes a second, which the nodes of the other keepers need not wait for.
  const { createLibp2p } = await import('libp2p')
  const { multiaddr } = await import('@multiformats/multiaddr')
  const { createHostOptions } = await import('../../electron/node/remote-log/ipfs/host-options.ts')
  const host = await createLibp2p(createHostOptions({ listen: ['/ip4/127.0.0.1/tcp/0'] }))
  await Promise.all(peers.map((peer) => host.dial(multiaddr(peer))))
  return host
}
