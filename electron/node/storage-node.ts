import type { MissingKeyView } from '../../shared/content-keys.ts'
import type { EnvironmentName } from '../../shared/environment.ts'
import type { NetworkDescription } from '../../shared/node-status.ts'
import { composeNode } from './compose-node.ts'
import type { ChosenDatabase, DatabaseDesk } from './database-desk.ts'
import type { EnvironmentSwitch } from './environment-switch.ts'
import type { ExportDesk } from './export-desk.ts'
import type { Feed } from './feed/feed.ts'
import type { Gossip } from './gossip/gossip.ts'
import type { LayoutStore } from './layouts/layout-store.ts'
import type { MessageBrowser } from './message-browser.ts'
import type { MetricsAccess } from './metrics-access.ts'
import type { StatusReporter } from './node-status.ts'
import type { PeerDesk } from './peer-desk.ts'
import type { Clock, Logger, MessageStore } from './ports.ts'
import type { AuditDesk } from './provenance/audit/audit-desk.ts'
import type { VerifierStatistics } from './provenance/verifier-pool.ts'
import type { QueryDesk } from './query-desk.ts'
import type { RegistryDesk } from './registry-desk.ts'
import type { RemoteLogRole } from './remote-log-role.ts'
import type { AlertBook } from './rules/alert-book.ts'
import type { SecretBox } from './rules/ports.ts'
import type { SchemaMarks } from './schema-marks/schema-marks.ts'
import type { SinkRole } from './sink-role.ts'
import type { SourceDesk } from './source-desk.ts'
import type { StorageHttpDesk } from './storage-http-settings.ts'
import type { StorageRole } from './storage-role.ts'
import type { BackupOptions, StoreCare } from './store/store-care.ts'
import type { EngineStore } from './store/store-front.ts'
import type { StreamCatalogue } from './subscriptions/stream-catalogue.ts'

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
  /** Messages that are not what the schemas of their streams allow, counted. */
  readonly schemaMarks: Pick<SchemaMarks, 'addTo' | 'ofPart'>
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

/**
 * Starts a node with all its parts. What was started is stopped again when a later part fails.
 * @throws TidemarkError among others `data-folder-in-use`, `config-invalid`, `store-newer-than-code`
 */
export async function startStorageNode(options: StorageNodeOptions): Promise<StorageNode> {
  const stack = new AsyncDisposableStack()
  try {
    return await composeNode(options, stack)
  } catch (error) {
    await stack.disposeAsync()
    throw error
  }
}
