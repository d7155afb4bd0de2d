import type Database from 'better-sqlite3'

/**
 * Marks in the file whether it was closed in order. A file that was not is checked when it is opened again: the
 * process was killed, or the machine lost power, and a disk may not have kept what it promised.
 */
export class ShutdownMark {
  readonly #db: Database.Database
  readonly #set

  constructor(db: Database.Database) {
    this.#db = db
    this.#set = db.prepare<[string, string | number]>(
      'INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)',
    )
  }

  /** Marks the file as open. @returns whether it had been closed in order, or is new */
  open(): boolean {
    const value = this.#value('clean_shutdown')
    this.#set.run('clean_shutdown', 0)
    return value === undefined || value === 1
  }

  close(): void {
    this.#set.run('clean_shutdown', 1)
  }

  /** Remembers what a check found, for the next start. */
  setDamage(problems: readonly string[]): void {
    this.#set.run('damage', JSON.stringify(problems))
  }

  /** Whether a check has found damage that was not dealt with yet. */
  get isDamaged(): boolean {
    return this.#value('damage') !== undefined
  }

  #value(key: string): unknown {
    return this.#db.prepare<[string], unknown>('SELECT value FROM meta WHERE key = ?').pluck().get(key)
  }
}
