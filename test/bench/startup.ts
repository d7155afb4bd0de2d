// From `npm start` on a built tree to the first verified message in the store that the chart reads.
import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Health, ReadyLine } from '../../shared/node-status.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const DEADLINE_MS = 120_000

async function firstStart(dataDir: string): Promise<number> {
  const startedAt = performance.now()
  const child = spawn('npm', ['start', '--', '--headless', '--json', '--port', '0', '--data', dataDir], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  })
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
  try {
    const ready = await new Promise<ReadyLine>((resolve, reject) => {
      createInterface({ input: child.stdout }).once('line', (line) => resolve(JSON.parse(line) as ReadyLine))
      child.once('exit', (code) => reject(new Error(`the portal ended with ${code} before it was ready`)))
    })
    while (performance.now() - startedAt < DEADLINE_MS) {
      const health = (await (await fetch(`${ready.url}/health`)).json()) as Health
      if (health.messages.verified > 0) return (performance.now() - startedAt) / 1_000
      await sleep(20)
    }
    throw new Error(`no verified message within ${DEADLINE_MS / 1_000} s`)
  } finally {
    // The whole group: npm passes signals on in its own time.
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGTERM')
    await ended
  }
}

/** `seconds` on an empty data folder, `againSeconds` on one that has run before. */
export async function run(): Promise<Record<string, number>> {
  const dataDir = await mkdtemp(join(tmpdir(), 'tidemark-startup-'))
  try {
    const seconds = await firstStart(dataDir)
    const againSeconds = await firstStart(dataDir)
    return { seconds: Number(seconds.toFixed(2)), againSeconds: Number(againSeconds.toFixed(2)) }
  } finally {
    await rm(dataDir, { recursive: true, force: true })
  }
}
