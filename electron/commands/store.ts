import { access } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Writable } from 'node:stream'
import { formatSize } from '../../shared/format/quantity.ts'
import type { ApiClient } from '../api/client.ts'
import { BACKUP_FOLDER, DATABASE_FILE } from '../node/data-files.ts'
import { chosenFolder } from '../node/environment-choice.ts'
import { restoreBackup } from '../node/store/care/restore.ts'
import { lockDataFolder } from '../node/store/data-folder-lock.ts'
import { followWork } from './follow-work.ts'

/** What each stream part takes, largest first, and whether the file is whole. */
export async function showUsage({ api }: ApiClient, output: Writable): Promise<void> {
  const [usage, health] = await Promise.all([api.store.usage.query(), api.store.integrity.query()])
  output.write(`file ${formatSize(usage.fileBytes)}, of which free ${formatSize(usage.freeBytes)}\n`)
  output.write(`integrity: ${health.integrity}${health.problem ? ` (${health.problem.message})` : ''}\n`)
  for (const damage of health.damages) {
    const stretch = `${new Date(damage.from).toISOString()} to ${new Date(damage.to).toISOString()}`
    output.write(`damaged: ${damage.part}, ${stretch}; kept in ${damage.setAside}\n`)
  }
  for (const part of usage.parts.toSorted((a, b) => b.estimatedBytes - a.estimatedBytes)) {
    output.write(`${formatSize(part.estimatedBytes).padStart(10)}  ${part.messages} messages  ${part.part}\n`)
  }
}

export async function rebuild(
  { api }: ApiClient,
  part: string | undefined,
  progress: Writable,
  signal: AbortSignal,
): Promise<void> {
  const show = (report: { part: string; stage: string; messagesRead: number }) => {
    progress.write(`${report.part}: ${report.stage}, ${report.messagesRead} messages read\n`)
  }
  await followWork(api.store.rebuild, { ...(part === undefined ? {} : { part }) }, show, signal)
}

export async function backUp(
  { api }: ApiClient,
  name: string,
  progress: Writable,
  signal: AbortSignal,
): Promise<void> {
  const show = (report: { copiedPages: number; totalPages: number }) => {
    progress.write(`${report.copiedPages} of ${report.totalPages} pages copied\n`)
  }
  await followWork(api.store.backup, { name }, show, signal)
}

/**
 * Puts a backup in the place of the store of a node that does not run. What was there is kept beside it.
 * @throws TidemarkError `data-folder-in-use`, `store-damaged`
 */
export async function restore(
  backup: string,
  dataDir: string,
  output: Writable,
  signal: AbortSignal,
): Promise<void> {
  const folder = await chosenFolder(dataDir)
  const inFolder = join(folder, BACKUP_FOLDER, backup)
  const path = await access(inFolder).then(
    () => inFolder,
    () => resolve(backup),
  )
  const lock = lockDataFolder(dataDir)
  try {
    const kept = await restoreBackup({
      backup: path,
      file: join(folder, DATABASE_FILE),
      now: Date.now(),
      signal,
    })
    output.write(kept === null ? 'restored\n' : `restored; the store before is kept as ${kept}\n`)
  } finally {
    lock.release()
  }
}
