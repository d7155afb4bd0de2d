import { PAGE_BYTES } from '../limits.ts'
import { type MessagePage, packPage } from '../message-page.ts'
import type { Names } from './name-lookup.ts'
import { MESSAGE_COLUMNS, type MessageColumns } from './row-columns.ts'
import type { Statements } from './statements.ts'

/** Reads the messages that are held back until the time they claim has come. */
export class HeldReader {
  readonly #statements: Statements
  readonly #names: Names

  constructor(statements: Statements, names: Names) {
    this.#statements = statements
    this.#names = names
  }

  /** At most `limit` messages and a page's worth of bytes, ascending. */
  read(part: string, from: number, to: number, limit: number): MessagePage {
    const id = this.#names.parts.idOf(part)
    const rows: MessageColumns[] = []
    if (id === undefined) return packPage(rows, this.#names)
    const statement = this.#statements.rows<MessageColumns>(
      `SELECT ${MESSAGE_COLUMNS} FROM held WHERE part = ? AND timestamp >= ? AND timestamp <= ?
       ORDER BY timestamp, sequence, publisher, chain, digest, copy LIMIT ?`,
    )
    let sizeBytes = 0
    for (const row of statement.iterate(id, from, to, limit)) {
      sizeBytes += row[10].length
      if (rows.length > 0 && sizeBytes > PAGE_BYTES) break
      rows.push(row)
    }
    return packPage(rows, this.#names)
  }
}
