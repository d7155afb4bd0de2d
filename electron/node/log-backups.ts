import { mkdir, readdir, stat } from 'node:fs/promises'
import { isAbsolute, join } from 'node:path'
import { BACKUP_FOLDER } from './data-files.ts'

const SUFFIX = '.car'
/** Files handed out in a list, the newest first. */
const MAX_LISTED = 200

export interface LogBackup {
  file: string
  sizeBytes: number
  /** ms since the epoch. */
  madeAt: number
}

/** CAR files of logs in the data folder's `backups`. */
export interface LogBackups {
  list(): Promise<LogBackup[]>
  /** Where a backup with this plain name goes; the folder is there then. */
  pathFor(name: string): Promise<string>
  /** A file in `backups`, or the path itself when it begins at the root. */
  find(file: string): string
}

export function createLogBackups(dataDir: string): LogBackups {
  const folder = join(dataDir, BACKUP_FOLDER)
  return {
    async list() {
      const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return []
        throw error
      })
      const files = await Promise.all(
        names
          .filter((name) => name.endsWith(SUFFIX))
          .map(async (file) => {
            const { size, mtimeMs } = await stat(join(folder, file))
            return { file, sizeBytes: size, madeAt: Math.round(mtimeMs) }
          }),
      )
      return files.sort((a, b) => b.madeAt - a.madeAt).slice(0, MAX_LISTED)
    },
    async pathFor(name) {
      await mkdir(folder, { recursive: true, mode: 0o700 })
      return join(folder, name.endsWith(SUFFIX) ? name : `${name}${SUFFIX}`)
    },
    find: (file) => (isAbsolute(file) ? file : join(folder, file)),
  }
}
