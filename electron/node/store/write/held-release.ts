import type { SqlConnection } from '../sql-connection.ts'
import { fieldsOfRaw } from '../stored-fields.ts'
import { addFieldValues } from './batch-fields.ts'
import type { BatchTally } from './batch-tally.ts'
import type { MessageWriter } from './message-writer.ts'
import type { PartStates } from './part-state.ts'
import { toEntry, type UnprovenRow } from './unproven-table.ts'

/** Messages released in one transaction. */
const RELEASED_AT_ONCE = 1_000

/** Stores the messages that were ahead of their time, once it has come. */
export class HeldRelease {
  readonly #parts: PartStates
  readonly #writer: MessageWriter
  readonly #due

  constructor(db: SqlConnection, parts: PartStates, writer: MessageWriter) {
    this.#parts = parts
    this.#writer = writer
    this.#due = db.prepare<[number], UnprovenRow & { part_name: string }>(
      `SELECT held.*, parts.name AS part_name FROM held JOIN parts ON parts.id = held.part
       WHERE timestamp <= ? ORDER BY timestamp LIMIT ${RELEASED_AT_ONCE}`,
    )
  }

  /** Whether a call of `release` would find something. */
  isDue(now: number): boolean {
    return this.#due.get(now) !== undefined
  }

  /** @returns whether there may be more */
  release(now: number, tally: BatchTally): boolean {
    const rows = this.#due.all(now)
    for (const row of rows) {
      const part = this.#parts.touch(row.part_name)
      const entry = toEntry(row)
      this.#writer.held.delete(part.id, row)
      part.held -= 1
      this.#writer.write(
        part,
        entry,
        now,
        (statistics) => {
          addFieldValues(fieldsOfRaw(entry.raw), part.fields, statistics, entry.timestamp, entry.sequence)
        },
        tally,
      )
    }
    return rows.length === RELEASED_AT_ONCE
  }
}
