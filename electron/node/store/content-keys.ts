import type { ContentKeyRecord } from '../ports.ts'
import { MAX_CACHED_KEYS, MAX_UNKNOWN_KEYS } from './limits.ts'
import type { SqlConnection } from './sql-connection.ts'

/** Finds the key a message says its content is encrypted with. */
export interface ContentKeyLookup {
  find(publisher: string, id: string): Uint8Array | undefined
}

export const NO_CONTENT_KEYS: ContentKeyLookup = { find: () => undefined }

type KeyRow = [
  publisher: string,
  id: string,
  part: string,
  key: Buffer | null,
  firstTimestamp: number,
  lastTimestamp: number,
]

/** Group keys as one connection sees them. A key never changes, so one that was found is kept. */
export class ContentKeys implements ContentKeyLookup {
  readonly #db: SqlConnection
  readonly #select
  readonly #known = new Map<string, Uint8Array>()

  constructor(db: SqlConnection) {
    this.#db = db
    this.#select = db
      .prepare<[string, string], Buffer>(
        'SELECT key FROM content_keys WHERE publisher = ? AND id = ? AND key IS NOT NULL LIMIT 1',
      )
      .pluck()
  }

  find(publisher: string, id: string): Uint8Array | undefined {
    const name = `${publisher} ${id}`
    const known = this.#known.get(name)
    if (known !== undefined) return known
    const key = this.#select.get(publisher, id)
    if (key === undefined) return undefined
    if (this.#known.size >= MAX_CACHED_KEYS) this.#known.clear()
    this.#known.set(name, key)
    return key
  }

  all(): ContentKeyRecord[] {
    return this.#db
      .prepare<[], KeyRow>(
        'SELECT publisher, id, part, key, first_timestamp, last_timestamp FROM content_keys ORDER BY publisher, id, part',
      )
      .raw()
      .all()
      .map(([publisher, id, part, key, firstTimestamp, lastTimestamp]) => ({
        publisher,
        id,
        part,
        key: key === null ? null : new Uint8Array(key),
        firstTimestamp,
        lastTimestamp,
      }))
  }

  /**
   * Takes over what is known of keys: spans grow, and a key that came is kept. Messages may name keys that do not
   * exist, so of each publisher on each part a bounded number is waited for; further ones are passed over.
   */
  record(records: readonly ContentKeyRecord[]): void {
    const unknown = this.#db
      .prepare<[string, string], number>(
        'SELECT count(*) FROM content_keys WHERE publisher = ? AND part = ? AND key IS NULL',
      )
      .pluck()
    const isKnown = this.#db
      .prepare<[string, string, string], number>(
        'SELECT 1 FROM content_keys WHERE publisher = ? AND id = ? AND part = ?',
      )
      .pluck()
    const { lesser, greater } = this.#db.dialect
    const upsert = this.#db.prepare(
      `INSERT INTO content_keys (publisher, id, part, key, first_timestamp, last_timestamp) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT (publisher, id, part) DO UPDATE SET key = coalesce(content_keys.key, excluded.key),
         first_timestamp = ${lesser}(content_keys.first_timestamp, excluded.first_timestamp),
         last_timestamp = ${greater}(content_keys.last_timestamp, excluded.last_timestamp)`,
    )
    for (const { publisher, id, part, key, firstTimestamp, lastTimestamp } of records) {
      const isNew = isKnown.get(publisher, id, part) === undefined
      if (isNew && key === null && (unknown.get(publisher, part) ?? 0) >= MAX_UNKNOWN_KEYS) continue
      upsert.run(publisher, id, part, key, firstTimestamp, lastTimestamp)
    }
  }
}
