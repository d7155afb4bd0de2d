import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Health, ReadyLine } from '../../shared/node-status.ts'

export const projectFolder = fileURLToPath(new URL('../../', import.meta.url))
/** A start takes seconds; on a machine that many share, a minute and more. */
const READY_DEADLINE_MS = 180_000
/** A stop takes a second or two; tests ask whether it is clean, not how fast this machine is. */
const STOP_TIMEOUT_S = 60

/** A real headless node in a process of its own, run from the sources. */
export interface PortalProcess {
  readonly ready: ReadyLine
  readonly child: ChildProcess
  health(): Promise<Health>
  /** Asks `/health` until it satisfies, or fails with the last answer. */
  healthUntil(satisfied: (health: Health) => boolean, deadlineMs: number): Promise<Health>
  /** SIGTERM, then waits; answers the exit code. */
  stop(): Promise<number | null>
  kill(): Promise<void>
  /** What it logged to stderr so far, for failure messages. */
  log(): string
}

export interface Ended {
  code: number | null
  stdout: string
  stderr: string
}

/** Runs a command of the project to its end, e.g. `electron/cli.ts`. */
export function runNode(script: string, args: string[], env: NodeJS.ProcessEnv = {}): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', script, ...args], {
      cwd: projectFolder,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let stdout = ''
    let stderr = ''
    child.stdout.on('data', (chunk) => {
      stdout += chunk
    })
    child.stderr.on('data', (chunk) => {
      stderr += chunk
    })
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, stdout, stderr }))
  })
}

/** Starts a portal on `dataDir` and waits for its ready line. `stateHome` keeps word of it apart from the user's. */
export async function startPortal(
  dataDir: string,
  stateHome: string,
  args: string[] = [],
  env: NodeJS.ProcessEnv = {},
): Promise<PortalProcess> {
  const child = spawn(
    process.execPath,
    [
      '--disable-warning=ExperimentalWarning',
      'electron/headless.ts',
      '--headless',
      '--json',
      '--port',
      '0',
      '--data',
      dataDir,
      ...args,
    ],
    {
      cwd: projectFolder,
      env: {
        ...process.env,
        XDG_DATA_HOME: stateHome,
        TIDEMARK_STOP_TIMEOUT: String(STOP_TIMEOUT_S),
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
  let stderr = ''
  child.stderr.on('data', (chunk) => {
    stderr = (stderr + chunk).slice(-20_000)
  })
  const exited = new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)))
  const ready = await new Promise<ReadyLine>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`not ready in time\n${stderr}`)), READY_DEADLINE_MS)
    createInterface({ input: child.stdout }).once('line', (line) => {
      clearTimeout(timer)
      resolve(JSON.parse(line) as ReadyLine)
    })
    exited.then((code) => {
      clearTimeout(timer)
      reject(new Error(`the portal ended with ${code} before it was ready\n${stderr}`))
    })
  }).catch((error: unknown) => {
    child.kill('SIGKILL')
    throw error
  })
  const health = async () => (await (await fetch(`${ready.url}/health`)).json()) as Health
  return {
    ready,
    child,
    health,
    async healthUntil(satisfied, deadlineMs) {
      const end = performance.now() + deadlineMs
      let last = await health()
      while (!satisfied(last)) {
        if (performance.now() > end) throw new Error(`health stayed at ${JSON.stringify(last)}\n${stderr}`)
        await sleep(100)
        last = await health()
      }
      return last
    },
    stop() {
      child.kill('SIGTERM')
      return exited
    },
    async kill() {
      child.kill('SIGKILL')
      await exited
    },
    log: () => stderr,
  }
}
