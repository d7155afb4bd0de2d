import type { Database, SqlValue, Statement } from './database.ts'

interface Waiting {
  sql: string
  row: readonly SqlValue[]
  resolve(): void
  reject(error: unknown): void
}

/**
 * Gathers single writes into transactions: what comes in while a commit waits for the disk goes into the next
 * one together. Order is kept.
 */
export class CommitQueue {
  readonly #database: Database
  #waiting: Waiting[] = []
  #committing = false

  constructor(database: Database) {
    this.#database = database
  }

  /** Resolves when the write is on disk. */
  run(sql: string, ...row: SqlValue[]): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ sql, row, resolve, reject })
      if (!this.#committing) void this.#commit()
    })
  }

  async #commit(): Promise<void> {
    this.#committing = true
    // Leaves the writes of this turn of the event loop time to come together.
    await Promise.resolve()
    while (this.#waiting.length > 0) {
      const batch = this.#waiting
      this.#waiting = []
      try {
        await this.#database.write(toStatements(batch))
        for (const { resolve } of batch) resolve()
      } catch (error) {
        for (const { reject } of batch) reject(error)
      }
    }
    this.#committing = false
  }
}

function toStatements(batch: readonly Waiting[]): Statement[] {
  const statements: { sql: string; rows: (readonly SqlValue[])[] }[] = []
  for (const { sql, row } of batch) {
    const last = statements.at(-1)
    if (last?.sql === sql) last.rows.push(row)
    else statements.push({ sql, rows: [row] })
  }
  return statements
}
