import { execFile, execFileSync } from 'node:child_process'
import { mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { PostgresCluster } from '../support/postgres-cluster.ts'

const run = promisify(execFile)
const CHUNK_BYTES = 65_536

/** A small disk that a database server keeps its tables on. */
export interface SmallDisk {
  path: string
  unmount(): Promise<void>
}

/**
 * Mounts a disk of 64 MB and has the server keep new tables there; its log stays where it was, as the log of a server
 * that is well set up does. Null where nobody may mount.
 */
export async function mountSmallDisk(cluster: PostgresCluster): Promise<SmallDisk | null> {
  const path = await mkdtemp(join(tmpdir(), 'tidemark-small-disk-'))
  try {
    const id = (flag: string): string => execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }).trim()
    const options = `size=64m,mode=700,uid=${id('-u')},gid=${id('-g')}`
    await run('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', path])
  } catch {
    await rm(path, { recursive: true })
    return null
  }
  await cluster.admin(async (client) => {
    await client.query(`CREATE TABLESPACE small LOCATION '${path}'`)
    await client.query('ALTER ROLE tidemark SET default_tablespace = small')
  })
  return {
    path,
    unmount: async () => {
      await run('umount', [path])
      await rm(path, { recursive: true })
    },
  }
}

/** Writes a file until the disk takes no more. */
export async function fillToTheBrim(path: string): Promise<void> {
  const file = await open(path, 'w')
  try {
    for (;;) await file.write(Buffer.alloc(CHUNK_BYTES))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
  } finally {
    await file.close()
  }
}
