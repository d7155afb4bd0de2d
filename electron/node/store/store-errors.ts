import Database from 'better-sqlite3'
import { type ErrorCode, TidemarkError } from '../../../shared/errors.ts'
import { isPassing, toDatabaseError } from '../postgres/database-errors.ts'
import { PostgresError } from '../postgres/postgres-error.ts'

/** Whether the database refused for want of room, or could not be reached: trying again later may help. */
export function isDiskTrouble(error: unknown): boolean {
  if (error instanceof PostgresError) return isPassing(error)
  if (error instanceof TidemarkError) return error.code === 'disk-full'
  return error instanceof Database.SqliteError && /^SQLITE_(FULL|IOERR)/.test(error.code)
}

/** Errors of SQLite in the words of a user; others stay as they are. */
export function toStoreError(error: unknown): unknown {
  if (error instanceof PostgresError) return toDatabaseError(error)
  if (!(error instanceof Database.SqliteError)) return error
  const say = (code: ErrorCode, sentence: string, remedy: string): TidemarkError =>
    new TidemarkError(code, sentence, remedy, { cause: error })
  if (error.code === 'SQLITE_FULL') {
    return say(
      'disk-full',
      'The disk of the data folder is full: new messages cannot be stored.',
      'Make room on it; what is stored can still be read, and storing goes on by itself.',
    )
  }
  if (error.code.startsWith('SQLITE_IOERR')) {
    return say(
      'data-folder-unusable',
      `The disk of the data folder reports an error (${error.code}): new messages cannot be stored.`,
      'Check the disk; storing is tried again by itself.',
    )
  }
  if (/^SQLITE_(CORRUPT|NOTADB)/.test(error.code)) {
    return say(
      'store-damaged',
      'A part of the message store is damaged and cannot be read.',
      'Run the integrity check: it sets the damaged parts aside and names them.',
    )
  }
  if (/^SQLITE_(READONLY|CANTOPEN|PERM|AUTH)/.test(error.code)) {
    return say(
      'data-folder-unusable',
      `The message store cannot be opened for writing (${error.code}).`,
      'Check the rights of the data folder, or choose another with --data.',
    )
  }
  return error
}
