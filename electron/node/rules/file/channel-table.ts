import type Sqlite from 'better-sqlite3'
import { TidemarkError } from '../../../../shared/errors.ts'
import { type ChannelSettings, channelSettingsSchema } from '../../../../shared/rules/channel.ts'
import { MAX_CHANNELS } from '../../../../shared/rules/limits.ts'

export interface ChannelRecord {
  name: string
  settings: ChannelSettings
  /** The secrets, sealed; null when there are none. */
  sealed: Uint8Array | null
}

/** Channels on disk, their secrets sealed. */
export class ChannelTable {
  readonly #db: Sqlite.Database

  constructor(db: Sqlite.Database) {
    this.#db = db
  }

  all(): ChannelRecord[] {
    return this.#db
      .prepare<[], { name: string; settings: string; sealed: Buffer | null }>(
        'SELECT name, settings, sealed FROM channels ORDER BY name',
      )
      .all()
      .map(({ name, settings, sealed }) => ({
        name,
        settings: channelSettingsSchema.parse(JSON.parse(settings)),
        sealed: sealed && Uint8Array.from(sealed),
      }))
  }

  /** @throws TidemarkError `invalid-input` when there are too many */
  put({ name, settings, sealed }: ChannelRecord): void {
    const others = this.#db.prepare<[string], number>('SELECT count(*) FROM channels WHERE name <> ?').pluck()
    if ((others.get(name) ?? 0) >= MAX_CHANNELS) {
      throw new TidemarkError(
        'invalid-input',
        `There are ${MAX_CHANNELS} channels already.`,
        'Remove one that is no longer needed.',
      )
    }
    this.#db
      .prepare(
        `INSERT INTO channels (name, kind, settings, sealed) VALUES (?, ?, ?, ?)
         ON CONFLICT DO UPDATE SET kind = excluded.kind, settings = excluded.settings, sealed = excluded.sealed`,
      )
      .run(name, settings.kind, JSON.stringify(settings), sealed)
  }

  remove(name: string): void {
    this.#db.prepare('DELETE FROM channels WHERE name = ?').run(name)
    this.#db.prepare('DELETE FROM deliveries WHERE channel = ?').run(name)
  }
}
