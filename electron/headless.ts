import { join } from 'node:path'
import { Command } from 'commander'
import { toErrorView } from '../shared/errors.ts'
import type { ReadyLine } from '../shared/node-status.ts'
import { startPortalServer } from './api/portal-server.ts'
import { createLogger } from './host/logger.ts'
import { openStorageNode } from './host/open-storage-node.ts'
import { dataDirOf, runningNodesDir } from './host/paths.ts'
import { announceRunningNode } from './host/running-nodes.ts'
import { assertRuntimeIsCurrent, projectRoot } from './host/version.ts'

interface Options {
  json: boolean
  port: number
  data?: string
  logLevel: string
}

/** A stop asked for takes at most this long, so that service managers need not kill. */
const STOP_DEADLINE_MS = 4_500

function readOptions(): Options {
  const command = new Command('tidemark')
    .description('The Tidemark portal without a window: the same node and the same portal on loopback.')
    .option('--headless', 'serve on loopback even where a desktop window could be opened')
    .option('--json', 'print one JSON object when ready', false)
    .option('--port <number>', 'port of the portal; 0 for any free one', parsePort, 0)
    .option('--data <folder>', 'data folder')
    .option('--log-level <level>', 'debug, info, warn or error', 'warn')
  return command.parse().opts<Options>()
}

function parsePort(text: string): number {
  const port = Number(text)
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    process.stderr.write(`tidemark: --port takes a number from 0 to 65535, not "${text.slice(0, 40)}".\n`)
    process.exit(2)
  }
  return port
}

async function run(options: Options): Promise<void> {
  assertRuntimeIsCurrent()
  const logger = createLogger(options.logLevel)
  const dataDir = dataDirOf(options.data)
  const stopping = new AbortController()
  const node = await openStorageNode({ dataDir, logger })
  let stop = () => node.stop()

  const end = (exitCode: number) => {
    if (stopping.signal.aborted) return
    stopping.abort()
    setTimeout(() => process.exit(exitCode || 1), STOP_DEADLINE_MS).unref()
    stop().then(
      () => process.exit(exitCode),
      (error: unknown) => {
        logger.error({ error }, 'the node did not stop cleanly')
        process.exit(1)
      },
    )
  }
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => end(0))

  await node.start(stopping.signal)
  const portal = await startPortalServer({
    node,
    rendererDir: join(projectRoot, 'dist', 'renderer'),
    port: options.port,
    logger,
  }).catch(async (error: unknown) => {
    await node.stop()
    throw error
  })
  const forget = await announceRunningNode(runningNodesDir(), {
    pid: process.pid,
    url: portal.url,
    bearer: portal.bearer,
    dataDir,
    startedAt: Date.now(),
  })
  stop = async () => {
    await forget()
    await portal.close()
    await node.stop()
  }
  const ready: ReadyLine = {
    ready: true,
    url: portal.url,
    token: portal.token,
    pid: process.pid,
    dataDir,
    address: node.address,
    storageUrl: node.storageUrl,
    network: node.network,
    streams: node.streams.subscribed(),
  }
  process.stdout.write(
    options.json
      ? `${JSON.stringify(ready)}\n`
      : `Tidemark is ready. Open this link in a browser (it works once):\n\n  ${portal.url}/launch?token=${portal.token}\n\nData: ${dataDir}\nStop with Ctrl+C.\n`,
  )
}

run(readOptions()).catch((error: unknown) => {
  const view = toErrorView(error)
  process.stderr.write(`tidemark: ${view.message}\ntidemark: ${view.remedy}\n`)
  if (view.code === 'internal')
    process.stderr.write(`tidemark: (${error instanceof Error ? error.message : 'unknown'})\n`)
  process.exit(1)
})
