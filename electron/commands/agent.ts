import { createInterface } from 'node:readline/promises'
import { readAgentConfig } from '../agent/agent-config.ts'
import { type Agent, runAgent } from '../agent/run-agent.ts'
import { createLogger } from '../host/logger.ts'
import { stopInTime } from '../host/stop-in-time.ts'
import { productVersion } from '../host/version.ts'

/** A stop asked for takes at most this long, so that service managers need not kill. */
const STOP_DEADLINE_MS = 4_500

export interface AgentCommandOptions {
  config: string
  /** Make the stream without asking, whatever it costs. */
  yes: boolean
  json: boolean
  logLevel: string
}

/** Measures and publishes until it is told to stop; resolves with the exit code. */
export async function agent(options: AgentCommandOptions): Promise<number> {
  const stopping = new AbortController()
  const stopped = new Promise<void>((resolve) => {
    for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
      process.on(name, () => {
        stopping.abort()
        resolve()
      })
    }
  })
  const logger = createLogger(options.logLevel)
  let running: Agent
  try {
    running = await runAgent({
      config: await readAgentConfig(options.config),
      version: productVersion(),
      confirm: (question) => confirm(question, options.yes, stopping.signal),
      clock: Date,
      logger,
      signal: stopping.signal,
    })
  } catch (error) {
    if (stopping.signal.aborted) return 0
    throw error
  }
  const { address, streamId } = running
  process.stdout.write(
    options.json
      ? `${JSON.stringify({ ready: true, pid: process.pid, address, streamId })}\n`
      : `Publishing to ${streamId} as ${address}. Stop with Ctrl+C.\n`,
  )
  await stopped
  return stopInTime(() => running.stop(), { deadlineMs: STOP_DEADLINE_MS, logger })
}

/** Without a terminal there is nobody to ask: only `--yes` agrees. */
async function confirm(question: string, isAgreed: boolean, signal: AbortSignal): Promise<boolean> {
  process.stderr.write(`${question}\n`)
  if (isAgreed) return true
  if (!process.stdin.isTTY) return false
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  try {
    return /^y(es)?$/i.test((await terminal.question('Make it? [y/N] ', { signal })).trim())
  } finally {
    terminal.close()
  }
}
