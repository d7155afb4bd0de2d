import type { ClientConfig } from 'pg'
import { CONNECT_TIMEOUT_MS, IDLE_TRANSACTION_TIMEOUT_MS } from './limits.ts'
import type { PostgresTarget } from './postgres-target.ts'

/** What node-postgres is told. */
export function clientConfig(target: PostgresTarget): ClientConfig {
  const { host, port, database, user, password, tls, ca } = target
  return {
    host,
    port,
    database,
    user,
    // Undefined would have it look into the environment and into ~/.pgpass: nothing but what was set is used.
    password: password ?? '',
    ssl: tls === 'off' ? false : { rejectUnauthorized: tls === 'verify', ...(ca === null ? {} : { ca }) },
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
    application_name: 'tidemark',
  }
}

/** Statements that set a new connection up; engines that lack one which is not needed go on without it. */
export function sessionSettings(target: PostgresTarget): { sql: string; isNeeded: boolean }[] {
  const schema = `"${target.schema.replaceAll('"', '""')}"`
  return [
    { sql: `SET search_path TO ${schema}`, isNeeded: true },
    { sql: `SET statement_timeout = ${target.statementTimeoutMs}`, isNeeded: true },
    { sql: `SET lock_timeout = ${target.statementTimeoutMs}`, isNeeded: false },
    { sql: `SET idle_in_transaction_session_timeout = ${IDLE_TRANSACTION_TIMEOUT_MS}`, isNeeded: false },
    // Stored means on the server's disk; the server may have been told otherwise.
    { sql: 'SET synchronous_commit = on', isNeeded: false },
    { sql: "SET default_transaction_isolation = 'read committed'", isNeeded: false },
    { sql: "SET client_encoding = 'UTF8'", isNeeded: false },
    // Compiling a statement takes longer than these statements do.
    { sql: 'SET jit = off', isNeeded: false },
    { sql: 'SET plan_cache_mode = force_generic_plan', isNeeded: false },
    // Key order is query order: a sorted or bitmap scan of a long range is never the better way here.
    { sql: 'SET enable_bitmapscan = off', isNeeded: false },
  ]
}

/**
 * For a connection that asks for rows by their keys alone. A statement is planned once, perhaps when its table is all
 * but empty and quicker read whole, and the connection goes on with that plan while the table grows.
 */
export const BY_KEY_SETTINGS: readonly { sql: string; isNeeded: boolean }[] = [
  { sql: 'SET enable_seqscan = off', isNeeded: false },
]
