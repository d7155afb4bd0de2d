import type { Dialect } from '../dialect.ts'
import type { SqlConnection, SqlStatement } from '../sql-connection.ts'

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

  /** The first column of the first row. */
  value<Value>(sql: string, ...parameters: unknown[]): Value | undefined {
    return this.rows<[Value]>(sql).get(...parameters)?.[0]
  }
}
