import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { TidemarkError } from '../../shared/errors.ts'

/** More nodes of one user on one machine than anybody runs; older entries are not read. */
const MAX_ENTRIES = 256

const runningNodeSchema = z.object({
  pid: z.int().positive(),
  url: z.url(),
  bearer: z.string().min(16).max(256),
  dataDir: z.string().max(4_096),
  startedAt: z.number(),
})

/** How the command line finds a node of the same user and may talk to it. */
export type RunningNode = z.infer<typeof runningNodeSchema>

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** Leaves word of a running node, readable by its user alone; the answer takes it back. */
export async function announceRunningNode(folder: string, node: RunningNode): Promise<() => Promise<void>> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const path = join(folder, `${node.pid}.json`)
  await rm(path, { force: true })
  await writeFile(path, JSON.stringify(node), { mode: 0o600 })
  return () => rm(path, { force: true })
}

async function readEntry(folder: string, name: string): Promise<RunningNode | null> {
  try {
    const parsed = runningNodeSchema.safeParse(JSON.parse(await readFile(join(folder, name), 'utf8')))
    return parsed.success && isAlive(parsed.data.pid) ? parsed.data : null
  } catch {
    // Half-written by a node that starts right now, or of a user we may not read: not ours to use.
    return null
  }
}

/**
 * The node to talk to: the one on `dataDir`, else the one started last.
 * @throws TidemarkError `not-running`
 */
export async function findRunningNode(folder: string, dataDir?: string): Promise<RunningNode> {
  const names = await readdir(folder).catch(() => [])
  const entries = await Promise.all(names.slice(0, MAX_ENTRIES).map((name) => readEntry(folder, name)))
  const running = entries
    .filter(
      (entry): entry is RunningNode => entry !== null && (dataDir === undefined || entry.dataDir === dataDir),
    )
    .sort((a, b) => b.startedAt - a.startedAt)
  if (running[0]) return running[0]
  throw new TidemarkError(
    'not-running',
    dataDir === undefined ? 'No Tidemark is running here.' : `No Tidemark is running on ${dataDir}.`,
    'Start one with "npm start", then try again.',
  )
}
