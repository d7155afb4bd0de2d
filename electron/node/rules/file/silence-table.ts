import type Sqlite from 'better-sqlite3'
import { TidemarkError } from '../../../../shared/errors.ts'
import type { SilenceView } from '../../../../shared/rules/alert.ts'
import { MAX_SILENCE_MS, MAX_SILENCES } from '../../../../shared/rules/limits.ts'

export interface NewSilence {
  ruleId: string | null
  publisher: string | null
  reason: string
  /** From now, ms. */
  lastsMs: number
}

/** Silences on disk. One that has ended is forgotten with the next one that is made. */
export class SilenceTable {
  readonly #db: Sqlite.Database

  constructor(db: Sqlite.Database) {
    this.#db = db
  }

  /** @throws TidemarkError `invalid-input` when there are too many */
  add({ ruleId, publisher, reason, lastsMs }: NewSilence, now: number): void {
    this.#db.prepare('DELETE FROM silences WHERE ends_at <= ?').run(now)
    const count = this.#db.prepare<[], number>('SELECT count(*) FROM silences').pluck().get() ?? 0
    if (count >= MAX_SILENCES) {
      throw new TidemarkError(
        'invalid-input',
        `There are ${MAX_SILENCES} silences already.`,
        'End one that is no longer needed, or make one that covers more.',
      )
    }
    this.#db
      .prepare(
        'INSERT INTO silences (rule_id, publisher, reason, created_at, ends_at) VALUES (?, ?, ?, ?, ?)',
      )
      .run(ruleId, publisher, reason, now, now + Math.min(lastsMs, MAX_SILENCE_MS))
  }

  end(id: number, now: number): void {
    this.#db.prepare('UPDATE silences SET ends_at = min(ends_at, ?) WHERE id = ?').run(now, id)
  }

  list(now: number): SilenceView[] {
    return this.#db
      .prepare<[number], SilenceView>(
        `SELECT id, rule_id AS ruleId, publisher, reason, created_at AS createdAt, ends_at AS endsAt
         FROM silences WHERE ends_at > ? ORDER BY ends_at`,
      )
      .all(now)
  }
}
