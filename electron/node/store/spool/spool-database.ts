import type Database from 'better-sqlite3'
import { TidemarkError } from '../../../../shared/errors.ts'
import { BATCH_VERSION } from '../../message/verified-batch-layout.ts'

/** Of the file; the format of what is in it is that of batches. */
const FORMAT = 1

/**
 * Makes the file's one table, with what is needed for a commit to be on disk when it returns.
 * @throws {TidemarkError} `store-newer-than-code`, `data-folder-unusable`
 */
export function setUpForWriting(db: Database.Database, file: string): void {
  db.pragma('journal_mode = WAL')
  db.pragma('synchronous = FULL')
  if (Number(db.pragma('synchronous', { simple: true })) !== 2) {
    throw new TidemarkError(
      'data-folder-unusable',
      `SQLite does not wait for the disk with ${file}.`,
      'Move the data folder to a disk of this machine.',
    )
  }
  db.exec(`CREATE TABLE IF NOT EXISTS batches (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    messages INTEGER NOT NULL,
    first_timestamp INTEGER,
    last_timestamp INTEGER,
    size_bytes INTEGER NOT NULL,
    reason TEXT,
    content BLOB NOT NULL
  ) STRICT`)
  const version = FORMAT * 1_000 + BATCH_VERSION
  const found = Number(db.pragma('user_version', { simple: true }))
  if (found === 0) db.pragma(`user_version = ${version}`)
  else if (found !== version) {
    throw new TidemarkError(
      'store-newer-than-code',
      `What waits for the database in ${file} was written by another version of Tidemark (format ${found}, this one has ${version}).`,
      'Start the version that wrote it once, with the database there, so that it stores what waits; nothing was changed.',
    )
  }
}
