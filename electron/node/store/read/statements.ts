import type { Dialect } from '../dialect.ts'
import type { SqlConnection, SqlStatement } from '../sql-connection.ts'

/** A column of bytes of some rows: `from` is all of a query between its columns and its order. */
export interface ByteColumn {
  column: string
  from: string
  order: string
}

/** Prepared statements of one connection by their SQL: texts are put together from few variants. */
export class Statements {
  readonly dialect: Dialect
  readonly #db: SqlConnection
  readonly #prepared = new Map<string, SqlStatement<unknown[], unknown>>()

  constructor(db: SqlConnection) {
    this.dialect = db.dialect
    this.#db = db
  }

  /** A statement that gives rows as arrays. */
  rows<Row extends unknown[]>(sql: string): SqlStatement<unknown[], Row> {
    let statement = this.#prepared.get(sql)
    if (statement === undefined) {
      statement = this.#db.prepare<unknown[], unknown>(sql).raw()
      this.#prepared.set(sql, statement)
    }
    return statement as SqlStatement<unknown[], Row>
  }

  /** The values of a column of bytes, one behind the other; null where there are none. */
  bytes({ column, from, order }: ByteColumn, ...parameters: number[]): Buffer | null {
    const sent = this.#db.copyBytes?.(`SELECT ${column} ${from} ORDER BY ${order}`, parameters)
    if (sent !== undefined && sent !== null)
      return sent.length === 0 ? null : Buffer.from(sent.buffer, sent.byteOffset, sent.length)
    // Rows stand in order within, for engines whose functions keep it, and are put in order, for those that do not.
    const rows = `(SELECT ${order}, ${column} ${from} ORDER BY ${order}) AS rows_in_order`
    return (
      this.value<Buffer>(`SELECT ${this.dialect.concatBytes(column, order)} FROM ${rows}`, ...parameters) ??
      null
    )
  }

  /** The first column of the first row. */
  value<Value>(sql: string, ...parameters: unknown[]): Value | undefined {
    return this.rows<[Value]>(sql).get(...parameters)?.[0]
  }
}
