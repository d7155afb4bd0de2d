import { existsSync } from 'node:fs'
import { workerUrl } from '../../worker-url.ts'
import type { Logger } from '../ports.ts'
import { openForReading } from './database.ts'
import { schemaVersion } from './migrate.ts'
import type { MigrationQuestion } from './migration-worker.ts'
import { SCHEMA_VERSION } from './migrations/index.ts'
import { askTheSide } from './side-process.ts'

/** How often a change of format that goes on is told, ms. */
const TOLD_EVERY_MS = 10_000

/**
 * Brings a file of an earlier format to the current one, beside the node, so that it can be stopped wherever it is:
 * a file is never between two formats. One that is new, current, or of a newer Tidemark is left to its writer.
 * @throws {TidemarkError} `aborted`, `store-damaged`, `data-folder-unusable`, `disk-full`
 */
export async function bringToFormat(file: string, logger: Logger, signal: AbortSignal): Promise<void> {
  const from = formatOf(file)
  if (from === 0 || from >= SCHEMA_VERSION) return
  const formats = { from, to: SCHEMA_VERSION }
  logger.warn(
    formats,
    'The message store is being brought to a new format; with a long history that takes minutes',
  )
  const begun = performance.now()
  const seconds = (): number => Math.round((performance.now() - begun) / 1_000)
  const telling = setInterval(
    () => logger.warn({ seconds: seconds() }, 'The message store is still being brought to the new format'),
    TOLD_EVERY_MS,
  )
  try {
    const question: MigrationQuestion = { file }
    await askTheSide(workerUrl(import.meta.url, 'migration-worker'), question, signal)
    logger.info({ ...formats, seconds: seconds() }, 'The message store has the new format')
  } finally {
    clearInterval(telling)
  }
}

/** Format of a file; 0 where there is none yet, and where it cannot be read: then its writer says why. */
function formatOf(file: string): number {
  if (!existsSync(file)) return 0
  try {
    const db = openForReading(file)
    try {
      return schemaVersion(db)
    } finally {
      db.close()
    }
  } catch {
    return 0
  }
}
