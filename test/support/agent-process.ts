import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { loadOrCreateNodeKey } from '../../electron/keys/node-key.ts'
import { createFileModeSealer } from '../../electron/keys/sealer.ts'
import type { NetworkDescription } from '../../shared/node-status.ts'
import type { SourceInput } from '../../shared/sources.ts'
import { projectFolder } from './portal-process.ts'

/** A machine that builds and tests other things meanwhile needs most of it. */
const READY_DEADLINE_MS = 180_000

export interface AgentProcessOptions {
  /** Its configuration, key and outbox go in. */
  folder: string
  network: NetworkDescription
  stream: { id: string; publishers?: 'everybody' | string[] }
  sources: SourceInput[]
  /** The program, from the sources or built. */
  cli?: string
  runtimeFlags?: string[]
}

/** A real agent in a process of its own. */
export interface AgentProcess {
  readonly child: ChildProcess
  readonly pid: number
  readonly address: string
  readonly streamId: string
  /** SIGTERM, then waits; answers the exit code. */
  stop(): Promise<number | null>
  kill(): Promise<void>
  log(): string
}

const dataOf = (folder: string): string => join(folder, 'data')

/** The address an agent in this folder has, before it is started: its account may need gas. */
export async function agentAddress(folder: string): Promise<string> {
  const key = await loadOrCreateNodeKey({ dataDir: dataOf(folder), sealer: createFileModeSealer() })
  return key.address
}

export async function startAgent(options: AgentProcessOptions): Promise<AgentProcess> {
  const { folder, network, stream, sources, cli = 'electron/cli.ts', runtimeFlags = [] } = options
  mkdirSync(folder, { recursive: true })
  const file = join(folder, 'agent.json')
  writeFileSync(file, JSON.stringify({ version: 1, data: 'data', network, stream, sources }))
  const flags = [...runtimeFlags, '--disable-warning=ExperimentalWarning']
  const child = spawn(process.execPath, [...flags, cli, 'agent', '--config', file, '--json', '--yes'], {
    cwd: projectFolder,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stderr = ''
  child.stderr.on('data', (chunk) => {
    stderr = (stderr + chunk).slice(-20_000)
  })
  const exited = new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)))
  const ready = await new Promise<{ address: string; streamId: string; pid: number }>((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`the agent was not ready in time\n${stderr}`)),
      READY_DEADLINE_MS,
    )
    createInterface({ input: child.stdout }).once('line', (line) => {
      clearTimeout(timer)
      resolve(JSON.parse(line) as { address: string; streamId: string; pid: number })
    })
    void exited.then((code) => {
      clearTimeout(timer)
      reject(new Error(`the agent ended with ${code} before it was ready\n${stderr}`))
    })
  }).catch((error: unknown) => {
    child.kill('SIGKILL')
    throw error
  })
  return {
    child,
    ...ready,
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
