import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { computeAddress } from 'ethers'
import type { MissingKeyView } from '../../shared/content-keys.ts'
import type { EnvironmentName } from '../../shared/environment.ts'
import { TidemarkError } from '../../shared/errors.ts'
import { streamPartId } from '../../shared/message.ts'
import type { NetworkDescription } from '../../shared/node-status.ts'
import { startAlertsRole } from './alerts-role.ts'
import { startAuditRole } from './audit-role.ts'
import { type ConfigurationFile, openConfiguration } from './configuration.ts'
import { createContentOpener } from './content-keys/content-opener.ts'
import {
  BACKUP_FOLDER,
  LAYOUTS_FOLDER,
  REGISTRY_FILE,
  SDK_FOLDER,
  VERDICT_HISTORY_FILE,
} from './data-files.ts'
import { type ChosenDatabase, type DatabaseDesk, openDatabaseDesk } from './database-desk.ts'
import { describeNetwork, openEnvironment } from './environment.ts'
import { environmentFolder, openEnvironmentChoice } from './environment-choice.ts'
import { createEnvironmentSwitch, type EnvironmentSwitch } from './environment-switch.ts'
import { createEvidenceRole } from './evidence-role.ts'
import { createExportDesk, type ExportDesk } from './export-desk.ts'
import { createFeed, type Feed } from './feed/feed.ts'
import type { Gossip } from './gossip/gossip.ts'
import { reconcileStoreOf } from './gossip/store-adapter.ts'
import { startGossipRole } from './gossip-role.ts'
import { createLayoutStore, type LayoutStore } from './layouts/layout-store.ts'
import { writeFileAtomically } from './local-network/atomic-file.ts'
import type { FindKey } from './message/open-content.ts'
import { createMessageBrowser, type MessageBrowser } from './message-browser.ts'
import { type MetricsAccess, openMetricsAccess } from './metrics-access.ts'
import { problemsOf } from './node-problems.ts'
import { createStatusReporter, type StatusReporter } from './node-status.ts'
import { openStore } from './open-store.ts'
import { createOwnStreams, type OwnStreams } from './own-streams.ts'
import { createPeerDesk, type PeerDesk } from './peer-desk.ts'
import type { Clock, Logger, MessageStore, StreamRecord } from './ports.ts'
import type { AuditDesk } from './provenance/audit/audit-desk.ts'
import { createContractSignatureChecker } from './provenance/contract-signature.ts'
import { createPendingReview } from './provenance/pending-review.ts'
import { openVerdictHistory } from './provenance/verdict-history.ts'
import { createVerifierPool, type VerifierPool, type VerifierStatistics } from './provenance/verifier-pool.ts'
import { createQueryDesk, type QueryDesk } from './query-desk.ts'
import { createStorageDirectory } from './registry/storage-directory.ts'
import { createRegistryDesk, type RegistryDesk } from './registry-desk.ts'
import { startRegistryRole } from './registry-role.ts'
import {
  createRemoteLogRole,
  publishedNames,
  type RemoteLogRole,
  remoteLogSettings,
} from './remote-log-role.ts'
import { createRowThread } from './rows-role.ts'
import type { AlertBook } from './rules/alert-book.ts'
import type { SecretBox } from './rules/ports.ts'
import { createSinkRole, type SinkRole } from './sink-role.ts'
import { createSourceDesk, type SourceDesk } from './source-desk.ts'
import { createStorageHttpDesk, type StorageHttpDesk } from './storage-http-settings.ts'
import { createStorageRole, type StorageRole } from './storage-role.ts'
import { lockDataFolder } from './store/data-folder-lock.ts'
import type { BackupOptions, StoreCare } from './store/store-care.ts'
import type { EngineStore } from './store/store-front.ts'
import { createRegistryChanges } from './streamr/registry-changes.ts'
import { createStorageRegistry } from './streamr/storage-registry.ts'
import { createStreamCreator } from './streamr/stream-creator.ts'
import { createStreamrAdapter, type StreamrAdapter } from './streamr/streamr-adapter.ts'
import {
  createStreamCatalogue,
  type StreamCatalogue,
  type SubscriptionList,
} from './subscriptions/stream-catalogue.ts'

/** The status bar follows the chain and the neighbours this often. */
const STATUS_INTERVAL_MS = 1_000

export interface StorageNodeOptions {
  dataDir: string
  /** Chosen for the data folder from now on; without it, what was chosen before. */
  environment?: EnvironmentName | undefined
  /** Where messages are kept from now on; without it, where they were kept before. */
  database?: ChosenDatabase | undefined
  /** Called once the data folder is this node's; answers 0x and 64 hex digits. */
  loadPrivateKey: () => Promise<string>
  /** Seals what must not lie open on disk: the secrets of channels. */
  secretBox: SecretBox
  version: string
  clock: Clock
  logger: Logger
  signal: AbortSignal
}

/** The node as its hosts see it: everything a window, a command or a Streamr client can ask of it. */
export interface StorageNode extends StatusReporter, Pick<StorageRole, 'presence' | 'gapFiller'> {
  readonly address: string
  readonly network: NetworkDescription
  /** The environment the node runs in, and which it will run in next. */
  readonly environment: EnvironmentSwitch
  readonly registry: RegistryDesk
  readonly storageHttp: StorageHttpDesk
  /** Where messages are kept, and what is to be used next. */
  readonly database: Omit<DatabaseDesk, 'target'>
  readonly store: MessageStore & StoreCare & Pick<EngineStore, 'status'>
  readonly streams: StreamCatalogue
  readonly messages: MessageBrowser
  /** Files of messages. */
  readonly exports: ExportDesk
  readonly feed: Feed
  /** This node among its peers. */
  readonly gossip: Gossip
  readonly peers: PeerDesk
  /** Queries that are answered from all nodes that can be reached. */
  readonly queries: QueryDesk
  readonly audits: AuditDesk
  /** Rules on what is stored, and their alerts. */
  readonly alerts: AlertBook
  readonly remoteLog: Omit<RemoteLogRole, 'start' | 'stop' | 'stored'>
  readonly layouts: LayoutStore
  /** Streams that are written into tables of a database. */
  readonly sinks: Omit<SinkRole, 'start' | 'stop' | 'stored' | 'threadRestarted'>
  /** How the way of messages to disk fares, since the start. */
  ingestLoad(): VerifierStatistics
  readonly metrics: MetricsAccess
  readonly sources: Omit<SourceDesk, 'start' | 'stop'>
  /** Keys of encrypted messages that are not known, and what is done about it. */
  missingKeys(): MissingKeyView[]
  /** Whether messages of the part that arrive are kept, by the user's wish or an assignment. */
  isStored(part: string): boolean
  /** Copies the store into the data folder's `backups` under a plain file name; answers the path. */
  backUp(name: string, options: BackupOptions): Promise<string>
  /** Ends everything in the reverse order of its start; resolves when nothing goes on any more. */
  stop(): Promise<void>
}

function subscriptionList(configuration: ConfigurationFile): SubscriptionList {
  return {
    load: () => configuration.current.subscriptions,
    save: (subscriptions) => configuration.update((now) => ({ ...now, subscriptions: [...subscriptions] })),
  }
}

/** Hands live messages to the verifier; while it is full, the source waits and nothing is dropped here. */
function pour(adapter: StreamrAdapter, pool: VerifierPool): () => void {
  return adapter.onMessage((message) => pool.ingest(message))
}

/** What the registry contract has of a stream now; null when it has nothing. */
async function lookUpStream(adapter: StreamrAdapter, streamId: string): Promise<StreamRecord | null> {
  try {
    return await adapter.getStream(streamId)
  } catch (error) {
    if (error instanceof TidemarkError && error.code === 'stream-not-found') return null
    throw error
  }
}

/** The node's own streams are offered once: whoever unsubscribes them is not overruled at the next start. */
async function offerOwnStreams(configuration: ConfigurationFile, own: OwnStreams): Promise<void> {
  if (configuration.current.ownStreamsOffered) return
  await configuration.update((now) => {
    const known = new Set(now.subscriptions.map((s) => streamPartId(s.streamId, s.partition)))
    const offered = [...own.parts].filter((part) => !known.has(part))
    const added = offered.map((part) => ({ streamId: part.slice(0, part.lastIndexOf('#')), partition: 0 }))
    return { ...now, ownStreamsOffered: true, subscriptions: [...now.subscriptions, ...added] }
  })
}

/**
 * Builds the node and starts its parts; the lines below are the start order, and stopping is the same order
 * backwards. What was started is stopped again when a later part fails.
 * @throws TidemarkError among others `data-folder-in-use`, `config-invalid`, `store-newer-than-code`
 */
export async function startStorageNode(options: StorageNodeOptions): Promise<StorageNode> {
  const stack = new AsyncDisposableStack()
  try {
    return await compose(options, stack)
  } catch (error) {
    await stack.disposeAsync()
    throw error
  }
}

async function compose(options: StorageNodeOptions, stack: AsyncDisposableStack): Promise<StorageNode> {
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
  const { index, followed, graphUrl, known, directory } = await startRegistryRole(parts)
  const network = describeNetwork(environment, graphUrl)

  const pool = createVerifierPool({
    store,
    permissions: index,
    contractSignatures: createContractSignatureChecker({ rpcUrls: environment.rpcUrls, clock }),
    logger: logger.child({ part: 'verifier' }),
  })
  await pool.start(signal)
  stack.defer(() => pool.stop())
  const history = await openVerdictHistory(join(dataDir, VERDICT_HISTORY_FILE), logger)
  stack.defer(() => history.stop())
  const review = createPendingReview({ store, verifier: pool, permissions: index, history, logger, clock })
  await review.start(signal)
  stack.defer(() => review.stop())

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
  const streams = createStreamCatalogue({
    store,
    source: role.membership.member(),
    directory: { ...known, search: directory.search },
    lookUp: (streamId) => lookUpStream(adapter, streamId),
    subscriptions: subscriptionList(configuration),
    address: adapter.address(),
    ownParts: own.parts,
    onChange: () => feed.announce({ kind: 'streams' }),
    clock,
    logger,
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
        remoteLog.stored(notice)
        sinks.stored(notice)
        feed.stored(notice)
      }
    }),
  )
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

  const evidence = createEvidenceRole({
    ...{ store, index, network, privateKey, findKey, history, clock },
    citations: remoteLog.proofCitations,
  })
  const rows = createRowThread(findKey, logger)
  stack.defer(() => rows.close())
  const messages = createMessageBrowser({ store, evidence, rows, findKey })
  const exports = createExportDesk({
    store,
    rows,
    count: (...range) => messages.count(...range),
    remoteLogs: (part) => publishedNames(remoteLog, part),
    node: {
      address: adapter.address(),
      version,
      environment: environment.name,
      chainId: environment.chainId,
    },
    clock,
  })
  stack.defer(() => exports.stop())
  const joined = { store, index, pool, roots: gossip.roots, network, privateKey, feed, stack }
  const audits = await startAuditRole({ ...options, dataDir, ...joined })
  const reporter = createStatusReporter({
    version,
    environment: environment.name,
    address: adapter.address(),
    dataDir: options.dataDir,
    databaseFiles: [...opened.files, join(dataDir, REGISTRY_FILE)],
    engine: database.running.engine,
    startedAt,
    store,
    chain: () => {
      const { headBlock, reachable, endpoints } = index.status()
      const used = endpoints.find(({ ok }) => ok) ?? endpoints[0]
      const { chainId } = environment
      return { height: headBlock, chainId, reachable, rpcUrl: used?.url ?? '', endpoints }
    },
    streamr: () => ({ connected: adapter.isConnected(), neighbours: adapter.neighbourCount() }),
    alertsFiring: () => alerts.state().counts.firing,
    peers: () => gossip.host.vouched().length,
    problems: () => [...problemsOf({ store, index, adapter }), ...sinks.problems()],
    clock,
  })
  const statusTimer = setInterval(() => {
    reporter.status().then(
      (status) => feed.announce({ kind: 'status', status }),
      (error: unknown) => logger.warn({ error }, 'the status could not be read'),
    )
  }, STATUS_INTERVAL_MS)
  stack.defer(() => clearInterval(statusTimer))

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
    stop: () => stack.disposeAsync(),
  }
}
