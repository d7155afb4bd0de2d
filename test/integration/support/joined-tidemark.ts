import { join } from 'node:path'
import { computeAddress } from 'ethers'
import { type StorageServer, startStorageServer } from '../../../electron/api/storage-http/storage-server.ts'
import {
  type ContentOpener,
  createContentOpener,
} from '../../../electron/node/content-keys/content-opener.ts'
import type { Logger, RawMessage, StoredMessage } from '../../../electron/node/ports.ts'
import { createContractSignatureChecker } from '../../../electron/node/provenance/contract-signature.ts'
import { createPendingReview } from '../../../electron/node/provenance/pending-review.ts'
import { createVerifierPool, type IngestResult } from '../../../electron/node/provenance/verifier-pool.ts'
import { createRegistryIndex } from '../../../electron/node/registry/registry-index.ts'
import { createStorageRole, type StorageRole } from '../../../electron/node/storage-role.ts'
import { openSqliteStore, type SqliteStore } from '../../../electron/node/store/sqlite-store.ts'
import { createStorageRegistry } from '../../../electron/node/streamr/storage-registry.ts'
import { createStreamrAdapter, type StreamrAdapter } from '../../../electron/node/streamr/streamr-adapter.ts'
import type { NetworkDescription } from '../../../shared/node-status.ts'

export { fund } from '../../support/fund.ts'

export const silent: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: (fields, message) => process.stderr.write(`${message} ${JSON.stringify(fields)}\n`),
  child: () => silent,
}

/** A Tidemark on a network that somebody else runs: the parts of a node that store, joined as in `storage-node.ts`. */
export interface JoinedTidemark extends StorageRole {
  readonly address: string
  readonly store: SqliteStore
  readonly adapter: StreamrAdapter
  readonly opener: ContentOpener
  readonly storageUrl: string
  stored(part: string): Promise<StoredMessage[]>
  /** Verifies and stores messages as if they came from the network. */
  ingest(messages: Iterable<Uint8Array>): Promise<IngestResult>
  stop(): Promise<void>
}

export interface JoinOptions {
  network: NetworkDescription
  privateKey: string
  /** Exists; the same folder and key make the same node again. */
  dataDir: string
}

export async function joinTidemark({ network, privateKey, dataDir }: JoinOptions): Promise<JoinedTidemark> {
  const stack = new AsyncDisposableStack()
  const logger = silent
  const clock = Date
  const store = await openSqliteStore({ file: join(dataDir, 'tidemark.sqlite'), logger, clock })
  stack.defer(() => store.close())
  const { rpcUrl, chainId, contracts } = network
  const databaseFile = join(dataDir, 'registry.sqlite')
  const index = createRegistryIndex({ databaseFile, rpcUrls: [rpcUrl], chainId, contracts, logger })
  await index.start()
  stack.defer(() => index.stop())
  const pool = createVerifierPool({
    store,
    permissions: index,
    contractSignatures: createContractSignatureChecker({ rpcUrls: [rpcUrl], clock }),
    logger,
    workers: 1,
  })
  await pool.start()
  stack.defer(() => pool.stop())
  const review = createPendingReview({ store, verifier: pool, permissions: index, logger, clock })
  await review.start()
  stack.defer(() => review.stop())
  const adapter = createStreamrAdapter({
    environment: 'local',
    network,
    privateKey,
    filesFolder: join(dataDir, 'streamr-sdk'),
    logger,
  })
  stack.defer(adapter.onMessage((message) => pool.ingest(message)))
  await adapter.start()
  stack.defer(() => adapter.stop())
  const registry = createStorageRegistry({ network, privateKey })
  const role = createStorageRole({
    store,
    index,
    pool,
    adapter,
    registry,
    isLoopback: true,
    gasIsFree: true,
    announcements: { follow: () => undefined, unfollow: () => undefined },
    followed: { follow: () => undefined, start: async () => undefined, stop: async () => undefined },
    clock,
    logger,
  })
  const opener = createContentOpener({
    store,
    source: {
      maySubscribe: (streamId) => adapter.hasPermission(streamId, 'subscribe', adapter.address()),
      fetchGroupKey: (part, publisher, keyId) => adapter.fetchGroupKey(part, publisher, keyId),
      onPermissionChange: (listener) => index.onChange(listener),
    },
    clock,
    logger,
  })
  await opener.start()
  stack.defer(() => opener.stop())
  const onStored = store.onStored((notices) => {
    for (const notice of notices) {
      role.gapFiller.stored(notice)
      opener.stored(notice)
    }
  })
  stack.defer(onStored)
  await role.gapFiller.start()
  stack.defer(() => role.gapFiller.stop())
  await role.presence.start()
  stack.defer(() => role.presence.stop())
  const server: StorageServer = await startStorageServer({
    store,
    isStored: (part) => role.presence.isAssigned(part),
    host: '127.0.0.1',
    port: 0,
    logger,
  })
  stack.defer(() => server.close())
  await role.presence.advertise({ urls: [server.url], multiaddrs: [] })
  return {
    ...role,
    address: computeAddress(privateKey).toLowerCase(),
    store,
    adapter,
    opener,
    storageUrl: server.url,
    async stored(part) {
      const messages: StoredMessage[] = []
      for await (const batch of store.query({ part })) messages.push(...batch)
      return messages
    },
    ingest: (messages) => pool.ingestAll(asReceived(messages)),
    stop: () => stack.disposeAsync(),
  }
}

function* asReceived(messages: Iterable<Uint8Array>): Generator<RawMessage> {
  for (const bytes of messages) yield { bytes, source: 'live', receivedAt: Date.now() }
}
