import type Database from 'better-sqlite3'
import { SQLITE_DIALECT } from './dialect.ts'
import type { SqlConnection } from './sql-connection.ts'

/** A SQLite database as the writer and the readers of the store take it. */
export function sqliteConnection(db: Database.Database): SqlConnection {
  return {
    dialect: SQLITE_DIALECT,
    get inTransaction() {
      return db.inTransaction
    },
    // Statements of better-sqlite3 have the shape themselves; its types say so in a way that does not compare.
    prepare: (sql) => db.prepare(sql) as unknown as ReturnType<SqlConnection['prepare']> as never,
  }
}
