import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createDatabaseHost, type Database } from '../../../../electron/node/remote-log/database/database.ts'
import { rejectionCode } from '../error-code.ts'
import { databaseHost, temporaryFolder } from '../temporary-folder.ts'

const SCHEMA = ['CREATE TABLE item (id INTEGER PRIMARY KEY, bytes BLOB)']
const INSERT = 'INSERT INTO item (id, bytes) VALUES (?, ?)'
const count = async (database: Database) =>
  (await database.read<{ n: number }>('SELECT count(*) AS n FROM item'))[0]?.n

describe('a database of the remote log', () => {
  it('keeps what was written over closing and opening', async () => {
    const path = join(await temporaryFolder(), 'a.db')
    const first = createDatabaseHost()
    const database = await first.open(path, SCHEMA)
    await database.write([{ sql: INSERT, rows: [[1, Uint8Array.of(1, 2)]] }])
    await first.close()
    const again = await databaseHost().open(path, SCHEMA)
    expect(await again.read('SELECT * FROM item')).toEqual([{ id: 1, bytes: Uint8Array.of(1, 2) }])
  })

  it('writes all statements of a call or none', async () => {
    const database = await databaseHost().open(join(await temporaryFolder(), 'a.db'), SCHEMA)
    const rows = [
      [1, null],
      [1, null],
    ] as const
    expect(await rejectionCode(database.write([{ sql: INSERT, rows }]))).toBe('SQLITE_CONSTRAINT_PRIMARYKEY')
    expect(await count(database)).toBe(0)
  })

  it('says how many rows each statement changed', async () => {
    const database = await databaseHost().open(join(await temporaryFolder(), 'a.db'), SCHEMA)
    const insert = { sql: INSERT, rows: [[1, null], [2, null]] } // biome-ignore format: one line reads better
    expect(
      await database.write([insert, { sql: 'DELETE FROM item WHERE id = ?', rows: [[2], [3]] }]),
    ).toEqual([2, 1])
  })

  it('runs the migrations a file lacks, each once', async () => {
    const path = join(await temporaryFolder(), 'a.db')
    const host = databaseHost()
    await (await host.open(path, SCHEMA)).close()
    const database = await host.open(path, [...SCHEMA, 'ALTER TABLE item ADD COLUMN more TEXT'])
    await database.write([{ sql: 'INSERT INTO item (more) VALUES (?)', rows: [['x']] }])
    expect(await count(database)).toBe(1)
  })

  it('refuses a file of a newer version', async () => {
    const path = join(await temporaryFolder(), 'a.db')
    const host = databaseHost()
    await (await host.open(path, [...SCHEMA, 'ALTER TABLE item ADD COLUMN more TEXT'])).close()
    expect(await rejectionCode(host.open(path, SCHEMA))).toBe('store-newer-than-code')
  })

  it('refuses a folder that is not there with a sentence', async () => {
    const path = join(await temporaryFolder(), 'missing', 'a.db')
    expect(await rejectionCode(databaseHost().open(path, SCHEMA))).toBe('data-folder-unusable')
  })

  it('is readable by its owner alone', async () => {
    const path = join(await temporaryFolder(), 'a.db')
    await databaseHost().open(path, SCHEMA)
    expect((await stat(path)).mode & 0o077).toBe(0)
  })

  it('refuses calls after it was closed', async () => {
    const host = databaseHost()
    const database = await host.open(join(await temporaryFolder(), 'a.db'), SCHEMA)
    await host.close()
    await expect(database.write([])).rejects.toThrow('ended')
  })

  it('stores a view of a large buffer as the view alone', async () => {
    const database = await databaseHost().open(join(await temporaryFolder(), 'a.db'), SCHEMA)
    const view = new Uint8Array(1_000_000).fill(3).subarray(10, 12)
    await database.write([{ sql: INSERT, rows: [[1, view]] }])
    expect(await database.read('SELECT bytes FROM item WHERE bytes = ?', view)).toEqual([
      { bytes: Uint8Array.of(3, 3) },
    ])
  })
})
