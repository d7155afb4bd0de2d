import { MAX_BLOCK_BYTES, MAX_NAME_BYTES } from '../bounds.ts'
import type { Database, SqlRow } from '../database/database.ts'
import { RemoteLogError } from '../errors.ts'
import type { NameSystem } from '../ports.ts'

export const NAME_SYSTEM_MIGRATIONS = [
  `CREATE TABLE name (name TEXT PRIMARY KEY, content BLOB NOT NULL) WITHOUT ROWID`,
]

interface NameRow extends SqlRow {
  content: Uint8Array
}

/**
 * Names that can be typed, linked to and printed: letters, digits and `._~:/#@-`, at most `MAX_NAME_BYTES`.
 * @throws {RemoteLogError} `name-invalid`
 */
export function assertNameValid(name: string): void {
  if (name.length > MAX_NAME_BYTES || !/^[\w.~:/#@-]+$/.test(name)) {
    throw new RemoteLogError('name-invalid', 'A name has 1 to 512 letters, digits or any of . _ ~ : / # @ -')
  }
}

/** @throws {RemoteLogError} `content-too-large` */
export function assertValueFits(content: Uint8Array): void {
  if (content.length > MAX_BLOCK_BYTES) {
    throw new RemoteLogError(
      'content-too-large',
      `A head of ${content.length} bytes; at most ${MAX_BLOCK_BYTES} are kept.`,
    )
  }
}

/** A name system in one SQLite file. Whoever can write the file can update its names. */
export function createEmbeddedNameSystem({ database }: { database: Database }): NameSystem {
  return {
    async update(name, content, { signal } = {}) {
      signal?.throwIfAborted()
      assertNameValid(name)
      assertValueFits(content)
      await database.write([
        {
          sql: 'INSERT INTO name (name, content) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET content = excluded.content',
          rows: [[name, content]],
        },
      ])
    },
    async fetch(name, { signal } = {}) {
      signal?.throwIfAborted()
      assertNameValid(name)
      const [row] = await database.read<NameRow>('SELECT content FROM name WHERE name = ?', name)
      if (row === undefined)
        throw new RemoteLogError('name-missing', `Nothing is published under the name ${name}.`)
      assertValueFits(row.content)
      return row.content
    },
  }
}
