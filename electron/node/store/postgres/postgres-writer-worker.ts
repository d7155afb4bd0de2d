import { randomUUID } from 'node:crypto'
import { parentPort, workerData } from 'node:worker_threads'
import { TidemarkError } from '../../../../shared/errors.ts'
import { PostgresError } from '../../postgres/postgres-error.ts'
import type { StorageUse } from '../care/storage-use.ts'
import { shareStorage } from '../care/storage-use.ts'
import type { WorkerEvent } from '../worker-protocol.ts'
import { serve } from '../worker-service.ts'
import { StoreWriter } from '../write/store-writer.ts'
import { createWriterMethods } from '../writer-methods.ts'
import type { WriterMethods } from '../writer-worker.ts'
import { Lease } from './lease.ts'
import { MessageCopy } from './message-copy.ts'
import { PostgresConnection } from './postgres-connection.ts'
import { migratePostgres } from './postgres-migrate.ts'
import { SyncWire } from './sync-wire.ts'
import type { WireOptions } from './wire-protocol.ts'

/** A transaction that others were in the way of is tried again this often; each time it waits for them first. */
const MAX_CONFLICTS = 20

function tell(event: string, value: unknown): void {
  parentPort?.postMessage({ event, value } satisfies WorkerEvent)
}

function transact<T>(work: () => T): T {
  for (let conflicts = 0; ; conflicts++) {
    try {
      return work()
    } catch (error) {
      const isConflict = error instanceof PostgresError && error.isConflict
      if (!isConflict || conflicts === MAX_CONFLICTS) throw error
    }
  }
}

/** The writer's methods over a database that other nodes may share. */
function createMethods(options: WireOptions): WriterMethods {
  const connection = new PostgresConnection(new SyncWire(options))
  migratePostgres(connection, options.schema)
  const lease = new Lease(connection, 'housekeeping', randomUUID())
  const { methods, flush } = createWriterMethods({
    writer: new StoreWriter(connection, new MessageCopy(connection)),
    tell,
    transact,
    isKeeper: () => lease.take(),
  })
  return {
    ...methods,
    ready: () => ({ wasClean: true, salvaged: null }),
    storage: () => measure(connection),
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
      lease.release()
      connection.close()
    },
  }
}

function measure(connection: PostgresConnection): StorageUse {
  const { rows } = connection.request(
    `SELECT CAST(sum(pg_total_relation_size(c.oid)) AS BIGINT) FROM pg_class c
     JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = current_schema() AND c.relkind = 'r'`,
  )
  return shareStorage(connection, Number(rows[0]?.[0] ?? 0), 0)
}

if (parentPort !== null) serve(parentPort, () => createMethods(workerData as WireOptions))
