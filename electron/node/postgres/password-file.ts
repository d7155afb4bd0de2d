import { constants } from 'node:fs'
import { type FileHandle, open, rm } from 'node:fs/promises'
import { z } from 'zod'
import { databasePasswordInput } from '../../../shared/database.ts'
import { TidemarkError } from '../../../shared/errors.ts'
import { writeFileAtomically } from '../../files/atomic-file.ts'

/** Seals what must not lie open on disk; the system's key store in the desktop, nothing but the file's mode elsewhere. */
export interface SecretBox {
  seal(secret: Uint8Array): Promise<Uint8Array>
  open(sealed: Uint8Array): Promise<Uint8Array>
}

const schema = z.strictObject({ version: z.literal(1), password: z.base64().max(16_384) })
const MAX_FILE_BYTES = 32_768
const OTHERS = 0o077
/** POSIX modes mean nothing on Windows, where the user's profile folder is closed to others by its own list. */
const hasFileModes = process.platform !== 'win32'

/** The password of a database, in a file of its own: what shows or copies settings never meets it. */
export interface PasswordFile {
  /** @throws {TidemarkError} `key-exposed` when others may read it, `key-damaged`, `key-sealed-elsewhere` */
  read(): Promise<string | null>
  /** On disk, whole, when this resolves; null takes it away. */
  write(password: string | null): Promise<void>
}

export function passwordFile(path: string, box: SecretBox): PasswordFile {
  return {
    async read() {
      const text = await readOwnFile(path)
      if (text === null) return null
      const sealed = sealedIn(text, path)
      const bytes = await box.open(sealed).catch((cause: unknown) => {
        throw new TidemarkError(
          'key-sealed-elsewhere',
          `The password of the database in ${path} was sealed by the system’s key store, which cannot be reached from here.`,
          'Start Tidemark where it was set, or set the password again.',
          { cause },
        )
      })
      const parsed = databasePasswordInput.safeParse(Buffer.from(bytes).toString('utf8'))
      bytes.fill(0)
      if (!parsed.success) throw damaged(path)
      return parsed.data
    },
    async write(password) {
      if (password === null) {
        await rm(path, { force: true })
        return
      }
      const sealed = await box.seal(Buffer.from(databasePasswordInput.parse(password), 'utf8'))
      const text = JSON.stringify({ version: 1, password: Buffer.from(sealed).toString('base64') })
      await writeFileAtomically(path, `${text}\n`)
    },
  }
}

async function readOwnFile(path: string): Promise<string | null> {
  const flags = constants.O_RDONLY | (hasFileModes ? constants.O_NOFOLLOW : 0)
  const file = await open(path, flags).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null
    throw damaged(path, error)
  })
  if (file === null) return null
  try {
    await assertReadableByOwnerAlone(file, path)
    const buffer = Buffer.alloc(MAX_FILE_BYTES)
    const { bytesRead } = await file.read(buffer, 0, buffer.length, 0)
    if (bytesRead === buffer.length) throw damaged(path)
    return buffer.toString('utf8', 0, bytesRead)
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
    `The password of the database in ${path} can be read by other users of this machine, or belongs to one.`,
    `If nobody else has read it, make it yours alone: chmod 600 ${path}. Otherwise change the password.`,
  )
}

function sealedIn(text: string, path: string): Uint8Array {
  try {
    return Buffer.from(schema.parse(JSON.parse(text)).password, 'base64')
  } catch {
    // The parser's message quotes the text, which holds the secret: it goes no further.
    throw damaged(path)
  }
}

function damaged(path: string, cause?: Error): TidemarkError {
  return new TidemarkError(
    'key-damaged',
    `The file with the password of the database, ${path}, cannot be read as one. It was left as it is.`,
    'Set the password again in the settings, or with TIDEMARK_DATABASE_PASSWORD.',
    cause === undefined ? undefined : { cause },
  )
}
