import { closeSync, openSync } from 'node:fs'
import Sqlite from 'better-sqlite3'
import { TidemarkError } from '../../../../shared/errors.ts'
import { ALERT_MIGRATIONS } from './migrations.ts'

const BUSY_TIMEOUT_MS = 5_000
/** `PRAGMA synchronous` reads back as this number when a commit waits for the disk. */
const SYNCHRONOUS_FULL = 2

/**
 * Opens the file of rules, alerts and channels, for its owner alone: sealed secrets lie in it.
 * @throws TidemarkError `store-newer-than-code`, `data-folder-unusable`
 */
export function openAlertFile(path: string): Sqlite.Database {
  let db: Sqlite.Database
  try {
    closeSync(openSync(path, 'a', 0o600))
    db = new Sqlite(path, { timeout: BUSY_TIMEOUT_MS })
  } catch (cause) {
    throw unusable(path, cause)
  }
  try {
    db.pragma('journal_mode = WAL')
    db.pragma('synchronous = FULL')
    db.pragma('trusted_schema = OFF')
    if (db.pragma('synchronous', { simple: true }) !== SYNCHRONOUS_FULL) {
      throw new Error('SQLite does not wait for the disk')
    }
    migrate(db, path)
    return db
  } catch (error) {
    db.close()
    throw error instanceof TidemarkError ? error : unusable(path, error)
  }
}

function migrate(db: Sqlite.Database, path: string): void {
  db.transaction(() => {
    const version = Number(db.pragma('user_version', { simple: true }))
    if (version > ALERT_MIGRATIONS.length) {
      throw new TidemarkError(
        'store-newer-than-code',
        `The file ${path} was written by a newer version of Tidemark.`,
        'Start the newer version again, or move the file away; stored messages are not touched by that.',
      )
    }
    for (const migration of ALERT_MIGRATIONS.slice(version)) db.exec(migration)
    db.pragma(`user_version = ${ALERT_MIGRATIONS.length}`)
  }).immediate()
}

function unusable(path: string, cause: unknown): TidemarkError {
  return new TidemarkError(
    'data-folder-unusable',
    `The file ${path} cannot be opened: ${cause instanceof Error ? cause.message : 'unknown error'}.`,
    'Check that the folder is writable and the disk not full. Moved away, it is begun anew: rules and alerts are lost, messages are not.',
    { cause },
  )
}
