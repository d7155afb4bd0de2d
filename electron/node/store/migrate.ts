import type Database from 'better-sqlite3'
import { TidemarkError } from '../../../shared/errors.ts'
import { MIGRATIONS } from './migrations/index.ts'

/** Marks the file as Tidemark's in its header: `TIDE`. */
export const APPLICATION_ID = 0x54494445

/**
 * Brings a file to the version of the code, one migration a transaction: a file is never between two versions.
 * @returns the version the file had; 0 for a new one
 * @throws {TidemarkError} `store-newer-than-code`, before anything is changed
 */
export function migrate(db: Database.Database, migrations: readonly string[] = MIGRATIONS): number {
  const found = schemaVersion(db)
  if (found > migrations.length) {
    throw new TidemarkError(
      'store-newer-than-code',
      `The message store has format ${found}; this Tidemark reads formats up to ${migrations.length}.`,
      'Start the newer Tidemark that wrote it, or choose another data folder with --data.',
    )
  }
  for (let version = found; version < migrations.length; version++) {
    db.transaction(() => {
      if (version === 0) {
        db.pragma(`application_id = ${APPLICATION_ID}`)
        db.exec('CREATE TABLE meta (key TEXT PRIMARY KEY, value ANY) STRICT, WITHOUT ROWID')
      }
      db.exec(migrations[version] as string)
      db.prepare("INSERT OR REPLACE INTO meta (key, value) VALUES ('schema_version', ?)").run(version + 1)
    }).immediate()
  }
  return found
}

/** Version of a file; 0 when it is new. @throws {TidemarkError} when it is a database of something else. */
export function schemaVersion(db: Database.Database): number {
  const applicationId = db.pragma('application_id', { simple: true })
  if (applicationId === APPLICATION_ID) {
    const row = db.prepare("SELECT value FROM meta WHERE key = 'schema_version'").pluck().get()
    if (typeof row === 'number' && Number.isInteger(row) && row > 0) return row
  } else if (db.prepare('SELECT count(*) FROM sqlite_schema').pluck().get() === 0) {
    return 0
  }
  throw new TidemarkError(
    'store-damaged',
    'The file of the message store is not a Tidemark store.',
    'Move it away, or choose another data folder with --data.',
  )
}
