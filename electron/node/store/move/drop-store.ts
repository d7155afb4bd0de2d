import { TidemarkError } from '../../../../shared/errors.ts'
import { PostgresError } from '../../postgres/postgres-error.ts'
import { PostgresConnection } from '../postgres/postgres-connection.ts'
import { refuseForeignTables } from '../postgres/postgres-migrate.ts'
import { SyncWire } from '../postgres/sync-wire.ts'
import type { WireOptions } from '../postgres/wire-protocol.ts'
import { toStoreError } from '../store-errors.ts'
import { MOVED_TABLES } from './moved-tables.ts'

/** Beside the tables that move: those that only a shared store has, and what a move that never ended left. */
const OTHER_TABLES = ['leases', 'move_progress', 'store_format']
/** What PostgreSQL says when something that is not ours hangs on a table. */
const DEPENDED_ON = '2BP01'

/** Messages a store on a server holds; null when its tables are gone. Blocks its thread. */
export function countOnServer(wire: WireOptions): number | null {
  return onServer(wire, (connection) => {
    if (!isThere(connection, wire.schema)) return null
    return Number(connection.request('SELECT count(*) FROM messages').rows[0]?.[0] ?? 0)
  })
}

/**
 * Takes the tables of a store away from a server, all of them or none; the schema and what else is in it stay.
 * Blocks its thread.
 * @throws {TidemarkError} `busy` while a node uses them, `database-unsuitable` when views or tables of others hang on
 *   them or they are not ours
 */
export function dropFromServer(wire: WireOptions): void {
  onServer(wire, (connection) => {
    if (!isThere(connection, wire.schema)) return
    connection.request('BEGIN')
    // Held until the end: a node that starts meanwhile waits for it, and then makes tables anew.
    connection.request('SELECT version FROM store_format WHERE id = 1 FOR UPDATE')
    assertUnused(connection)
    for (const name of [...MOVED_TABLES.map((table) => table.name), ...OTHER_TABLES])
      connection.request(`DROP TABLE IF EXISTS ${name}`)
    connection.request('COMMIT')
  })
}

function onServer<T>(wire: WireOptions, work: (connection: PostgresConnection) => T): T {
  const connection = new PostgresConnection(new SyncWire(wire))
  try {
    refuseForeignTables(connection, wire.schema)
    return work(connection)
  } catch (error) {
    // What was begun is undone with the connection.
    if (error instanceof PostgresError && error.code === DEPENDED_ON) throw dependedOn(wire.schema, error)
    throw toStoreError(error)
  } finally {
    connection.close()
  }
}

function isThere(connection: PostgresConnection, schema: string): boolean {
  const { rows } = connection.request(
    `SELECT 1 FROM information_schema.tables WHERE table_schema = $1 AND table_name = 'store_format'`,
    [schema],
  )
  return rows.length > 0
}

/** Whoever does the housekeeping of a store renews its lease every few seconds and gives it back at its end. */
function assertUnused(connection: PostgresConnection): void {
  const { rows } = connection.request(
    `SELECT 1 FROM leases WHERE until > CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT)`,
  )
  if (rows.length === 0) return
  throw new TidemarkError(
    'busy',
    'A node uses the old store, or did until half a minute ago. Nothing was removed.',
    'Stop that node, or move it as well, and try again after half a minute.',
  )
}

function dependedOn(schema: string, cause: PostgresError): TidemarkError {
  return new TidemarkError(
    'database-unsuitable',
    `Views or tables of others hang on the old store in the schema ${schema}. Nothing was removed.`,
    'Remove these first, such as by DROP SCHEMA tidemark_views CASCADE, and try again.',
    { cause },
  )
}
