import { TidemarkError } from '../../../../shared/errors.ts'
import { PostgresError } from '../../postgres/postgres-error.ts'
import { unsuitableServer } from '../../postgres/server-check.ts'
import { MIGRATION_STATEMENT_MS } from '../limits.ts'
import type { PostgresConnection } from './postgres-connection.ts'
import { POSTGRES_MIGRATIONS } from './schema.ts'

/**
 * Makes the tables, or brings them to the current format, while other nodes may be doing the same.
 * @throws {TidemarkError} `database-unsuitable`, `store-newer-than-code`
 */
export function migratePostgres(connection: PostgresConnection, schema: string): void {
  checkServer(connection)
  retried(() => connection.request(`CREATE SCHEMA IF NOT EXISTS ${quoted(schema)}`))
  refuseForeignTables(connection, schema)
  retried(() =>
    connection.request(
      'CREATE TABLE IF NOT EXISTS store_format (id BIGINT PRIMARY KEY, version BIGINT NOT NULL)',
    ),
  )
  connection.request('INSERT INTO store_format (id, version) VALUES (1, 0) ON CONFLICT (id) DO NOTHING')
  for (;;) {
    // One version a transaction, under a lock: of two nodes that start at once the other finds it done.
    connection.request('BEGIN')
    try {
      const { rows } = connection.request('SELECT version FROM store_format WHERE id = 1 FOR UPDATE')
      const version = Number(rows[0]?.[0] ?? 0)
      if (version > POSTGRES_MIGRATIONS.length) throw newerThanCode(version)
      const migration = POSTGRES_MIGRATIONS[version]
      if (migration !== undefined) {
        // They go through all that is stored: far longer than any other statement may take.
        connection.request(`SET LOCAL statement_timeout = ${MIGRATION_STATEMENT_MS}`)
        for (const statement of migration) connection.requestLong(statement, MIGRATION_STATEMENT_MS)
        connection.request('UPDATE store_format SET version = $1 WHERE id = 1', [version + 1])
      }
      connection.request('COMMIT')
      if (migration === undefined) return
    } catch (error) {
      if (!(error instanceof PostgresError && error.isLost)) connection.request('ROLLBACK')
      throw error
    }
  }
}

export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

function checkServer(connection: PostgresConnection): void {
  const setting = (name: string): unknown =>
    connection.request(`SELECT current_setting('${name}')`).rows[0]?.[0]
  const unsuitable = unsuitableServer({
    number: Number(setting('server_version_num')),
    encoding: String(setting('server_encoding')),
    readOnly: String(setting('transaction_read_only')),
  })
  if (unsuitable !== null) throw unsuitable
}

/** Tables that have our names and are not ours are never touched. */
export function refuseForeignTables(connection: PostgresConnection, schema: string): void {
  const { rows } = connection.request(
    `SELECT table_name FROM information_schema.tables
     WHERE table_schema = $1 AND table_name IN ('parts', 'messages', 'store_format', 'leases')`,
    [schema],
  )
  const found = new Set(rows.map(([name]) => String(name)))
  const columns = connection.request(
    `SELECT column_name FROM information_schema.columns WHERE table_schema = $1 AND table_name = 'store_format'`,
    [schema],
  ).rows
  const isOurs = ['id', 'version'].every((column) => columns.some(([name]) => name === column))
  if (found.size === 0 || isOurs) return
  throw new TidemarkError(
    'database-unsuitable',
    `The schema ${schema} has tables of other programs (${[...found].sort().join(', ')}). They were left as they are.`,
    'Choose a schema of Tidemark’s own in the settings.',
  )
}

/** Two nodes that make the same thing at once: one of them is told that it is there. */
function retried(work: () => void): void {
  try {
    work()
  } catch (error) {
    const isThere = error instanceof PostgresError && /^(23505|42P06|42P07|42710)$/.test(error.code)
    if (!isThere) throw error
  }
}

function newerThanCode(version: number): TidemarkError {
  return new TidemarkError(
    'store-newer-than-code',
    `The tables in the database were made by a newer Tidemark (format ${version}, this one knows ${POSTGRES_MIGRATIONS.length}).`,
    'Update Tidemark on this machine; nothing was changed.',
  )
}
