import { open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import type Database from 'better-sqlite3'
import { abortedError } from '../aborted.ts'

/** Pages copied between two turns of the writer: a few milliseconds. */
const PAGES_AT_ONCE = 512

export interface BackupProgress {
  copiedPages: number
  totalPages: number
}

/**
 * Copies the store while it is being written. The copy is made by the connection that writes, so that what is
 * written meanwhile goes into it too and it never has to begin again. It gets its name when it is whole.
 * @param isAborted asked between steps
 */
export async function backUp(
  db: Database.Database,
  file: string,
  onProgress: (progress: BackupProgress) => void,
  isAborted: () => boolean,
): Promise<void> {
  const unfinished = `${file}.unfinished`
  await rm(unfinished, { force: true })
  try {
    await db.backup(unfinished, {
      progress: ({ totalPages, remainingPages }) => {
        if (isAborted()) throw abortedError()
        onProgress({ copiedPages: totalPages - remainingPages, totalPages })
        return PAGES_AT_ONCE
      },
    })
    await sync(unfinished)
    await rename(unfinished, file)
    // Windows has no handle of a folder to sync; there the rename is durable by itself.
    if (process.platform !== 'win32') await sync(dirname(file))
  } finally {
    await rm(unfinished, { force: true })
  }
}

/** Waits until a file or a folder is on disk. */
export async function sync(path: string): Promise<void> {
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
