import { type ChildProcess, spawn } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** A stretch of numbered messages that was acknowledged. */
export interface Acknowledged {
  first: number
  count: number
}

export interface ChildReport {
  acknowledged: Acknowledged[]
  /** All other lines, in order. */
  said: string[]
  exitCode: number | null
}

export interface ChildOptions {
  file: string
  first: number
  batches: number
  size: number
  /** Program and arguments to run Node under. */
  under?: string[]
  nodeFlags?: string[]
  onLine?: (line: string, child: ChildProcess) => void
}

const COMPILE_CACHE = join(tmpdir(), 'tidemark-fault-compile-cache')
const CHILD = fileURLToPath(new URL('./ingest-child.ts', import.meta.url))

/** Runs the ingesting child until it ends, by itself or by a signal. */
export async function runChild(options: ChildOptions): Promise<ChildReport> {
  const { file, first, batches, size, under = [], nodeFlags = [] } = options
  const command = [...under, process.execPath, ...nodeFlags, CHILD, file, first, batches, size].map(String)
  const child = spawn(command[0] as string, command.slice(1), {
    stdio: ['ignore', 'pipe', 'ignore'],
    // Hundreds of children run the same modules.
    env: { ...process.env, NODE_COMPILE_CACHE: COMPILE_CACHE },
  })
  const report: ChildReport = { acknowledged: [], said: [], exitCode: null }
  const lines = createInterface({ input: child.stdout })
  lines.on('line', (line) => {
    const [word, number, count] = line.split(' ')
    if (word === 'ack') report.acknowledged.push({ first: Number(number), count: Number(count) })
    else report.said.push(line)
    options.onLine?.(line, child)
  })
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve))
  const read = new Promise<void>((resolve) => lines.once('close', resolve))
  report.exitCode = await exited
  await read
  return report
}
