import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { chmod, open } from 'node:fs/promises'
import { join } from 'node:path'
import { TidemarkError } from '../../shared/errors.ts'
import type { MetricsAccessView } from '../../shared/node-status.ts'
import { writeFileAtomically } from '../files/atomic-file.ts'
import type { ConfigurationFile } from './configuration.ts'
import { METRICS_TOKEN_FILE } from './data-files.ts'

/** 256 bits: nobody finds one by trying. */
const TOKEN_BYTES = 32
const TOKEN = /^[A-Za-z0-9_-]{43}$/
/** A token and a line break; a longer file is not ours. */
const MAX_FILE_BYTES = 64
const OWNER_ONLY = 0o600

/** Who may read `/metrics`: whoever has the token, which stays the same over restarts, or all of this machine. */
export interface MetricsAccess {
  /** Whether no credential is asked for. */
  isOpen(): boolean
  /** @param authorization the header as it came */
  admits(authorization: string | undefined): boolean
  view(): MetricsAccessView
  setOpen(isOpen: boolean): Promise<MetricsAccessView>
  /** Replaces the token; the one before opens nothing any more. */
  rotate(): Promise<MetricsAccessView>
}

/**
 * Reads the token of a data folder, or makes one. The file holds the token alone, for its owner alone, so that a
 * scraper on this machine can be pointed to it.
 * @throws TidemarkError `data-folder-unusable` when the file is there and cannot be read
 */
export async function openMetricsAccess(
  dataDir: string,
  configuration: ConfigurationFile,
): Promise<MetricsAccess> {
  const file = join(dataDir, METRICS_TOKEN_FILE)
  let token = (await readToken(file)) ?? (await makeToken(file))
  const view = (): MetricsAccessView => ({ isOpen: configuration.current.metrics.open, token, file })
  return {
    isOpen: () => configuration.current.metrics.open,
    admits: (authorization) =>
      authorization?.startsWith('Bearer ') === true &&
      timingSafeEqual(digest(authorization.slice('Bearer '.length)), digest(token)),
    view,
    async setOpen(isOpen) {
      await configuration.update((now) => ({ ...now, metrics: { ...now.metrics, open: isOpen } }))
      return view()
    },
    async rotate() {
      token = await makeToken(file)
      return view()
    },
  }
}

const digest = (secret: string): Buffer => createHash('sha256').update(secret).digest()

/** Undefined where there is no file, or something else than a token in it, which is then replaced. */
async function readToken(file: string): Promise<string | undefined> {
  try {
    const handle = await open(file, 'r')
    try {
      const { bytesRead, buffer } = await handle.read(Buffer.alloc(MAX_FILE_BYTES), 0, MAX_FILE_BYTES, 0)
      const text = buffer.toString('utf8', 0, bytesRead).trim()
      if (!TOKEN.test(text)) return undefined
      // Copied or restored with a wider mode, it is closed again.
      await chmod(file, OWNER_ONLY)
      return text
    } finally {
      await handle.close()
    }
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new TidemarkError(
      'data-folder-unusable',
      `The token of the metrics, ${file}, cannot be read.`,
      'Make it readable for the user Tidemark runs as, or remove it: a new one is made.',
      { cause },
    )
  }
}

async function makeToken(file: string): Promise<string> {
  const token = randomBytes(TOKEN_BYTES).toString('base64url')
  await writeFileAtomically(file, `${token}\n`)
  return token
}
