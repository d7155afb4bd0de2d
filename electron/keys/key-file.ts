import { randomUUID } from 'node:crypto'
import { constants } from 'node:fs'
import { copyFile, type FileHandle, link, mkdir, open, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { z } from 'zod'
import { TidemarkError } from '../../shared/errors.ts'

/** The file takes a few hundred bytes; a longer one is not ours and is not read. */
const MAX_FILE_BYTES = 64 * 1024
const OWNER_ONLY = 0o600
const OTHERS = 0o077
/** What file systems without hard links (exFAT, some network mounts) answer. */
const WITHOUT_LINKS = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'])

const schema = z.strictObject({
  version: z.literal(1),
  protection: z.enum(['file-mode', 'system-key-store']),
  /** Told without opening the key, and a check that what was opened is what was sealed. */
  address: z.string().regex(/^0x[0-9a-f]{40}$/),
  /** The sealed key, base64. */
  key: z.base64(),
})

export type KeyFile = z.infer<typeof schema>

/** POSIX modes mean nothing on Windows, where the user's profile folder is closed to others by its own list. */
const hasFileModes = process.platform !== 'win32'

/**
 * Reads the key file, or answers `null` when there is none. Never changes it.
 * @throws TidemarkError `key-exposed` when others can read it, `key-damaged` when it is not a key file.
 */
export async function readKeyFile(path: string): Promise<KeyFile | null> {
  const flags = constants.O_RDONLY | (hasFileModes ? constants.O_NOFOLLOW : 0)
  const file = await open(path, flags).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null
    throw damaged(path, error)
  })
  if (file === null) return null
  try {
    const content = parse(await readBounded(file, path), path)
    if (content.protection === 'file-mode') await assertReadableByOwnerAlone(file, path)
    return content
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EISDIR') throw damaged(path, error as Error)
    throw error
  } finally {
    await file.close()
  }
}

/** On the open file, so that what was checked is what was read. */
async function assertReadableByOwnerAlone(file: FileHandle, path: string): Promise<void> {
  if (!hasFileModes) return
  const info = await file.stat()
  if (info.isFile() && (info.mode & OTHERS) === 0 && info.uid === process.getuid?.()) return
  throw new TidemarkError(
    'key-exposed',
    `The node’s private key in ${path} can be read by other users of this machine, or belongs to one.`,
    `If nobody else has read it, make it yours alone: chmod 600 ${path}. If somebody may have, move it away; the node then makes a new key and gets a new address. On a file system without file modes no key is safe: give another data folder with --data DIR.`,
  )
}

async function readBounded(file: FileHandle, path: string): Promise<string> {
  const buffer = Buffer.alloc(MAX_FILE_BYTES + 1)
  let length = 0
  while (length < buffer.length) {
    const { bytesRead } = await file.read(buffer, length, buffer.length - length, null)
    if (bytesRead === 0) return buffer.toString('utf8', 0, length)
    length += bytesRead
  }
  throw damaged(path)
}

function parse(text: string, path: string): KeyFile {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    // The parser's message quotes the text, which may hold the key: it goes no further.
    throw damaged(path)
  }
  const parsed = schema.safeParse(value)
  if (!parsed.success) throw damaged(path)
  return parsed.data
}

export function damaged(path: string, cause?: Error): TidemarkError {
  return new TidemarkError(
    'key-damaged',
    `The file with the node’s private key, ${path}, cannot be read as one. It was left as it is.`,
    'Put it back from a backup. Or move it away: the node then makes a new key and gets a new address; stored messages are not touched by that.',
    cause === undefined ? undefined : { cause },
  )
}

/**
 * Writes a new key file: whole and on disk when this resolves, readable by its owner alone from its first byte.
 * Never replaces one: rejects with `EEXIST` when another process was quicker.
 */
export async function createKeyFile(path: string, content: KeyFile): Promise<void> {
  const folder = dirname(path)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const temporary = `${path}.${randomUUID()}.new`
  try {
    const file = await open(temporary, 'wx', OWNER_ONLY)
    try {
      await file.writeFile(`${JSON.stringify(content, null, 2)}\n`)
      await file.sync()
      if (content.protection === 'file-mode') await assertReadableByOwnerAlone(file, path)
    } finally {
      await file.close()
    }
    // Unlike a rename, these fail where the name is taken.
    await link(temporary, path).catch((error: NodeJS.ErrnoException) => {
      if (!WITHOUT_LINKS.has(error.code ?? '')) throw error
      return copyFile(temporary, path, constants.COPYFILE_EXCL)
    })
  } finally {
    await rm(temporary, { force: true })
  }
  await syncFolder(folder)
}

/** The file's name is on disk only when its folder is. Windows has no such call and needs none. */
async function syncFolder(folder: string): Promise<void> {
  if (!hasFileModes) return
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
