import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { ReadyLine } from '../../shared/node-status.ts'

const HEADLESS = fileURLToPath(new URL('../../dist/electron/headless.js', import.meta.url))
/** The local network is created on the first start: a chain, its contracts, an entry point. */
const START_DEADLINE_MS = 90_000
const STOP_DEADLINE_MS = 10_000

export interface HostProcess {
  ready: ReadyLine
  stop(): Promise<void>
}

/** Starts the built headless host on a data folder and reads its first line. */
export async function startHost(dataDir: string): Promise<HostProcess> {
  if (!existsSync(HEADLESS)) throw new Error('The product is not built; `npm test` builds it first.')
  const args = ['--enable-source-maps', HEADLESS, '--headless', '--json', '--port', '0', '--data', dataDir]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  try {
    return { ready: await firstLine(child), stop: () => stop(child) }
  } catch (error) {
    await stop(child)
    throw error
  }
}

async function firstLine(child: ChildProcess): Promise<ReadyLine> {
  if (child.stdout === null) throw new Error('the host has no output')
  const lines = createInterface({ input: child.stdout })
  const line = await new Promise<string>((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error('the host did not become ready in time')),
      START_DEADLINE_MS,
    )
    lines.once('line', (text) => {
      clearTimeout(timer)
      resolve(text)
    })
    child.once('exit', (code) => {
      clearTimeout(timer)
      reject(new Error(`the host ended with ${code} before it was ready`))
    })
  })
  return JSON.parse(line) as ReadyLine
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_DEADLINE_MS)
  await ended
  clearTimeout(timer)
}
