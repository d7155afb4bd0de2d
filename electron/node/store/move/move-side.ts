import { openForReading, openForWriting } from '../database.ts'
import { migrate } from '../migrate.ts'
import { PostgresConnection } from '../postgres/postgres-connection.ts'
import { migratePostgres } from '../postgres/postgres-migrate.ts'
import { SyncWire } from '../postgres/sync-wire.ts'
import { TableCopy } from '../postgres/table-copy.ts'
import { writeText } from '../postgres/wire-values.ts'
import type { StoreLocation } from '../reader-connection.ts'
import type { SqlConnection } from '../sql-connection.ts'
import { sqliteConnection } from '../sqlite-connection.ts'
import { MOVED_TABLES, type MovedTable } from './moved-tables.ts'

export type MovedValue = number | string | Uint8Array | null
export type MovedRow = readonly MovedValue[]

/** One of the two stores of a move: whole rows, read and written as they are. Its calls block the thread. */
export interface MoveSide {
  readonly connection: SqlConnection
  /** Rows of a table behind a key, in the order of keys. */
  read(table: MovedTable, after: MovedRow | null, limit: number): MovedRow[]
  /** Rows of a transaction may still be on their way when it returns: they are there when that has committed. */
  insert(table: MovedTable, rows: readonly MovedRow[]): void
  /** Has the engine number new rows behind those that were copied. */
  numberBehind(table: MovedTable): void
  /** Runs a statement that answers nothing. */
  execute(sql: string): void
  count(table: string): number
  close(): void
}

/** Opens a store that nobody else writes, as the source of a move. */
export function openSource(location: StoreLocation): MoveSide {
  if (location.engine === 'postgres') return postgresSide(location)
  const db = openForReading(location.file)
  return sideOf(
    sqliteConnection(db),
    insertOneByOne(sqliteConnection(db)),
    () => undefined,
    () => db.close(),
  )
}

/** Opens or makes a store, in the current format, as the target of a move. */
export function openTarget(location: StoreLocation): MoveSide {
  if (location.engine === 'postgres') {
    const side = postgresSide(location)
    try {
      migratePostgres(side.connection as PostgresConnection, location.wire.schema)
    } catch (error) {
      side.close()
      throw error
    }
    return side
  }
  const db = openForWriting(location.file)
  migrate(db)
  const connection = sqliteConnection(db)
  // SQLite numbers behind the highest by itself.
  return sideOf(
    connection,
    insertOneByOne(connection),
    () => undefined,
    () => db.close(),
  )
}

function postgresSide({ wire }: Extract<StoreLocation, { engine: 'postgres' }>): MoveSide {
  const connection = new PostgresConnection(new SyncWire(wire))
  const copies = new Map<string, TableCopy>()
  const end = (copy: TableCopy | undefined): void => connection.guarded(() => copy?.end())
  const insert = ({ name, columns }: MovedTable, rows: readonly MovedRow[]): void => {
    const copy = copies.get(name) ?? new TableCopy(connection.wire, name, columns)
    if (!copies.has(name)) {
      copies.set(name, copy)
      connection.buffer({
        table: name,
        flush: () => end(copy),
        settle: () => copy.isUnderWay && end(copy),
        clear: () => copy.abort(),
      })
    }
    for (const row of rows) {
      const values = copy.beginRow()
      for (const value of row) values.value(typeof value === 'string' ? writeText(value) : value)
      // The server takes these while the next ones are read.
      copy.sendFull()
    }
  }
  const numberBehind = ({ name }: MovedTable): void => {
    end(copies.get(name))
    const highest = Number(connection.request(`SELECT max(id) FROM ${name}`).rows[0]?.[0] ?? 0)
    connection.request(`ALTER TABLE ${name} ALTER COLUMN id RESTART WITH ${highest + 1}`)
  }
  return sideOf(connection, insert, numberBehind, () => connection.close())
}

function insertOneByOne(connection: SqlConnection): MoveSide['insert'] {
  const statements = new Map<string, ReturnType<SqlConnection['prepare']>>()
  return ({ name, columns }, rows) => {
    let statement = statements.get(name)
    if (statement === undefined) {
      const marks = columns.map(() => '?').join(', ')
      statement = connection.prepare(`INSERT INTO ${name} (${columns.join(', ')}) VALUES (${marks})`)
      statements.set(name, statement)
    }
    for (const row of rows) statement.run(...row)
  }
}

function sideOf(
  connection: SqlConnection,
  insert: MoveSide['insert'],
  numberBehind: MoveSide['numberBehind'],
  close: () => void,
): MoveSide {
  return {
    connection,
    insert,
    numberBehind,
    close,
    read({ name, columns, key }, after, limit) {
      const marks = key.map(() => '?').join(', ')
      const behind = after === null ? '' : `WHERE (${key.join(', ')}) > (${marks})`
      const sql = `SELECT ${columns.join(', ')} FROM ${name} ${behind} ORDER BY ${key.join(', ')} LIMIT ${limit}`
      return connection
        .prepare<unknown[], MovedValue[]>(sql)
        .raw()
        .all(...(after ?? []))
    },
    execute: (sql) => void connection.prepare(sql).run(),
    count: (table) => Number(connection.prepare(`SELECT count(*) FROM ${table}`).pluck().get() ?? 0),
  }
}

export function countAll(side: MoveSide): number {
  return MOVED_TABLES.reduce((sum, { name }) => sum + side.count(name), 0)
}
