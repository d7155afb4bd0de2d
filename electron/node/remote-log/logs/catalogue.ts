import { type Keeper, keeperText, type LogRef, parseKeeper } from '../../../../shared/remote-log.ts'
import type { Database } from '../database/database.ts'
import { type LogSettings, logSettingsSchema } from '../publisher/layout.ts'

/** Which logs this node publishes and reads, and what servers want from it. For its owner alone: it holds tokens. */
export const CATALOGUE_MIGRATIONS = [
  `CREATE TABLE published (
     name TEXT NOT NULL, keeper TEXT NOT NULL, part TEXT NOT NULL, settings TEXT NOT NULL,
     PRIMARY KEY (name, keeper)
   );
   CREATE TABLE followed (
     name TEXT NOT NULL, keeper TEXT NOT NULL, is_followed INTEGER NOT NULL, PRIMARY KEY (name, keeper)
   );
   CREATE TABLE write_token (url TEXT PRIMARY KEY, token TEXT NOT NULL);`,
]

export interface PublishedEntry extends LogRef {
  part: string
  settings: LogSettings
}

export interface FollowedEntry extends LogRef {
  /** Asked for news; otherwise read on request. */
  isFollowed: boolean
}

/** What tells logs apart in the files of publisher and reader: two keepers may use one name for two logs. */
export function logKey({ name, keeper }: LogRef): string {
  return `${keeperText(keeper)} ${name}`
}

export class LogCatalogue {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  async published(): Promise<PublishedEntry[]> {
    const rows = await this.#database.read<{ name: string; keeper: string; part: string; settings: string }>(
      'SELECT name, keeper, part, settings FROM published ORDER BY rowid',
    )
    return rows.flatMap(({ name, keeper, part, settings }) =>
      withKeeper(keeper, (known) => ({
        name,
        keeper: known,
        part,
        settings: logSettingsSchema.parse(JSON.parse(settings)),
      })),
    )
  }

  async followed(): Promise<FollowedEntry[]> {
    const rows = await this.#database.read<{ name: string; keeper: string; is_followed: number }>(
      'SELECT name, keeper, is_followed FROM followed ORDER BY rowid',
    )
    return rows.flatMap(({ name, keeper, is_followed }) =>
      withKeeper(keeper, (known) => ({ name, keeper: known, isFollowed: is_followed === 1 })),
    )
  }

  async savePublished({ name, keeper, part, settings }: PublishedEntry): Promise<void> {
    await this.#database.write([
      {
        sql: `INSERT INTO published (name, keeper, part, settings) VALUES (?, ?, ?, ?)
          ON CONFLICT (name, keeper) DO UPDATE SET part = excluded.part, settings = excluded.settings`,
        rows: [[name, keeperText(keeper), part, JSON.stringify(settings)]],
      },
    ])
  }

  async saveFollowed({ name, keeper, isFollowed }: FollowedEntry): Promise<void> {
    await this.#database.write([
      {
        sql: `INSERT INTO followed (name, keeper, is_followed) VALUES (?, ?, ?)
          ON CONFLICT (name, keeper) DO UPDATE SET is_followed = excluded.is_followed`,
        rows: [[name, keeperText(keeper), isFollowed ? 1 : 0]],
      },
    ])
  }

  async remove(table: 'published' | 'followed', { name, keeper }: LogRef): Promise<void> {
    await this.#database.write([
      { sql: `DELETE FROM ${table} WHERE name = ? AND keeper = ?`, rows: [[name, keeperText(keeper)]] },
    ])
  }

  async writeTokenOf(url: string): Promise<string | undefined> {
    const [row] = await this.#database.read<{ token: string }>(
      'SELECT token FROM write_token WHERE url = ?',
      url,
    )
    return row?.token
  }

  async saveWriteToken(url: string, token: string): Promise<void> {
    await this.#database.write([
      { sql: 'INSERT OR REPLACE INTO write_token (url, token) VALUES (?, ?)', rows: [[url, token]] },
    ])
  }
}

/** A keeper of a kind this code does not know any more is left where it is. */
function withKeeper<T>(text: string, make: (keeper: Keeper) => T): T[] {
  const keeper = parseKeeper(text)
  return keeper === null ? [] : [make(keeper)]
}
