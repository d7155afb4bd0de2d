import type { ClientConfig } from 'pg'
import type { WireOptions } from './wire-protocol.ts'

/** How long a connection may take to come about, ms. */
const CONNECT_TIMEOUT_MS = 8_000
/** The server ends a transaction that nobody goes on with after this, ms: it would hold its locks for ever. */
const IDLE_TRANSACTION_TIMEOUT_MS = 60_000

/** What node-postgres is told. */
export function clientConfig(options: WireOptions): ClientConfig {
  const { host, port, database, user, password, tls, ca } = options
  return {
    host,
    port,
    database,
    user,
    // Undefined would have it look into the environment and into ~/.pgpass: nothing but what was set is used.
    password: password ?? '',
    ssl:
      tls === 'off'
        ? false
        : { rejectUnauthorized: tls === 'verify', servername: host, ...(ca === null ? {} : { ca }) },
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
    application_name: 'tidemark',
  }
}

/** Statements that set a new connection up; engines that lack one which is not needed go on without it. */
export function sessionSettings(options: WireOptions): { sql: string; isNeeded: boolean }[] {
  const schema = `"${options.schema.replaceAll('"', '""')}"`
  return [
    { sql: `SET search_path TO ${schema}`, isNeeded: true },
    { sql: `SET statement_timeout = ${options.statementTimeoutMs}`, isNeeded: true },
    { sql: `SET lock_timeout = ${options.statementTimeoutMs}`, isNeeded: false },
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
