import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { bringToFormat } from '../../../electron/node/store/bring-to-format.ts'
import { openForWriting } from '../../../electron/node/store/database.ts'
import { migrate, schemaVersion } from '../../../electron/node/store/migrate.ts'
import { MIGRATIONS, SCHEMA_VERSION } from '../../../electron/node/store/migrations/index.ts'
import { openSqliteStore } from '../../../electron/node/store/sqlite-store.ts'
import { recordingLogger, runningProcesses, temporaryFolder } from './store-folder.ts'

describe('migrations', () => {
  let folder: ReturnType<typeof temporaryFolder>
  let file: string
  beforeEach(() => {
    folder = temporaryFolder()
    file = join(folder.path, 'messages.sqlite')
  })
  afterEach(() => folder.remove())

  const shapeOf = (db: Database.Database): unknown[] =>
    db.prepare('SELECT type, name, sql FROM sqlite_schema ORDER BY type, name').raw().all()

  test('a new file is made in the current format', () => {
    const db = openForWriting(file)
    expect(migrate(db)).toBe(0)
    expect(schemaVersion(db)).toBe(SCHEMA_VERSION)
    expect(migrate(db)).toBe(SCHEMA_VERSION)
    db.close()
  })

  // Every format there ever was is a row here: its file is made by the migrations up to it, which never change.
  test.each(MIGRATIONS.map((_, index) => index + 1))(
    'a file of format %i becomes what a new one is',
    (version) => {
      const old = new Database(file)
      migrate(old, MIGRATIONS.slice(0, version))
      expect(schemaVersion(old)).toBe(version)
      migrate(old)
      const fresh = new Database(':memory:')
      migrate(fresh)
      expect(shapeOf(old)).toEqual(shapeOf(fresh))
      old.close()
    },
  )

  test('messages of a file of format 2 get their marks', () => {
    const old = new Database(file)
    migrate(old, MIGRATIONS.slice(0, 2))
    old.exec("INSERT INTO sources VALUES (7, 'live'), (8, 'peer:x')")
    const insert = old.prepare(
      "INSERT INTO messages VALUES (1, ?, 0, 1, 1, ?, NULL, NULL, 0, 0, ?, ?, ?, x'00')",
    )
    const stored: [timestamp: number, flags: number, source: number, receivedAt: number][] = [
      [1_000_000, 1, 7, 1_000_005],
      [2_000_000, 1, 7, 2_300_001],
      [3_000_000, 0, 8, 9_000_000],
      [4_000_000, 2, 8, 3_994_999],
    ]
    for (const [timestamp, flags, source, receivedAt] of stored)
      insert.run(timestamp, Buffer.from([source]), flags, source, receivedAt)
    migrate(old)
    expect(old.prepare('SELECT flags FROM messages ORDER BY timestamp').pluck().all()).toEqual([1, 5, 0, 6])
    old.close()
  })

  test('a migration that fails leaves the file in the format it had', () => {
    const db = new Database(file)
    migrate(db)
    const before = shapeOf(db)
    expect(() => migrate(db, [...MIGRATIONS, 'CREATE TABLE one (a); CREATE TABLE one (a);'])).toThrow(
      /already exists/,
    )
    expect(shapeOf(db)).toEqual(before)
    expect(schemaVersion(db)).toBe(SCHEMA_VERSION)
    db.close()
  })

  test('a migration that is appended is done, and counted', () => {
    const db = new Database(file)
    migrate(db)
    expect(migrate(db, [...MIGRATIONS, 'CREATE TABLE next (a INTEGER) STRICT'])).toBe(SCHEMA_VERSION)
    expect(schemaVersion(db)).toBe(SCHEMA_VERSION + 1)
    db.close()
  })

  test('a file of an earlier format is brought to the current one before it is opened, and that is told', async () => {
    const old = openForWriting(file)
    migrate(old, MIGRATIONS.slice(0, 2))
    old.close()
    const logger = recordingLogger()
    await bringToFormat(file, logger, new AbortController().signal)
    const brought = openForWriting(file)
    expect(schemaVersion(brought)).toBe(SCHEMA_VERSION)
    brought.close()
    expect(logger.lines.map(({ message }) => message).join()).toContain('brought to a new format')
  })

  test('a change of format that is stopped is over at once, and the file has the format it had', async () => {
    const old = openForWriting(file)
    migrate(old, MIGRATIONS.slice(0, 2))
    // Whoever wants to write waits inside SQLite for seconds, as on a long history for minutes.
    old.exec('BEGIN IMMEDIATE')
    const stopping = new AbortController()
    const brought = bringToFormat(file, recordingLogger(), stopping.signal)
    brought.catch(() => undefined)
    await expect.poll(runningProcesses).toBe(1)
    stopping.abort()
    await expect(brought).rejects.toMatchObject({ code: 'aborted' })
    await expect.poll(runningProcesses).toBe(0)
    old.exec('ROLLBACK')
    expect(schemaVersion(old)).toBe(2)
    old.close()
  })

  test('a file newer than the code is refused in words and left as it is', async () => {
    const db = new Database(file)
    migrate(db, [...MIGRATIONS, 'CREATE TABLE next (a INTEGER) STRICT'])
    db.close()
    const opening = openSqliteStore({ file, logger: recordingLogger(), clock: { now: () => Date.now() } })
    await expect(opening).rejects.toMatchObject({
      code: 'store-newer-than-code',
      message: expect.stringContaining(`format ${SCHEMA_VERSION + 1}`),
    })
    const after = new Database(file)
    expect(schemaVersion(after)).toBe(SCHEMA_VERSION + 1)
    after.close()
  })

  test('a database of something else is refused, not adopted', () => {
    const db = new Database(file)
    db.exec('CREATE TABLE theirs (a)')
    expect(() => migrate(db)).toThrow(expect.objectContaining({ code: 'store-damaged' }))
    db.close()
  })
})
