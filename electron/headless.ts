import { Command, Option } from 'commander'
import { ENVIRONMENTS, type EnvironmentName } from '../shared/environment.ts'
import { toErrorView } from '../shared/errors.ts'
import type { ReadyLine } from '../shared/node-status.ts'
import { takeDatabaseChoice } from './host/database-choice.ts'
import { createLogger } from './host/logger.ts'
import { openStorageNode } from './host/open-storage-node.ts'
import { dataDirOf } from './host/paths.ts'
import { serveNode } from './host/serve-node.ts'
import { stopInTime } from './host/stop-in-time.ts'
import { assertRuntimeIsCurrent } from './host/version.ts'
import { createFileModeSealer } from './keys/sealer.ts'
import type { ChosenDatabase } from './node/database-desk.ts'
import type { Logger } from './node/ports.ts'

interface Options {
  json: boolean
  port: number
  data?: string
  environment?: EnvironmentName
  database?: string
  stopTimeout: number
  logLevel: string
}

/** A stop asked for takes at most this long if nothing else is said, so that service managers need not kill. */
const STOP_DEADLINE_MS = 4_500
/** Nothing of a stop is worth longer. */
const MAX_STOP_TIMEOUT_S = 300

function readOptions(): Options {
  const command = new Command('tidemark')
    .description('The Tidemark portal without a window: the same node and the same portal on loopback.')
    .option('--headless', 'serve on loopback even where a desktop window could be opened')
    .option('--json', 'print one JSON object when ready', false)
    .option('--port <number>', 'port of the portal; 0 for any free one', parsePort, 0)
    .option('--data <folder>', 'data folder')
    .addOption(
      new Option('--environment <name>', 'Streamr environment, from now on for this data folder').choices(
        ENVIRONMENTS,
      ),
    )
    .addOption(
      new Option(
        '--database <address>',
        'where messages are kept, from now on for this data folder: "sqlite", or postgresql://user@host:port/database; the password as TIDEMARK_DATABASE_PASSWORD',
      ).env('TIDEMARK_DATABASE'),
    )
    .addOption(
      new Option('--stop-timeout <seconds>', 'how long a stop may take before it is cut short')
        .env('TIDEMARK_STOP_TIMEOUT')
        .argParser((text) => parseNumber('--stop-timeout', text, { from: 1, to: MAX_STOP_TIMEOUT_S }))
        .default(STOP_DEADLINE_MS / 1_000),
    )
    .option('--log-level <level>', 'debug, info, warn or error', 'warn')
  return command.parse().opts<Options>()
}

function parsePort(text: string): number {
  const port = parseNumber('--port', text, { from: 0, to: 65_535 })
  return Number.isInteger(port) ? port : refuse('--port takes a whole number.')
}

function parseNumber(option: string, text: string, { from, to }: { from: number; to: number }): number {
  const value = text.trim() === '' ? Number.NaN : Number(text)
  if (value >= from && value <= to) return value
  return refuse(`${option} takes a number from ${from} to ${to}, not "${text.slice(0, 40)}".`)
}

function refuse(why: string): never {
  process.stderr.write(`tidemark: ${why}\n`)
  process.exit(2)
}

async function run(options: Options): Promise<void> {
  assertRuntimeIsCurrent()
  const logger = createLogger(options.logLevel)
  const dataDir = dataDirOf(options.data)
  const running = new AsyncDisposableStack()
  const stopping = new AbortController()
  const end = () => {
    if (stopping.signal.aborted) return
    stopping.abort()
    const deadlineMs = options.stopTimeout * 1_000
    void stopInTime(() => running.disposeAsync(), { deadlineMs, logger }).then((code) => process.exit(code))
  }
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, end)

  try {
    const { port, environment } = options
    const database = takeDatabaseChoice(options.database)
    const ready = await start({
      ...{ dataDir, port, environment, database, logger, running },
      signal: stopping.signal,
    })
    process.stdout.write(options.json ? `${JSON.stringify(ready)}\n` : welcome(ready))
  } catch (error) {
    if (stopping.signal.aborted) return
    await running.disposeAsync()
    throw error
  }
}

interface StartOptions {
  dataDir: string
  port: number
  environment: EnvironmentName | undefined
  database: ChosenDatabase
  logger: Logger
  /** What was started goes in here, to be stopped in the reverse order. */
  running: AsyncDisposableStack
  signal: AbortSignal
}

async function start({
  dataDir,
  port,
  environment,
  database,
  logger,
  running,
  signal,
}: StartOptions): Promise<ReadyLine> {
  const node = await openStorageNode({
    dataDir,
    environment,
    database,
    logger,
    sealer: createFileModeSealer(),
    signal,
  })
  running.defer(() => node.stop())
  const { portal, storageUrl } = await serveNode({ node, port, dataDir, logger, stack: running, signal })
  return {
    ready: true,
    url: portal.url,
    token: portal.token,
    pid: process.pid,
    dataDir,
    address: node.address,
    storageUrl,
    network: node.network,
    streams: node.streams.subscribed(),
  }
}

function welcome({ url, token, dataDir }: ReadyLine): string {
  return `Tidemark is ready. Open this link in a browser (it works once):\n\n  ${url}/launch?token=${token}\n\nData: ${dataDir}\nStop with Ctrl+C.\n`
}

run(readOptions()).catch((error: unknown) => {
  const view = toErrorView(error)
  process.stderr.write(`tidemark: ${view.message}\ntidemark: ${view.remedy}\n`)
  if (view.code === 'internal')
    process.stderr.write(`tidemark: (${error instanceof Error ? error.message : 'unknown'})\n`)
  process.exit(1)
})
