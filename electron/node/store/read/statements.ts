import type Database from 'better-sqlite3'

/** Prepared statements of one connection by their SQL: texts are put together from few variants. */
export class Statements {
  readonly #db: Database.Database
  readonly #prepared = new Map<string, Database.Statement<unknown[], unknown>>()

  constructor(db: Database.Database) {
    this.#db = db
  }

  /** A statement that gives rows as arrays. */
  rows<Row extends unknown[]>(sql: string): Database.Statement<unknown[], Row> {
    let statement = this.#prepared.get(sql)
    if (statement === undefined) {
      statement = this.#db.prepare<unknown[], unknown>(sql).raw()
      this.#prepared.set(sql, statement)
    }
    return statement as Database.Statement<unknown[], Row>
  }

  /** The first column of the first row. */
  value<Value>(sql: string, ...parameters: unknown[]): Value | undefined {
    return this.rows<[Value]>(sql).get(...parameters)?.[0]
  }
}
