import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { computeAddress } from 'ethers'
import { streamPartId } from '../../shared/message.ts'
import { writeFileAtomically } from '../files/atomic-file.ts'
import { startAlertsRole } from './alerts-role.ts'
import { startAuditRole } from './audit-role.ts'
import { openConfiguration } from './configuration.ts'
import { createContentOpener } from './content-keys/content-opener.ts'
import { BACKUP_FOLDER, LAYOUTS_FOLDER, REGISTRY_FILE, SDK_FOLDER } from './data-files.ts'
import { openDatabaseDesk } from './database-desk.ts'
import { describeNetwork, openEnvironment } from './environment.ts'
import { environmentFolder, openEnvironmentChoice } from './environment-choice.ts'
import { createEnvironmentSwitch } from './environment-switch.ts'
import { createFeed } from './feed/feed.ts'
import { reconcileStoreOf } from './gossip/store-adapter.ts'
import { startGossipRole } from './gossip-role.ts'
import { createKnownHolders } from './known-holders.ts'
import { createLayoutStore } from './layouts/layout-store.ts'
import type { FindKey } from './message/open-content.ts'
import { createMessagesRole } from './messages-role.ts'
import { openMetricsAccess } from './metrics-access.ts'
import { openStore } from './open-store.ts'
import { createOwnStreams } from './own-streams.ts'
import { createPeerDesk } from './peer-desk.ts'
import type { VerifierPool } from './provenance/verifier-pool.ts'
import { createQueryDesk } from './query-desk.ts'
import { createStorageDirectory } from './registry/storage-directory.ts'
import { createRegistryDesk } from './registry-desk.ts'
import { startRegistryRole } from './registry-role.ts'
import { createRemoteLogRole, publishedNames, remoteLogSettings } from './remote-log-role.ts'
import { createSchemaMarksRole } from './schema-marks-role.ts'
import { createSinkRole } from './sink-role.ts'
import { createSourceDesk } from './source-desk.ts'
import { startStatusRole } from './status-role.ts'
import { createStorageHttpDesk } from './storage-http-settings.ts'
import type { StorageNode, StorageNodeOptions } from './storage-node.ts'
import { createStorageRole } from './storage-role.ts'
import { lockDataFolder } from './store/data-folder-lock.ts'
import { createRegistryChanges } from './streamr/registry-changes.ts'
import { createStorageRegistry } from './streamr/storage-registry.ts'
import { createStreamCreator } from './streamr/stream-creator.ts'
import { createStreamrAdapter, type StreamrAdapter } from './streamr/streamr-adapter.ts'
import { createStreamsRole, offerOwnStreams } from './streams-role.ts'
import { startVerifierRole } from './verifier-role.ts'

/** Hands live messages to the verifier; while it is full, the source waits and nothing is dropped here. */
function pour(adapter: StreamrAdapter, pool: VerifierPool): () => void {
  return adapter.onMessage((message) => pool.ingest(message))
}

/**
 * Builds the parts of a node and starts them, joined; the lines below are the start order, and what is pushed on the
 * stack is stopped in the same order backwards.
 */
export async function composeNode(
  options: StorageNodeOptions,
  stack: AsyncDisposableStack,
): Promise<StorageNode> {
  const { version, clock, logger, signal } = options
  const startedAt = clock.now()

  const lock = lockDataFolder(options.dataDir)
  stack.defer(() => lock.release())
  const choice = await openEnvironmentChoice(options.dataDir, options.environment)
  // From here on everything is kept in the environment's own folder; the lock and the key alone are shared.
  const dataDir = await environmentFolder(options.dataDir, choice.current.environment, choice.current.custom)
  const configuration = await openConfiguration(dataDir)
  const metrics = await openMetricsAccess(options.dataDir, configuration)
  const { secretBox } = options
  const database = await openDatabaseDesk(
    { folder: dataDir, configuration, secretBox },
    options.database ?? {},
  )
  const privateKey = await options.loadPrivateKey()

  const feed = createFeed()
  stack.defer(() => feed.close())
  const opened = await openStore({
    folder: dataDir,
    target: database.target,
    logger: logger.child({ part: 'store' }),
    clock,
    signal,
  })
  const { store } = opened
  stack.defer(() => store.close())

  const environment = await openEnvironment({
    choice: choice.current,
    folder: dataDir,
    identityAddress: computeAddress(privateKey),
    logger,
    signal,
    stack,
  })

  const nodeAddress = computeAddress(privateKey).toLowerCase()
  const parts = { environment, dataDir, nodeAddress, clock, logger, signal, stack }
  const { index, followed, graphUrl, known, directory, searchLimits } = await startRegistryRole(parts)
  const network = describeNetwork(environment, graphUrl)

  const { pool, history } = await startVerifierRole({
    ...{ dataDir, store, permissions: index, clock, logger, signal, stack },
    rpcUrls: environment.rpcUrls,
  })

  const adapter = createStreamrAdapter({
    environment: environment.name,
    network,
    privateKey,
    filesFolder: join(dataDir, SDK_FOLDER),
    isLoopback: environment.isLoopback,
    joinsInBackground: environment.name !== 'local',
    logger: logger.child({ part: 'streamr' }),
  })
  stack.defer(pour(adapter, pool))
  await adapter.start(signal)
  stack.defer(() => adapter.stop())

  const own = createOwnStreams({
    adapter,
    rpcUrl: network.rpcUrl,
    dataDir,
    // Making a stream costs gas elsewhere, which nobody was asked about.
    telemetry: environment.gasIsFree ? configuration.current.telemetry : { machine: false, chain: false },
    clock,
    logger,
  })
  await offerOwnStreams(configuration, own)

  const { isLoopback, gasIsFree } = environment
  const gossip = await startGossipRole({
    folder: dataDir,
    privateKey,
    settings: () => configuration.current.peers,
    isLoopback,
    store,
    pool,
    index,
    clock,
    logger: logger.child({ part: 'gossip' }),
  })
  stack.defer(() => gossip.stop())
  const holders = createKnownHolders(gossip)
  const role = createStorageRole({
    store,
    index,
    pool,
    adapter,
    announcements: gossip.announcements,
    registry: createStorageRegistry({ network, privateKey }),
    followed,
    isLoopback,
    gasIsFree,
    clock,
    logger,
  })
  const contents = createContentOpener({
    store,
    source: {
      maySubscribe: (streamId) => adapter.hasPermission(streamId, 'subscribe', adapter.address()),
      fetchGroupKey: (part, publisher, keyId) => adapter.fetchGroupKey(part, publisher, keyId),
      onPermissionChange: (listener) => index.onChange(listener),
    },
    clock,
    logger: logger.child({ part: 'content-keys' }),
  })
  const alerts = await startAlertsRole({ ...options, dataDir, messages: opened.location, feed, stack })
  const schemaMarks = createSchemaMarksRole({
    ...{ dataDir, store, messages: opened.location, index, feed, clock, logger },
  })
  stack.defer(() => schemaMarks.stop())
  const remoteLog = await createRemoteLogRole({
    dataDir,
    store,
    isKept: (part) => isStored(part),
    pool,
    parts: () => streams.subscribed(),
    ...remoteLogSettings(configuration),
    host: async () => gossip.host.libp2p,
    clock,
    logger,
  })
  stack.defer(() => remoteLog.stop())
  const findKey: FindKey = (publisher, keyId) => contents.find(publisher, keyId)
  const sinks = await createSinkRole({
    ...{ dataDir, store, findKey, clock, logger },
    secretBox: options.secretBox,
    isKept: (part) => isStored(part),
  })
  stack.defer(() => sinks.stop())
  const queries = createQueryDesk({ queries: gossip.queries, findKey, clock })
  stack.defer(() => queries.stop())
  const streams = createStreamsRole({
    ...{ store, adapter, configuration, own, feed, clock, logger },
    source: role.membership.member(),
    directory: { ...known, search: directory.search },
    searchLimits,
    otherHolders: holders.ofPart,
    notBySchema: (part) => schemaMarks.ofPart(part),
  })
  const isStored = (part: string): boolean =>
    role.presence.isAssigned(part) || streams.subscribed().includes(part)
  stack.defer(
    store.onStored((notices) => {
      for (const notice of notices) {
        streams.stored(notice)
        role.gapFiller.stored(notice)
        contents.stored(notice)
        alerts.stored(notice)
        schemaMarks.stored(notice)
        remoteLog.stored(notice)
        sinks.stored(notice)
        feed.stored(notice)
      }
    }),
  )
  stack.defer(
    store.onDropped((notice) => {
      schemaMarks.dropped(notice)
      feed.dropped(notice)
    }),
  )
  await schemaMarks.start(signal)
  stack.defer(index.onChange((streamId) => schemaMarks.streamChanged(streamId)))
  await contents.start(signal)
  stack.defer(() => contents.stop())
  await role.gapFiller.start(signal)
  stack.defer(() => role.gapFiller.stop())
  await remoteLog.start(signal)
  await sinks.start()
  await role.presence.start(signal)
  stack.defer(() => role.presence.stop())
  await own.prepare()
  await streams.resume(signal)
  await own.start(signal)
  stack.defer(() => own.stop())
  const sources = createSourceDesk({
    ...{ dataDir, configuration, address: nodeAddress, network: adapter, clock, logger },
    creator: createStreamCreator({ network, privateKey }),
    async onMade(streamId) {
      if (!streams.subscribed().includes(streamPartId(streamId, 0))) await streams.subscribe(streamId, 0)
    },
  })
  await sources.start(signal)
  stack.defer(() => sources.stop())

  const registry = createRegistryDesk({
    nodeAddress: adapter.address(),
    directory,
    storage: createStorageDirectory(index),
    changes: createRegistryChanges({ network, privateKey }),
    presence: role.presence,
    store,
    subscribed: () => streams.subscribed(),
  })

  const { messages, exports } = createMessagesRole({
    ...{ store, index, network, privateKey, findKey, history, clock, logger, stack },
    citations: remoteLog.proofCitations,
    knownHolders: holders.ofMessage,
    remoteLogs: (part) => publishedNames(remoteLog, part),
    node: {
      address: adapter.address(),
      version,
      environment: environment.name,
      chainId: environment.chainId,
    },
  })
  const joined = { store, index, pool, roots: gossip.roots, network, privateKey, feed, stack }
  const audits = await startAuditRole({ ...options, dataDir, ...joined })
  const reporter = startStatusRole({
    ...{ version, environment, startedAt, store, index, adapter, feed, clock, logger, stack },
    dataDir: options.dataDir,
    databaseFiles: [...opened.files, join(dataDir, REGISTRY_FILE)],
    engine: database.running.engine,
    alertsFiring: () => alerts.state().counts.firing,
    peers: () => gossip.host.vouched().length,
    problems: () => sinks.problems(),
  })

  return {
    address: adapter.address(),
    network,
    environment: createEnvironmentSwitch(choice, () => index.status().endpoints),
    registry,
    storageHttp: createStorageHttpDesk(configuration),
    database,
    store,
    streams,
    messages,
    exports,
    feed,
    gossip,
    peers: createPeerDesk({ gossip, store: reconcileStoreOf(store), settings: configuration, clock }),
    queries,
    audits,
    alerts,
    schemaMarks,
    remoteLog,
    sinks,
    layouts: createLayoutStore({ folder: join(dataDir, LAYOUTS_FOLDER), write: writeFileAtomically, clock }),
    presence: role.presence,
    gapFiller: role.gapFiller,
    ingestLoad: () => pool.statistics(),
    metrics,
    sources,
    missingKeys: () => contents.missingKeys(),
    isStored,
    async backUp(name, backupOptions) {
      const folder = join(dataDir, BACKUP_FOLDER)
      await mkdir(folder, { recursive: true, mode: 0o700 })
      await store.backup(join(folder, name), backupOptions)
      return join(folder, name)
    },
    status: () => reporter.status(),
    health: () => reporter.health(),
    stop: () => {
      opened.hurry()
      return stack.disposeAsync()
    },
  }
}
