// From `npm start` on a built tree to the first verified message in the store that the chart reads, and from SIGTERM to
// the end.
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

async function startAndStop(dataDir: string): Promise<{ startS: number; stopS: number }> {
  const startedAt = performance.now()
  const child = spawn('npm', ['start', '--', '--headless', '--json', '--port', '0', '--data', dataDir], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  })
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
  // The whole group: npm passes signals on in its own time.
  const stop = () => child.pid !== undefined && child.exitCode === null && process.kill(-child.pid, 'SIGTERM')
  const sinceMs = (from: number) => performance.now() - from
  try {
    const ready = await new Promise<ReadyLine>((resolve, reject) => {
      createInterface({ input: child.stdout }).once('line', (line) => resolve(JSON.parse(line) as ReadyLine))
      child.once('exit', (code) => reject(new Error(`the portal ended with ${code} before it was ready`)))
    })
    while (sinceMs(startedAt) < DEADLINE_MS) {
      const health = (await (await fetch(`${ready.url}/health`)).json()) as Health
      if (health.messages.verified > 0) {
        const startS = sinceMs(startedAt) / 1_000
        const stoppedAt = performance.now()
        stop()
        await ended
        return { startS, stopS: sinceMs(stoppedAt) / 1_000 }
      }
      await sleep(20)
    }
    throw new Error(`no verified message within ${DEADLINE_MS / 1_000} s`)
  } finally {
    stop()
    await ended
  }
}

/** `seconds` on an empty data folder, `againSeconds` on one that has run before; the longer of the two stops. */
export async function run(): Promise<Record<string, number>> {
  const dataDir = await mkdtemp(join(tmpdir(), 'tidemark-startup-'))
  const rounded = (seconds: number) => Number(seconds.toFixed(2))
  try {
    const first = await startAndStop(dataDir)
    const again = await startAndStop(dataDir)
    return {
      seconds: rounded(first.startS),
      againSeconds: rounded(again.startS),
      stopSeconds: rounded(Math.max(first.stopS, again.stopS)),
    }
  } finally {
    await rm(dataDir, { recursive: true, force: true })
  }
}
