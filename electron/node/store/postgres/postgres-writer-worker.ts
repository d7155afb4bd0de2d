import { randomUUID } from 'node:crypto'
import { parentPort, workerData } from 'node:worker_threads'
import { type ErrorCode, TidemarkError, toErrorView } from '../../../../shared/errors.ts'
import { toDatabaseError } from '../../postgres/database-errors.ts'
import { PostgresError } from '../../postgres/postgres-error.ts'
import type { StorageUse } from '../care/storage-use.ts'
import { shareStorage } from '../care/storage-use.ts'
import { WRITER_ANSWER_MS } from '../limits.ts'
import { Spool } from '../spool/spool.ts'
import type { WorkerEvent } from '../worker-protocol.ts'
import { serve } from '../worker-service.ts'
import { StoreWriter } from '../write/store-writer.ts'
import { createWriterMethods } from '../writer-methods.ts'
import type { WriterMethods } from '../writer-worker.ts'
import { Lease } from './lease.ts'
import { MessageCopy } from './message-copy.ts'
import { Outage } from './outage.ts'
import { PostgresConnection } from './postgres-connection.ts'
import { migratePostgres } from './postgres-migrate.ts'
import { SpoolingWriter } from './spooling-writer.ts'
import { SyncWire } from './sync-wire.ts'
import type { WireOptions } from './wire-protocol.ts'

export interface PostgresWriterData {
  wire: WireOptions
  /** Where messages wait while the database is away, in the data folder. */
  spoolFile: string
  maxSpoolBytes: number
}

/** A transaction that others were in the way of is tried again this often; each time it waits for them first. */
const MAX_CONFLICTS = 20

function tell(event: string, value: unknown): void {
  parentPort?.postMessage({ event, value } satisfies WorkerEvent)
}

function retrying<T>(work: () => T): T {
  for (let conflicts = 0; ; conflicts++) {
    try {
      return work()
    } catch (error) {
      const isConflict = error instanceof PostgresError && error.isConflict
      if (!isConflict || conflicts === MAX_CONFLICTS) throw error
    }
  }
}

/** Brings the tables to this code's format, by a connection of its own that waits as long as that takes. */
function migrate(wire: WireOptions): void {
  const connection = new PostgresConnection(new SyncWire(wire))
  try {
    migratePostgres(connection, wire.schema)
  } finally {
    connection.close()
  }
}

/** The writer's methods over a database that other nodes may share. */
function createMethods({ wire, spoolFile, maxSpoolBytes }: PostgresWriterData): WriterMethods {
  const answerTimeoutMs = Math.min(wire.answerTimeoutMs, WRITER_ANSWER_MS)
  const statementTimeoutMs = Math.min(wire.statementTimeoutMs, answerTimeoutMs)
  const connection = new PostgresConnection(
    new SyncWire({ ...wire, answerTimeoutMs, statementTimeoutMs, isByKey: true }),
  )
  const writer = new StoreWriter(connection, new MessageCopy(connection))
  const lease = new Lease(connection, 'housekeeping', randomUUID())
  let isMigrated = false
  const prepare = (): void => {
    if (!isMigrated) migrate(wire)
    isMigrated = true
  }
  const spool = new Spool({ file: spoolFile, maxBytes: maxSpoolBytes })
  const outage = new Outage({ target: wire, now: () => Date.now(), onBack: () => spooling.drain() })
  const spooling: SpoolingWriter = new SpoolingWriter({
    spool,
    outage,
    append(batches) {
      prepare()
      return retrying(() => writer.append(batches))
    },
    onNotices: (notices) => tell('stored', notices),
    onChange: (status, error) => tell('spool', { status, error: error === null ? null : toErrorView(error) }),
  })
  const transact = <T>(work: () => T): T => {
    spooling.assertThere()
    try {
      prepare()
      return retrying(work)
    } catch (error) {
      if (error instanceof PostgresError && error.isLost) spooling.note(error)
      throw error
    }
  }
  open(prepare, spooling)
  const { methods, flush } = createWriterMethods({
    writer,
    tell,
    append: (batches, buffers) => spooling.append(batches, buffers),
    transact,
    // Without the database there is nothing to keep.
    isKeeper: () => outage.since === null && transact(() => lease.take()),
  })
  return {
    ...methods,
    ready: () => ({ wasClean: true, salvaged: null }),
    storage: () => transact(() => measure(connection)),
    // The server looks after its own pages.
    compactSlice: () => 0,
    backup: async () => {
      throw new TidemarkError(
        'invalid-input',
        'The messages are kept by a database server, which has its own backups.',
        'Use pg_dump or the means of the server; or move the store to SQLite with "tidemark store move".',
      )
    },
    stopBackup: () => undefined,
    setDamage: () => undefined,
    damages: () => [],
    close: async () => {
      flush()
      spooling.stop()
      if (outage.since !== null) return
      try {
        lease.release()
      } finally {
        connection.close()
      }
    },
  }
}

/** A server in such a state is waited for; what else is wrong at the start only somebody can mend. */
const AWAY: readonly ErrorCode[] = ['database-unreachable', 'disk-full', 'timeout']

/**
 * Makes the tables where the database is there; where it cannot be reached, that waits until it can.
 * @throws what only somebody can mend: a login, rights, a server that will not do
 */
function open(prepare: () => void, spooling: SpoolingWriter): void {
  try {
    prepare()
  } catch (error) {
    const told = error instanceof PostgresError ? toDatabaseError(error) : error
    const isAway = told instanceof TidemarkError && AWAY.includes(told.code)
    if (!(isAway && spooling.note(error))) {
      spooling.stop()
      throw error
    }
    return
  }
  spooling.drain()
}

function measure(connection: PostgresConnection): StorageUse {
  const { rows } = connection.request(
    `SELECT CAST(sum(pg_total_relation_size(c.oid)) AS BIGINT) FROM pg_class c
     JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = current_schema() AND c.relkind = 'r'`,
  )
  return shareStorage(connection, Number(rows[0]?.[0] ?? 0), 0)
}

if (parentPort !== null) serve(parentPort, () => createMethods(workerData as PostgresWriterData))
