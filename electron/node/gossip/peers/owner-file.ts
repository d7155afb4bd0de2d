import { chmod, open, readFile, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'

const OWNER_ONLY = 0o600

/** The content of a file that only its owner may read, or `undefined` when there is none. */
export async function readOwnerFile(path: string): Promise<Buffer | undefined> {
  try {
    const content = await readFile(path)
    // A copy or a backup may have widened the rights.
    await chmod(path, OWNER_ONLY)
    return content
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** Replaces a file whole: after a crash at any moment either the old or the new content is there. */
export async function writeOwnerFile(path: string, content: Uint8Array | string): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`
  try {
    const file = await open(temporary, 'w', OWNER_ONLY)
    try {
      await file.writeFile(content)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
  await flushDirectory(dirname(path))
}

/** The rename itself is durable once the directory is; Windows has no such call and needs none. */
async function flushDirectory(path: string): Promise<void> {
  if (process.platform === 'win32') return
  const directory = await open(path, 'r')
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}
