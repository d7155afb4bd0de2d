import { Pool, type PoolClient, type QueryResult } from 'pg'
import type { Logger } from '../ports.ts'
import { clientConfig, sessionSettings } from './client-config.ts'
import { translateDatabaseError } from './database-errors.ts'
import { ANSWER_MARGIN_MS, IDLE_CONNECTION_MS, POOL_WAIT_MS } from './limits.ts'
import type { PostgresTarget } from './postgres-target.ts'

export interface PostgresPoolOptions {
  target: PostgresTarget
  /** Most connections at once. */
  size: number
  logger: Logger
}

/** A few connections to a server, for work that does not wait on its thread. */
export interface PostgresPool {
  /** @throws {TidemarkError} what the server or the connection says, in the words of a user */
  query(text: string, values?: readonly unknown[]): Promise<QueryResult>
  /** Lends one connection; it comes back, whatever happens. A connection that was lost is not lent again. */
  withClient<T>(work: (client: PoolClient) => Promise<T>): Promise<T>
  /** The same between BEGIN and COMMIT; undone when `work` fails. */
  transaction<T>(work: (client: PoolClient) => Promise<T>): Promise<T>
  /** Ends all connections; those that are lent when they come back. */
  close(): Promise<void>
}

/**
 * Makes connections when they are needed, at most `size`. Each has the time limits of the target; an answer that does
 * not come in that time ends its connection.
 */
export function createPostgresPool({ target, size, logger }: PostgresPoolOptions): PostgresPool {
  const pool = new Pool({
    ...clientConfig(target),
    // Beyond the server's own limit: it holds where the server has stopped and enforces nothing any more.
    query_timeout: target.statementTimeoutMs + ANSWER_MARGIN_MS,
    connectionTimeoutMillis: POOL_WAIT_MS,
    idleTimeoutMillis: IDLE_CONNECTION_MS,
    max: size,
    allowExitOnIdle: true,
  })
  pool.on('error', (error) => {
    logger.warn({ code: (error as { code?: string }).code }, 'an idle connection to the database was lost')
  })
  const prepared = new WeakSet<PoolClient>()

  async function prepare(client: PoolClient): Promise<void> {
    if (prepared.has(client)) return
    for (const { sql, isNeeded } of sessionSettings(target)) {
      await client.query(sql).catch((error: unknown) => {
        if (isNeeded) throw error
      })
    }
    prepared.add(client)
  }

  async function withClient<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
    let client: PoolClient | undefined
    try {
      client = await pool.connect()
      await prepare(client)
      const result = await work(client)
      client.release()
      return result
    } catch (error) {
      // What state it is in is not known; another is made when it is needed.
      client?.release(true)
      throw translateDatabaseError(error)
    }
  }

  return {
    query: (text, values = []) => withClient((client) => client.query(text, [...values])),
    withClient,
    transaction: (work) =>
      withClient(async (client) => {
        await client.query('BEGIN')
        const result = await work(client)
        await client.query('COMMIT')
        return result
      }),
    close: () => pool.end(),
  }
}
