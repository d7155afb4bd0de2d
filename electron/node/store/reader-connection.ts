import { openForReading } from './database.ts'
import { PostgresConnection } from './postgres/postgres-connection.ts'
import { SyncWire } from './postgres/sync-wire.ts'
import type { WireOptions } from './postgres/wire-protocol.ts'
import type { SqlConnection } from './sql-connection.ts'
import { sqliteConnection } from './sqlite-connection.ts'

/** Where stored messages lie. Crosses threads; that of a server holds its password. */
export type StoreLocation = { engine: 'sqlite'; file: string } | { engine: 'postgres'; wire: WireOptions }

export interface ReaderConnection {
  connection: SqlConnection
  close(): void
}

/** A connection that reads what is stored, on the thread that asks: never the one that serves windows. */
export function openReaderConnection(location: StoreLocation): ReaderConnection {
  if (location.engine === 'postgres') {
    const connection = new PostgresConnection(new SyncWire(location.wire))
    return { connection, close: () => connection.close() }
  }
  const db = openForReading(location.file)
  return { connection: sqliteConnection(db), close: () => db.close() }
}
