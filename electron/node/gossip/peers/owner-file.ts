import { chmod, readFile } from 'node:fs/promises'

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
