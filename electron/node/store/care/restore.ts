import { existsSync } from 'node:fs'
import { copyFile, rename, rm } from 'node:fs/promises'
import Database from 'better-sqlite3'
import { TidemarkError } from '../../../../shared/errors.ts'
import { migrate } from '../migrate.ts'
import { toStoreError } from '../store-errors.ts'
import { sync } from './backup.ts'
import { checkInBackground } from './integrity-check.ts'

export interface RestoreOptions {
  /** The backup. It is read, never changed. */
  backup: string
  /** Where the store is to be; it must not be open. */
  file: string
  /** Now, ms since the epoch: for the name of what is replaced. */
  now: number
  signal: AbortSignal
}

/**
 * Puts a backup in the place of the store, after checking that it is whole and of a format this code reads. A store
 * that is there already is set aside beside it, never overwritten.
 * @returns the file that was set aside, or null
 * @throws {TidemarkError} `store-damaged`, `store-newer-than-code`, `invalid-input` when there is no such backup
 */
export async function restoreBackup({ backup, file, now, signal }: RestoreOptions): Promise<string | null> {
  if (!existsSync(backup)) {
    throw new TidemarkError('invalid-input', `There is no backup at ${backup}.`, 'Name the file of a backup.')
  }
  const restoring = `${file}.restoring`
  const endings = ['', '-wal', '-shm']
  try {
    for (const ending of endings) await rm(restoring + ending, { force: true })
    await copyFile(backup, restoring)
    bringToCurrentFormat(restoring)
    const problems = await checkInBackground(restoring, signal)
    if (problems.length > 0) {
      throw new TidemarkError(
        'store-damaged',
        `The backup is damaged: ${problems[0]}.`,
        'Choose another backup.',
      )
    }
    await sync(restoring)
    const setAside = existsSync(file)
      ? `${file}.replaced-${new Date(now).toISOString().replaceAll(':', '-')}`
      : null
    if (setAside !== null) {
      for (const ending of endings) {
        if (existsSync(file + ending)) await rename(file + ending, setAside + ending)
      }
    }
    await rename(restoring, file)
    return setAside
  } finally {
    for (const ending of endings) await rm(restoring + ending, { force: true })
  }
}

/** Also tells whether it is a store at all. Leaves no log behind, so that the file can be renamed. */
function bringToCurrentFormat(file: string): void {
  try {
    const db = new Database(file)
    try {
      migrate(db)
      db.pragma('journal_mode = DELETE')
    } finally {
      db.close()
    }
  } catch (error) {
    throw toStoreError(error)
  }
}
