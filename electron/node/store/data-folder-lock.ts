import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { z } from 'zod'
import { TidemarkError } from '../../../shared/errors.ts'

const LOCK_FILE = 'lock.sqlite'
const OWNER_FILE = 'lock-owner.json'

const ownerSchema = z.object({ pid: z.number().int().positive() })

/** A data folder that belongs to this process until it is released or the process ends, however it ends. */
export interface DataFolderLock {
  release(): void
}

/**
 * Takes the data folder for this process. The lock is one of the operating system on an empty database file, held
 * by an open exclusive transaction: it ends with the process, even with SIGKILL, so that it is never stale. Who
 * holds it stands in a file beside it, for the message alone.
 * @throws {TidemarkError} `data-folder-in-use` when another process (or this one) holds it; `data-folder-unusable`
 */
export function lockDataFolder(dataDir: string): DataFolderLock {
  const ownerFile = join(dataDir, OWNER_FILE)
  const db = openLock(dataDir)
  try {
    db.pragma('locking_mode = EXCLUSIVE')
    db.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    db.close()
    if (!(error instanceof Database.SqliteError) || !/^SQLITE_(BUSY|LOCKED)/.test(error.code)) {
      throw unusable(dataDir, error)
    }
    const pid = readOwner(ownerFile)
    throw new TidemarkError(
      'data-folder-in-use',
      `The data folder ${dataDir} is in use by another Tidemark${pid === null ? '' : ` (process ${pid})`}.`,
      'Use that one, stop it first, or choose another folder with --data.',
      { cause: error },
    )
  }
  writeFileSync(ownerFile, `${JSON.stringify({ pid: process.pid })}\n`, { mode: 0o600 })
  return {
    release: () => {
      if (db.open) db.close()
    },
  }
}

function openLock(dataDir: string): Database.Database {
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 })
    // Another process holds the lock for as long as it runs: there is nothing to wait for.
    return new Database(join(dataDir, LOCK_FILE), { timeout: 0 })
  } catch (error) {
    throw unusable(dataDir, error)
  }
}

function unusable(dataDir: string, error: unknown): TidemarkError {
  const why = error instanceof Error ? error.message : String(error)
  return new TidemarkError(
    'data-folder-unusable',
    `The data folder ${dataDir} cannot be used: ${why}.`,
    'Check its rights and its disk, or choose another with --data.',
    { cause: error },
  )
}

function readOwner(file: string): number | null {
  try {
    return ownerSchema.parse(JSON.parse(readFileSync(file, 'utf8'))).pid
  } catch (error) {
    // The owner has not written it yet, or it was cut: then the sentence does without the number.
    if (error instanceof Error) return null
    throw error
  }
}
