import { closeSync, openSync, rmSync } from 'node:fs'
import Sqlite from 'better-sqlite3'

const VERSION = 1
const BUSY_TIMEOUT_MS = 5_000
const ENDINGS = ['', '-wal', '-shm']

const TABLES = `
-- broken: messages of the part that its schema, known by its digest, does not allow. A number is given once: what is
-- remembered by it in memory is of that schema.
CREATE TABLE parts (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL UNIQUE,
  schema_digest TEXT NOT NULL,
  broken INTEGER NOT NULL
) STRICT;

-- Stretches that were read, with what the store held there then.
CREATE TABLE slots (
  part INTEGER NOT NULL,
  slot INTEGER NOT NULL,
  stamp TEXT NOT NULL,
  broken INTEGER NOT NULL,
  PRIMARY KEY (part, slot)
) STRICT, WITHOUT ROWID;

-- By the second and by the minute, where there are any. bucket_ms: 1,000 or 60,000.
CREATE TABLE broken (
  part INTEGER NOT NULL,
  bucket_ms INTEGER NOT NULL,
  bucket INTEGER NOT NULL,
  messages INTEGER NOT NULL,
  PRIMARY KEY (part, bucket_ms, bucket)
) STRICT, WITHOUT ROWID;
`

/**
 * Opens the file of what schemas do not allow. All in it is found again from the messages, so a file of another version,
 * or one that cannot be read, is begun anew instead of refused.
 */
export function openMarkFile(path: string): Sqlite.Database {
  try {
    return open(path)
  } catch {
    for (const ending of ENDINGS) rmSync(`${path}${ending}`, { force: true })
    return open(path)
  }
}

function open(path: string): Sqlite.Database {
  closeSync(openSync(path, 'a', 0o600))
  const db = new Sqlite(path, { timeout: BUSY_TIMEOUT_MS })
  try {
    db.pragma('journal_mode = WAL')
    // What a power cut takes is read again.
    db.pragma('synchronous = NORMAL')
    db.pragma('trusted_schema = OFF')
    const version = Number(db.pragma('user_version', { simple: true }))
    if (version !== 0 && version !== VERSION) throw new Error(`the file has version ${version}`)
    if (version === 0) {
      db.transaction(() => {
        db.exec(TABLES)
        db.pragma(`user_version = ${VERSION}`)
      }).immediate()
    }
    return db
  } catch (error) {
    db.close()
    throw error
  }
}
