import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import Sqlite from 'better-sqlite3'
import { formatAddress } from '../../electron/node/remote-log/address.ts'
import { LOG_MODES } from '../../electron/node/remote-log/publisher/layout.ts'
import { createMemoryBackend, type MemoryBackend } from '../unit/remote-log/memory-backend.ts'
import { createTestPublisher } from '../unit/remote-log/signed-messages.ts'
import { type WalkedLog, walkLog } from '../unit/remote-log/walk-log.ts'
import type { FaultReport } from './fault-report.ts'

const DEFAULT_TIMES = 100
/** Messages that come between two kills: several pages of each mode. */
const MESSAGES_A_LIFE = 24
/** Latest moment of a kill, ms after publishing began; about what publishing so many takes. */
const MAX_DELAY_MS = 60
const CHILD = fileURLToPath(new URL('./publishing-child.ts', import.meta.url))
const COMPILE_CACHE = join(tmpdir(), 'tidemark-fault-compile-cache')

const author = createTestPublisher()
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

/**
 * Kills a publishing process with SIGKILL at random moments, over and over on the same log. After each kill the log
 * at the name has to be readable, whole up to some message, and no shorter than before; in the end all of it is
 * there, and no block that nothing leads to.
 */
export async function run(times: number = DEFAULT_TIMES): Promise<FaultReport> {
  const report: FaultReport = { tried: 0, acknowledged: 0, lost: 0, failures: 0, notes: [] }
  const folder = await mkdtemp(join(tmpdir(), 'tidemark-publish-'))
  const fail = (note: string) => {
    report.failures += 1
    report.notes.push(note)
  }
  let inMidst = 0
  try {
    for (let life = 1; life <= times; life += 1) {
      const mode = LOG_MODES[life % LOG_MODES.length] ?? 'full'
      const isDone = await live(folder, life * MESSAGES_A_LIFE, mode, Math.random() * MAX_DELAY_MS)
      report.tried += 1
      if (!isDone) inMidst += 1
      const now = look(folder, life * MESSAGES_A_LIFE, (note) => fail(`life ${life}, ${mode}: ${note}`))
      report.lost += Math.max(0, report.acknowledged - now.bodies.length)
      report.acknowledged = Math.max(report.acknowledged, now.bodies.length)
    }
    const total = times * MESSAGES_A_LIFE
    if (!(await live(folder, total, 'full', null))) fail('the last life did not come to its end')
    const { bodies, reached, blocks } = look(folder, total, fail)
    report.lost += total - bodies.length
    const orphans = [...blocks.keys()].filter((address) => !reached.has(address))
    if (orphans.length > 0) fail(`${orphans.length} blocks are there that nothing leads to`)
    report.notes.push(`${inMidst} of ${report.tried} were killed in the midst of publishing`)
    if (inMidst === 0) fail('no kill came while something was being published')
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
  return report
}

/** One life of a publisher. @param killAfterMs null: it ends by itself. @returns whether it came to its end */
async function live(
  folder: string,
  count: number,
  mode: string,
  killAfterMs: number | null,
): Promise<boolean> {
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', CHILD, folder, String(count), mode],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, NODE_COMPILE_CACHE: COMPILE_CACHE },
    },
  )
  const exited = once(child, 'exit')
  let isDone = false
  createInterface({ input: child.stdout }).on('line', (line) => {
    isDone ||= line === `done ${count}`
    if (line === 'begin' && killAfterMs !== null) setTimeout(() => child.kill('SIGKILL'), killAfterMs)
  })
  await exited
  return isDone
}

/** Reads the log from the files alone, with nothing but the wire formats. */
function look(
  folder: string,
  count: number,
  fail: (note: string) => void,
): Pick<WalkedLog, 'bodies' | 'reached'> & Pick<MemoryBackend, 'blocks'> {
  const backend = createMemoryBackend()
  for (const { address, content } of rows(folder, 'content', 'SELECT address, content FROM block'))
    backend.blocks.set(formatAddress(address), content)
  for (const { name, content } of rows(folder, 'names', 'SELECT name, content FROM name'))
    backend.heads.set(String(name), content)
  try {
    const { bodies, reached } = walkLog(backend, 'log')
    const isPrefix = bodies.every((body, at) => body === hex(author.sign(at).raw))
    if (!isPrefix || bodies.length > count) fail('the log is not whole up to some message')
    return { bodies, reached, blocks: backend.blocks }
  } catch (error) {
    fail(`the log cannot be read: ${error instanceof Error ? error.message : error}`)
    return { bodies: [], reached: new Set(), blocks: backend.blocks }
  }
}

interface Row {
  address: Uint8Array
  name: string
  content: Uint8Array
}

function rows(folder: string, file: string, sql: string): Row[] {
  const database = new Sqlite(join(folder, `${file}.sqlite`), { readonly: true })
  try {
    return database.prepare<[], Row>(sql).all()
  } finally {
    database.close()
  }
}
