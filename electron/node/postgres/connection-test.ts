import { Client } from 'pg'
import type { DatabaseReport } from '../../../shared/database.ts'
import { type ErrorView, TidemarkError, toErrorView } from '../../../shared/errors.ts'
import { clientConfig } from './client-config.ts'
import { translateDatabaseError } from './database-errors.ts'
import { CONNECT_TIMEOUT_MS, MAX_CLOCK_DIFFERENCE_MS } from './limits.ts'
import type { PostgresTarget } from './postgres-target.ts'
import { unsuitableServer } from './server-check.ts'

interface Facts {
  version: string
  number: number
  encoding: string
  readOnly: string
  clock: number
  mayCreate: boolean
  hasSchema: boolean
  mayUse: boolean
  hasTables: boolean
}

const FACTS = `SELECT current_setting('server_version') AS version,
  CAST(current_setting('server_version_num') AS BIGINT) AS number,
  current_setting('server_encoding') AS encoding, current_setting('transaction_read_only') AS "readOnly",
  CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT) AS clock,
  has_database_privilege(current_database(), 'CREATE') AS "mayCreate",
  EXISTS (SELECT 1 FROM information_schema.schemata WHERE schema_name = $1) AS "hasSchema"`

/** Numbers come as text, as `pg` has it for those of 64 bits. */
type Row = Omit<Facts, 'number' | 'clock'> & { number: string; clock: string }

/**
 * Goes to a server as a store would, looks, and changes nothing.
 * @throws {TidemarkError} `database-unreachable`, `database-login-refused`, `timeout`, `aborted`
 */
export async function testConnection(target: PostgresTarget, signal?: AbortSignal): Promise<DatabaseReport> {
  // A server that takes the connection and then says nothing is given up as one that does not take it.
  const client = new Client({ ...clientConfig(target), query_timeout: CONNECT_TIMEOUT_MS })
  client.on('error', () => undefined)
  const onAbort = (): void => void client.end().catch(() => undefined)
  signal?.addEventListener('abort', onAbort, { once: true })
  try {
    signal?.throwIfAborted()
    await client.connect()
    return await look(client, target)
  } catch (error) {
    if (signal?.aborted)
      throw new TidemarkError('aborted', 'The test was stopped.', 'Begin it again if it is wanted.')
    throw translateDatabaseError(error)
  } finally {
    signal?.removeEventListener('abort', onAbort)
    // Not waited for: a server that hangs would hold the answer.
    client.end().catch(() => undefined)
  }
}

async function look(client: Client, { schema, tls }: PostgresTarget): Promise<DatabaseReport> {
  const begun = Date.now()
  const { rows } = await client.query<Row>(FACTS, [schema])
  const latencyMs = Date.now() - begun
  const row = rows[0]
  if (row === undefined) throw new TypeError('The server answered with nothing')
  const facts = { ...row, number: Number(row.number) }
  const clockAheadMs = Math.round(Number(row.clock) - (begun + latencyMs / 2))
  const parts = facts.hasSchema ? await countParts(client, schema) : null
  const problems: ErrorView[] = []
  const unsuitable = unsuitableServer(facts)
  if (unsuitable !== null) problems.push(toErrorView(unsuitable))
  const mayWork = facts.hasSchema ? await mayUseSchema(client, schema) : facts.mayCreate
  if (!mayWork) {
    problems.push({
      code: 'database-no-rights',
      message: facts.hasSchema
        ? `The user may not make tables in the schema ${schema}.`
        : `There is no schema ${schema}, and the user may not make one.`,
      remedy: `As an owner of the database: GRANT CREATE ON DATABASE … TO …, or make the schema with AUTHORIZATION for the user.`,
    })
  }
  if (Math.abs(clockAheadMs) > MAX_CLOCK_DIFFERENCE_MS) {
    problems.push({
      code: 'database-unsuitable',
      message: `The clock of the server is ${Math.round(clockAheadMs / 1_000)} s ahead of this machine’s. Storing goes by this machine’s clock; only who does the housekeeping goes by the server’s.`,
      remedy: 'Set the clocks of both by NTP.',
    })
  }
  return { version: facts.version, latencyMs, isEncrypted: tls !== 'off', clockAheadMs, parts, problems }
}

async function mayUseSchema(client: Client, schema: string): Promise<boolean> {
  const { rows } = await client.query<{ may: boolean }>(
    `SELECT has_schema_privilege($1, 'CREATE') AND has_schema_privilege($1, 'USAGE') AS may`,
    [schema],
  )
  return rows[0]?.may === true
}

async function countParts(client: Client, schema: string): Promise<number | null> {
  const { rows } = await client.query<{ found: number }>(
    `SELECT 1 AS found FROM information_schema.tables WHERE table_schema = $1 AND table_name = 'parts'`,
    [schema],
  )
  if (rows.length === 0) return null
  const counted = await client.query<{ count: string }>(`SELECT count(*) FROM "${schema}".parts`)
  return Number(counted.rows[0]?.count ?? 0)
}
