import { readFileSync, statSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { z } from 'zod'
import { writeFileAtomically } from '../files/atomic-file.ts'
import type { Logger } from '../node/ports.ts'

/** Preferences of the window take a few hundred bytes. */
const MAX_FILE_BYTES = 64 * 1024

/** A small file of preferences: nothing is lost with it that matters, so a broken one is replaced by its defaults. */
export interface JsonFile<T> {
  readonly current: T
  /** Takes effect at once; is written soon after. Of several changes only the newest is written. */
  update(change: Partial<T>): void
  /** Resolves when everything is written that was changed before. */
  flush(): Promise<void>
}

export interface JsonFileOptions<T extends object> {
  path: string
  schema: z.ZodType<T>
  fallback: T
  logger: Logger
}

/** Reads at once: preferences are needed before there is a window that could wait. */
export function openJsonFile<T extends object>(options: JsonFileOptions<T>): JsonFile<T> {
  const { path, fallback, logger } = options
  let current = readOrNull(options)
  let written: Promise<void> = Promise.resolve()
  let isWaiting = false
  return {
    get current() {
      return current ?? fallback
    },
    update(change) {
      current = { ...(current ?? fallback), ...change }
      if (isWaiting) return
      isWaiting = true
      written = written.then(async () => {
        isWaiting = false
        await mkdir(dirname(path), { recursive: true })
          .then(() => writeFileAtomically(path, `${JSON.stringify(current)}\n`))
          .catch((error: unknown) => {
            logger.warn({ path, error }, 'a file of preferences could not be written')
          })
      })
    },
    flush: () => written,
  }
}

function readOrNull<T extends object>({ path, schema, logger }: JsonFileOptions<T>): T | null {
  try {
    const info = statSync(path, { throwIfNoEntry: false })
    if (info === undefined) return null
    if (info.size > MAX_FILE_BYTES) throw new RangeError('The file is too long.')
    return schema.parse(JSON.parse(readFileSync(path, 'utf8')))
  } catch (error) {
    logger.warn({ path, error }, 'a file of preferences could not be read; the defaults are used')
    return null
  }
}
