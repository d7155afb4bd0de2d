import { readFile, stat } from 'node:fs/promises'
import type { z } from 'zod'
import { TidemarkError } from '../../shared/errors.ts'
import { writeFileAtomically } from '../files/atomic-file.ts'

/** Far more than thousands of entries take; a larger file is not ours. */
const MAX_FILE_BYTES = 4 * 1024 * 1024

/** A small JSON file of settings, checked when it is read and before it is written. */
export interface SettingsFile<T> {
  readonly current: T
  /** Whether there is a file yet, or the defaults stand in for it. */
  readonly exists: boolean
  /** Replaces the settings; they are on disk when this resolves. Calls are carried out one after the other. */
  update(change: (current: T) => T): Promise<void>
}

async function readSettings<T>(path: string, schema: z.ZodType<T>): Promise<T | undefined> {
  const info = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null
    throw error
  })
  if (info === null) return undefined
  const remedy = `Mend ${path}, or move it away to start with the defaults; stored messages are not touched by that.`
  if (info.size > MAX_FILE_BYTES) {
    throw new TidemarkError(
      'config-invalid',
      `The configuration file is larger than ${MAX_FILE_BYTES} bytes.`,
      remedy,
    )
  }
  let parsed: unknown
  try {
    parsed = JSON.parse(await readFile(path, 'utf8'))
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : 'unreadable'
    throw new TidemarkError('config-invalid', `The configuration file is not valid JSON: ${why}.`, remedy, {
      cause,
    })
  }
  const result = schema.safeParse(parsed)
  if (!result.success) {
    const issue = result.error.issues[0]
    const where = issue?.path.join('.') || 'the whole file'
    throw new TidemarkError(
      'config-invalid',
      `The configuration file is wrong at ${where}: ${issue?.message}.`,
      remedy,
    )
  }
  return result.data
}

/**
 * Reads a file of settings, or begins with what the schema makes of `initial`.
 * @throws TidemarkError `config-invalid` when the file is broken; it is never overwritten in that case.
 */
export async function openSettingsFile<T>(
  path: string,
  schema: z.ZodType<T>,
  initial: unknown,
): Promise<SettingsFile<T>> {
  const read = await readSettings(path, schema)
  let current = read ?? schema.parse(initial)
  let exists = read !== undefined
  let queue: Promise<void> = Promise.resolve()
  return {
    get current() {
      return current
    },
    get exists() {
      return exists
    },
    update(change) {
      const next = queue.then(async () => {
        const changed = schema.parse(change(current))
        await writeFileAtomically(path, `${JSON.stringify(changed, null, 2)}\n`)
        current = changed
        exists = true
      })
      queue = next.catch(() => undefined)
      return next
    },
  }
}
