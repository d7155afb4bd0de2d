import { assertBlockFits } from '../block.ts'
import type { Database, SqlRow } from '../database/database.ts'
import { RemoteLogError } from '../errors.ts'
import { assertNameValid } from '../log-name.ts'
import type { NameSystem } from '../ports.ts'

export const NAME_SYSTEM_MIGRATIONS = [
  `CREATE TABLE name (name TEXT PRIMARY KEY, content BLOB NOT NULL) WITHOUT ROWID`,
]

interface NameRow extends SqlRow {
  content: Uint8Array
}

/** A name system in one SQLite file. Whoever can write the file can update its names. */
export function createEmbeddedNameSystem({ database }: { database: Database }): NameSystem {
  return {
    async update(name, content, { signal } = {}) {
      signal?.throwIfAborted()
      assertNameValid(name)
      assertBlockFits(content)
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
      assertBlockFits(row.content)
      return row.content
    },
  }
}
