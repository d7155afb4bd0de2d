import { mkdirSync, renameSync } from 'node:fs'
import { dirname } from 'node:path'
import Database from 'better-sqlite3'
import { TidemarkError } from '../../../shared/errors.ts'
import type { Logger } from '../ports.ts'
import type { RegistryAddresses } from './registry-contracts.ts'

/** Raised with each change of the tables. The index can be built again from the chain, so there are no migrations. */
const SCHEMA_VERSION = 1
/** How long a second connection to the file may hold a lock, ms. */
const BUSY_TIMEOUT_MS = 5_000

/**
 * Events are kept as they came, with their place on the chain; `stream`, `permission`, `node` and `assignment`
 * hold what they add up to and are derived from the events of the same stream or node.
 */
const TABLES = `
CREATE TABLE identity (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE block (
  number INTEGER PRIMARY KEY,
  hash TEXT NOT NULL,
  timestamp INTEGER NOT NULL,
  has_events INTEGER NOT NULL
);

CREATE TABLE stream_event (
  block INTEGER NOT NULL, log_index INTEGER NOT NULL, transaction_hash TEXT NOT NULL,
  stream_id TEXT NOT NULL, kind TEXT NOT NULL, metadata TEXT NOT NULL,
  PRIMARY KEY (block, log_index)
) WITHOUT ROWID;
CREATE INDEX stream_event_by_stream ON stream_event (stream_id, block, log_index);

CREATE TABLE permission_event (
  block INTEGER NOT NULL, log_index INTEGER NOT NULL, transaction_hash TEXT NOT NULL,
  stream_id TEXT NOT NULL, user_id TEXT NOT NULL,
  can_edit INTEGER NOT NULL, can_delete INTEGER NOT NULL, can_grant INTEGER NOT NULL,
  publish_expiration TEXT NOT NULL, subscribe_expiration TEXT NOT NULL,
  PRIMARY KEY (block, log_index)
) WITHOUT ROWID;
CREATE INDEX permission_event_by_user ON permission_event (stream_id, user_id, block, log_index);

CREATE TABLE node_event (
  block INTEGER NOT NULL, log_index INTEGER NOT NULL, transaction_hash TEXT NOT NULL,
  node TEXT NOT NULL, kind TEXT NOT NULL, metadata TEXT NOT NULL, last_seen INTEGER NOT NULL,
  PRIMARY KEY (block, log_index)
) WITHOUT ROWID;
CREATE INDEX node_event_by_node ON node_event (node, block, log_index);

CREATE TABLE assignment_event (
  block INTEGER NOT NULL, log_index INTEGER NOT NULL, transaction_hash TEXT NOT NULL,
  stream_id TEXT NOT NULL, node TEXT NOT NULL, kind TEXT NOT NULL,
  PRIMARY KEY (block, log_index)
) WITHOUT ROWID;
CREATE INDEX assignment_event_by_stream ON assignment_event (stream_id, node, block, log_index);

CREATE TABLE stream (
  id TEXT PRIMARY KEY, metadata TEXT NOT NULL,
  created_block INTEGER NOT NULL, created_log_index INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE permission (
  stream_id TEXT NOT NULL, user_id TEXT NOT NULL,
  can_edit INTEGER NOT NULL, can_delete INTEGER NOT NULL, can_grant INTEGER NOT NULL,
  publish_expiration TEXT NOT NULL, subscribe_expiration TEXT NOT NULL,
  -- The same as numbers, for comparing; what is too large is the largest.
  publish_until INTEGER NOT NULL, subscribe_until INTEGER NOT NULL,
  block INTEGER NOT NULL, transaction_hash TEXT NOT NULL,
  PRIMARY KEY (stream_id, user_id)
) WITHOUT ROWID;
CREATE INDEX permission_by_user ON permission (user_id, stream_id);

CREATE TABLE node (id TEXT PRIMARY KEY, metadata TEXT NOT NULL, last_seen INTEGER NOT NULL) WITHOUT ROWID;

CREATE TABLE assignment (
  stream_id TEXT NOT NULL, node TEXT NOT NULL, block INTEGER NOT NULL,
  PRIMARY KEY (stream_id, node)
) WITHOUT ROWID;
CREATE INDEX assignment_by_node ON assignment (node, stream_id);
`

/** What an index file is an index of. A file of anything else is set aside. */
export interface IndexIdentity {
  chainId: number
  contracts: RegistryAddresses
  /** Null for the newest when the index was begun. */
  startBlock: number | null
}

function identityText({ chainId, contracts, startBlock }: IndexIdentity): string {
  const { streamRegistry, streamStorageRegistry, storageNodeRegistry } = contracts
  return [chainId, startBlock ?? 'newest', streamRegistry, streamStorageRegistry, storageNodeRegistry].join(
    ' ',
  )
}

function open(file: string): Database.Database {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  const database = new Database(file, { timeout: BUSY_TIMEOUT_MS })
  try {
    database.pragma('journal_mode = WAL')
    database.pragma('synchronous = FULL')
    if (database.pragma('synchronous', { simple: true }) !== 2) {
      throw new Error('SQLite did not take synchronous=FULL')
    }
    return database
  } catch (error) {
    database.close()
    throw error
  }
}

function isDamaged(error: unknown): boolean {
  const code = String((error as { code?: unknown }).code ?? '')
  return code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB'
}

/** Opens the file, or a fresh one in its place where it is damaged or indexes something else. */
export function openRegistryDatabase(
  file: string,
  identity: IndexIdentity,
  logger: Logger,
): Database.Database {
  let database: Database.Database
  try {
    database = open(file)
    if (fits(database, file, identity)) return database
    database.close()
    logger.warn({ file }, 'the registry index is of another chain or version and is built again')
  } catch (error) {
    if (!isDamaged(error)) throw error
    logger.error({ file, error }, 'the registry index is damaged and is built again')
  }
  setAside(file)
  database = open(file)
  fits(database, file, identity)
  return database
}

/** Makes the tables in an empty file. Returns whether the file is one of this identity and version. */
function fits(database: Database.Database, file: string, identity: IndexIdentity): boolean {
  const version = database.pragma('user_version', { simple: true }) as number
  if (version > SCHEMA_VERSION) {
    database.close()
    throw new TidemarkError(
      'store-newer-than-code',
      `The registry index at ${file} was made by a newer version of Tidemark.`,
      'Start that version, or move the file away: the index is built again from the chain.',
    )
  }
  if (version === 0) {
    database.transaction(() => {
      database.exec(TABLES)
      database.prepare('INSERT INTO identity VALUES (?, ?)').run('of', identityText(identity))
      database.pragma(`user_version = ${SCHEMA_VERSION}`)
    })()
    return true
  }
  const of = database
    .prepare<[string], { value: string }>('SELECT value FROM identity WHERE key = ?')
    .get('of')
  return version === SCHEMA_VERSION && of?.value === identityText(identity)
}

function setAside(file: string): void {
  const stamp = new Date().toISOString().replaceAll(/[:.]/g, '-')
  for (const ending of ['', '-wal', '-shm']) {
    try {
      renameSync(file + ending, `${file}.${stamp}.old${ending}`)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    }
  }
}
