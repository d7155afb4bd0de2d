import type { PostgresConnection } from './postgres-connection.ts'

/** How long a node keeps what it does alone after it was last heard of, ms. Several rounds of housekeeping. */
const LEASE_MS = 30_000

/**
 * Says which of several nodes does something that one alone should do at a time. A row in a table, not an advisory
 * lock, which distributed engines do not all have; the server's clock alone counts, so that of no node matters.
 */
export class Lease {
  readonly #connection: PostgresConnection
  readonly #name: string
  readonly #holder: string

  constructor(connection: PostgresConnection, name: string, holder: string) {
    this.#connection = connection
    this.#name = name
    this.#holder = holder
  }

  /** Takes or renews it. @returns whether it is ours now */
  take(): boolean {
    const now = 'CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT)'
    const { count } = this.#connection.request(
      `INSERT INTO leases (name, holder, until) VALUES ($1, $2, ${now} + ${LEASE_MS})
       ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until
       WHERE leases.holder = excluded.holder OR leases.until < ${now}`,
      [this.#name, this.#holder],
      true,
    )
    return count > 0
  }

  release(): void {
    this.#connection.request('DELETE FROM leases WHERE name = $1 AND holder = $2', [this.#name, this.#holder])
  }
}
