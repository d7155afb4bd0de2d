import { join } from 'node:path'
import { DATABASE_FILE, SPOOL_FILE } from './data-files.ts'
import type { Clock, Logger } from './ports.ts'
import { ANSWER_MARGIN_MS } from './postgres/limits.ts'
import type { PostgresTarget } from './postgres/postgres-target.ts'
import { openPostgresStore } from './store/postgres/postgres-store.ts'
import type { WireOptions } from './store/postgres/wire-protocol.ts'
import type { StoreLocation } from './store/reader-connection.ts'
import { openSqliteStore } from './store/sqlite-store.ts'
import type { EngineStore } from './store/store-front.ts'

export interface OpenStoreOptions {
  /** The environment's folder. */
  folder: string
  /** The server that keeps the messages; null for a file of the folder. */
  target: PostgresTarget | null
  logger: Logger
  clock: Clock
  signal: AbortSignal
}

export interface OpenedStore {
  store: EngineStore
  /** Where threads with connections of their own read what is stored. */
  location: StoreLocation
  /** Files of the folder that it takes room with. */
  files: string[]
  /** To be called before anything is stopped: from then on nobody waits long for a server that hangs. */
  hurry(): void
}

/** Opens the message store on the engine that is chosen. */
export async function openStore({
  folder,
  target,
  logger,
  clock,
  signal,
}: OpenStoreOptions): Promise<OpenedStore> {
  if (target === null) {
    const file = join(folder, DATABASE_FILE)
    const store = await openSqliteStore({ file, logger, clock, signal })
    return {
      store,
      location: { engine: 'sqlite', file },
      files: [file, `${file}-wal`],
      hurry: () => undefined,
    }
  }
  const stopping = new SharedArrayBuffer(4)
  const hurry = (): void => void Atomics.store(new Int32Array(stopping), 0, 1)
  signal.addEventListener('abort', hurry, { once: true })
  const wire = { ...wireOf(target), stopping }
  const spoolFile = join(folder, SPOOL_FILE)
  const store = await openPostgresStore({ wire, spoolFile, logger, clock })
  return {
    store,
    location: { engine: 'postgres', wire },
    files: [spoolFile, `${spoolFile}-wal`],
    hurry,
  }
}

export function wireOf(target: PostgresTarget): WireOptions {
  return { ...target, answerTimeoutMs: target.statementTimeoutMs + ANSWER_MARGIN_MS }
}
