import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { migrate } from '../../../electron/node/store/migrate.ts'
import { MOVED_TABLES } from '../../../electron/node/store/move/moved-tables.ts'

describe('what is copied when a store moves', () => {
  it('is every column of every table of the current format, and nothing else', () => {
    const db = new Database(':memory:')
    migrate(db)
    const tables = db
      .prepare<[], string>(
        `SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> 'meta'`,
      )
      .pluck()
      .all()
    const inFormat = tables.map((name) => {
      const columns = db.prepare<[], { name: string }>(`SELECT name FROM pragma_table_info('${name}')`).all()
      return [name, columns.map((column) => column.name).sort()]
    })
    const moved = MOVED_TABLES.map(({ name, columns }) => [name, [...columns].sort()])
    expect(Object.fromEntries(moved)).toEqual(Object.fromEntries(inFormat))
  })

  it('has the primary key of its table, by which a move that was interrupted goes on', () => {
    const db = new Database(':memory:')
    migrate(db)
    for (const { name, key } of MOVED_TABLES) {
      const rows = db
        .prepare<[], string>(`SELECT name FROM pragma_table_info('${name}') WHERE pk > 0 ORDER BY pk`)
        .pluck()
        .all()
      expect(rows, name).toEqual([...key])
    }
  })
})
