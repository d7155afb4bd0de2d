import { type ChildProcess, spawn } from 'node:child_process'
import { setTimeout as delay } from 'node:timers/promises'
import { TidemarkError } from '../../../shared/errors.ts'
import type { Logger } from '../ports.ts'
import { callChain } from './json-rpc.ts'

/** The chain answers about 0.1 s after its start; a loaded machine may need seconds. */
const READY_TIMEOUT_MS = 20_000
const READY_POLL_MS = 10
/** How long a killed process may take to give its port back. */
const EXIT_TIMEOUT_MS = 5_000
/** Last words of a failed chain that are kept for the log. */
const MAX_STDERR_CHARS = 2_000

/**
 * The chain has to end with this process, also when this process is killed with SIGKILL and can do nothing any
 * more. A shell between the two holds the other end of a pipe that the kernel closes for us; it then kills the
 * chain. (On Windows, libuv puts children into a job that the system ends with us, and no shell is needed.)
 * The first line on stdout is the chain's own process id.
 */
const SUPERVISOR = `
exec 3<&0
"$@" </dev/null >/dev/null 3<&- &
chain=$!
echo "$chain"
( while read -r _ <&3; do :; done; kill -KILL "$chain" 2>/dev/null ) >/dev/null 2>&1 &
watch=$!
exec 3<&-
wait "$chain"
code=$?
kill -KILL "$watch" 2>/dev/null
exit "$code"
`

export interface ChainProcessOptions {
  binary: string
  port: number
  chainId: number
  /** State to begin with, as the chain wrote it; a fresh chain without it. */
  stateFile: string | undefined
  logger: Logger
  signal?: AbortSignal | undefined
}

export interface ChainProcess {
  readonly rpcUrl: string
  readonly pid: number
  /** Resolves when the process has ended, whoever ended it. */
  readonly exited: Promise<void>
  hasExited(): boolean
  /** Ends it at once and waits until it is gone. What is to survive has to be saved before. */
  kill(): Promise<void>
}

function chainArguments(options: ChainProcessOptions): string[] {
  return [
    ...['--host', '127.0.0.1', '--port', String(options.port), '--chain-id', String(options.chainId)],
    // The stream registry is larger than what Ethereum's main network allows.
    ...['--code-size-limit', '100000'],
    // Only the newest states stay in memory: nobody asks for a balance of last week, and nothing goes to the
    // home folder of the user. Blocks and event logs are not touched by this.
    ...['--prune-history', '16'],
    // Web pages have no business with this chain.
    '--no-cors',
    '--silent',
    ...(options.stateFile === undefined ? [] : ['--load-state', options.stateFile]),
  ]
}

function spawnSupervised(options: ChainProcessOptions): ChildProcess {
  const chain = [options.binary, ...chainArguments(options)] as const
  if (process.platform === 'win32') {
    return spawn(chain[0], chain.slice(1), { stdio: ['ignore', 'ignore', 'pipe'], windowsHide: true })
  }
  return spawn('/bin/sh', ['-c', SUPERVISOR, 'tidemark-chain', ...chain], {
    stdio: ['pipe', 'pipe', 'pipe'],
    // Its own process group: Ctrl-C in a terminal is for Tidemark, which then stops the chain in order.
    detached: true,
  })
}

async function readChainPid(child: ChildProcess): Promise<number | undefined> {
  if (child.stdout === null) return child.pid
  let text = ''
  for await (const chunk of child.stdout) {
    text += String(chunk)
    if (text.includes('\n')) break
  }
  const pid = Number.parseInt(text, 10)
  return Number.isSafeInteger(pid) ? pid : undefined
}

/** Ends a process by its id; one that is gone already is fine. */
export function killProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/**
 * Starts the chain and waits until it answers.
 * @throws TidemarkError `chain-unavailable` when it ends or stays silent
 */
export async function startChainProcess(options: ChainProcessOptions): Promise<ChainProcess> {
  options.signal?.throwIfAborted()
  const child = spawnSupervised(options)
  const rpcUrl = `http://127.0.0.1:${options.port}`
  let lastWords = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    lastWords = (lastWords + chunk.toString('utf8')).slice(-MAX_STDERR_CHARS)
  })
  let ended = false
  const exited = new Promise<void>((resolve) => {
    const onEnd = () => {
      ended = true
      resolve()
    }
    child.once('exit', onEnd)
    child.once('error', (error) => {
      lastWords = error.message
      onEnd()
    })
  })

  const pid = await readChainPid(child)
  const kill = async (): Promise<void> => {
    if (pid !== undefined && !ended) killProcess(pid)
    child.stdin?.destroy()
    await Promise.race([exited, delay(EXIT_TIMEOUT_MS, undefined, { ref: false })])
  }

  const deadline = Date.now() + READY_TIMEOUT_MS
  while (!ended && Date.now() < deadline && options.signal?.aborted !== true) {
    const answers = await callChain(rpcUrl, 'eth_chainId').then(
      (chainId) => Number(chainId) === options.chainId,
      () => false,
    )
    // Somebody else's chain may listen there while ours failed to bind: ours has to be alive as well.
    if (answers && pid !== undefined && !ended) return { rpcUrl, pid, exited, hasExited: () => ended, kill }
    await Promise.race([delay(READY_POLL_MS), exited])
  }
  await kill()
  options.signal?.throwIfAborted()
  options.logger.error({ lastWords }, 'the chain of the local network did not start')
  throw new TidemarkError(
    'chain-unavailable',
    'The chain of the local network did not start.',
    'The log says what the chain said last. Nothing stored was lost.',
  )
}
