import Database from 'better-sqlite3'
import { TidemarkError } from '../../../shared/errors.ts'

/** 4 KiB: with 16 KiB pages each commit writes four times as much for the few pages of the pyramid it touches. */
const PAGE_SIZE_BYTES = 4_096
/** Page cache of the writer: the newest pages of every tree and the inner nodes of the rest. */
const WRITER_CACHE_KIB = 65_536
const READER_CACHE_KIB = 32_768
/** Pages in the log before a commit copies them back: hot pages of the pyramid are copied once, not hundreds of times. */
const CHECKPOINT_PAGES = 8_192
/** The log is cut back to this after a burst, so that it does not keep the disk it once needed. */
const LOG_LIMIT_BYTES = 67_108_864
/** Wait for another connection's lock, ms: only the moment in which a log is reset. */
const BUSY_TIMEOUT_MS = 5_000
const SYNCHRONOUS_FULL = 2

/**
 * Opens the file for the one connection that writes: write-ahead log, every commit synced (`synchronous=FULL`,
 * which better-sqlite3 does not set for WAL by itself), settings read back.
 * @throws {TidemarkError} `data-folder-unusable` when durability cannot be had
 */
export function openForWriting(file: string): Database.Database {
  const db = new Database(file, { timeout: BUSY_TIMEOUT_MS })
  try {
    db.pragma(`page_size = ${PAGE_SIZE_BYTES}`)
    db.pragma('auto_vacuum = INCREMENTAL')
    const mode = db.pragma('journal_mode = WAL', { simple: true })
    db.pragma('synchronous = FULL')
    db.pragma(`wal_autocheckpoint = ${CHECKPOINT_PAGES}`)
    db.pragma(`journal_size_limit = ${LOG_LIMIT_BYTES}`)
    db.pragma(`cache_size = -${WRITER_CACHE_KIB}`)
    db.pragma('trusted_schema = OFF')
    const synchronous = db.pragma('synchronous', { simple: true })
    if (mode !== 'wal' || synchronous !== SYNCHRONOUS_FULL) {
      throw new TidemarkError(
        'data-folder-unusable',
        `The data folder does not allow durable writes (journal ${String(mode)}, synchronous ${String(synchronous)}).`,
        'Choose a data folder on a local disk with --data.',
      )
    }
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

/** Opens the file for a connection that only reads. It must have been opened for writing before. */
export function openForReading(file: string): Database.Database {
  const db = new Database(file, { readonly: true, fileMustExist: true, timeout: BUSY_TIMEOUT_MS })
  db.pragma(`cache_size = -${READER_CACHE_KIB}`)
  db.pragma('query_only = ON')
  db.pragma('trusted_schema = OFF')
  return db
}
