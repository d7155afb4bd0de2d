import { closeSync, openSync } from 'node:fs'
import Sqlite from 'better-sqlite3'
import { TidemarkError } from '../../../../shared/errors.ts'
import type { SqlRow, SqlValue, Statement } from './protocol.ts'

/** How long a writer waits for another process that writes the same file. */
const BUSY_TIMEOUT_MS = 10_000
/** `PRAGMA synchronous` reads back as this number when it is FULL: a commit waits for the disk. */
const SYNCHRONOUS_FULL = 2

/** SQLite's own words for a database in memory, and for one in a file that goes away with it. */
const isTransient = (path: string) => path === ':memory:' || path === ''

/** One open SQLite file, on the thread that calls. */
export class SqliteFile {
  readonly #connection: Sqlite.Database
  readonly #prepared = new Map<string, Sqlite.Statement>()

  /** @throws TidemarkError `store-newer-than-code`, `data-folder-unusable` */
  constructor(path: string, migrations: readonly string[]) {
    try {
      // SQLite would create the file for all to read; some hold the keys of names.
      if (!isTransient(path)) closeSync(openSync(path, 'a', 0o600))
      this.#connection = new Sqlite(path, { timeout: BUSY_TIMEOUT_MS })
    } catch (cause) {
      throw new TidemarkError(
        'data-folder-unusable',
        `The file ${path} cannot be opened: ${cause instanceof Error ? cause.message : 'unknown error'}.`,
        'Check that the folder exists, is writable, and that the file is not damaged.',
        { cause },
      )
    }
    try {
      this.#connection.pragma('journal_mode = WAL')
      this.#connection.pragma('synchronous = FULL')
      if (this.#connection.pragma('synchronous', { simple: true }) !== SYNCHRONOUS_FULL) {
        throw new Error('SQLite does not wait for the disk')
      }
      this.#migrate(path, migrations)
    } catch (error) {
      this.#connection.close()
      throw error
    }
  }

  write(statements: readonly Statement[]): number[] {
    return this.#connection
      .transaction(() =>
        statements.map(({ sql, rows }) => {
          const statement = this.#prepare(sql)
          let changed = 0
          for (const row of rows) changed += statement.run(...row).changes
          return changed
        }),
      )
      .immediate()
  }

  read(sql: string, parameters: readonly SqlValue[]): SqlRow[] {
    return this.#prepare(sql).all(...parameters) as SqlRow[]
  }

  close(): void {
    this.#connection.close()
  }

  #prepare(sql: string): Sqlite.Statement {
    let statement = this.#prepared.get(sql)
    if (statement === undefined) {
      statement = this.#connection.prepare(sql)
      this.#prepared.set(sql, statement)
    }
    return statement
  }

  #migrate(path: string, migrations: readonly string[]): void {
    this.#connection
      .transaction(() => {
        const version = Number(this.#connection.pragma('user_version', { simple: true }))
        if (version > migrations.length) {
          throw new TidemarkError(
            'store-newer-than-code',
            `The file ${path} was written by a newer version of Tidemark.`,
            'Start the newer version again, or move the file away.',
          )
        }
        for (const migration of migrations.slice(version)) this.#connection.exec(migration)
        this.#connection.pragma(`user_version = ${migrations.length}`)
      })
      .immediate()
  }
}
