import type { RefusedMessage } from '../../ports.ts'
import { MAX_REFUSED_BYTES, MAX_REFUSED_MESSAGES } from '../limits.ts'
import type { SqlConnection } from '../sql-connection.ts'

/** Bytes that could not become a message, the newest of them. */
export class RefusedTable {
  readonly #insert
  readonly #trim

  constructor(db: SqlConnection) {
    this.#insert = db.prepare(
      'INSERT INTO refused (reason, source, received_at, size_bytes, raw) VALUES (?, ?, ?, ?, ?)',
    )
    this.#trim = db.prepare('DELETE FROM refused WHERE id <= ?')
  }

  insert({ reason, receivedAt, raw }: RefusedMessage, source: number): void {
    const kept = raw.subarray(0, MAX_REFUSED_BYTES)
    const { lastInsertRowid } = this.#insert.run(reason, source, receivedAt, raw.length, kept)
    this.#trim.run(Number(lastInsertRowid) - MAX_REFUSED_MESSAGES)
  }
}
