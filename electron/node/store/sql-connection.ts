import type { Dialect } from './dialect.ts'

/** A prepared statement, in the shape of better-sqlite3: calls return when the answer is there. */
export interface SqlStatement<Parameters extends unknown[], Row> {
  /** `changes`: rows changed; `lastInsertRowid`: number of the row that was inserted last, where rows have one. */
  run(...parameters: Parameters): { changes: number; lastInsertRowid: number | bigint }
  get(...parameters: Parameters): Row | undefined
  all(...parameters: Parameters): Row[]
  /** Rows one by one; what is not asked for is not read. */
  iterate(...parameters: Parameters): IterableIterator<Row>
  /** Rows as arrays. */
  raw(): SqlStatement<Parameters, Row>
  /** The first column of each row alone. */
  pluck(): SqlStatement<Parameters, Row>
}

/**
 * A connection to an SQL engine whose calls block its thread: what the writer and the readers of the store stand on.
 * SQLite answers so by nature; a database server does through a thread of its own (`postgres/sync-wire.ts`). Either
 * way it belongs to a worker thread, never to the one that serves windows.
 */
export interface SqlConnection {
  readonly dialect: Dialect
  readonly inTransaction: boolean
  prepare<Parameters extends unknown[] = unknown[], Row = unknown>(sql: string): SqlStatement<Parameters, Row>
  /**
   * The values of a query's one column of bytes, one behind the other, where an engine has a quicker way for them than
   * a row; null where it turns out to have none.
   * @param values whole numbers
   */
  copyBytes?(sql: string, values: readonly number[]): Uint8Array | null
}
