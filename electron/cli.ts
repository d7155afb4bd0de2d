import { Command, Option } from 'commander'
import { toErrorView } from '../shared/errors.ts'
import { type ApiClient, connectToNode, fromApiError } from './api/client.ts'
import type { AgentCommandOptions } from './commands/agent.ts'
import { pointInTime, wholeNumber } from './commands/arguments.ts'
import { audit } from './commands/audit.ts'
import { addQueryCommand } from './commands/query-program.ts'
import { addRemoteLogCommands } from './commands/remote-log-program.ts'
import { addSinkCommands } from './commands/sink-program.ts'
import { backUp, rebuild, restore, showUsage } from './commands/store.ts'
import { verify } from './commands/verify.ts'
import { dataDirOf, runningNodesDir } from './host/paths.ts'
import { findRunningNode } from './host/running-nodes.ts'
import { assertRuntimeIsCurrent, productVersion } from './host/version.ts'

const stopping = new AbortController()
process.on('SIGINT', () => stopping.abort())
// A reader that has seen enough (`| head`) closes the pipe; that is the end of the command, not an error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))

const dataOption = () =>
  new Option('--data <folder>', 'data folder of the node to ask; the one started last if left out')

async function withNode(
  data: string | undefined,
  work: (client: ApiClient, url: string, bearer: string) => Promise<void>,
): Promise<void> {
  const running = await findRunningNode(runningNodesDir(), data === undefined ? undefined : dataDirOf(data))
  const client = connectToNode(running.url, running.bearer)
  try {
    await work(client, running.url, running.bearer)
  } catch (error) {
    throw fromApiError(error)
  } finally {
    await client.close()
  }
}

const program = new Command('tidemark')
  .description('Commands for a running Tidemark node, and for its files.')
  .version(productVersion())

addQueryCommand(program, withNode, stopping.signal)

program
  .command('audit')
  .description('audit a range of a stream and keep the signed report')
  .argument('<stream>', 'stream id')
  .option('--partition <number>', 'partition', wholeNumber, 0)
  .option('--from <time>', 'from this time on; the first stored message if left out', pointInTime)
  .option('--to <time>', 'up to and including this time; the last stored message if left out', pointInTime)
  .option('--interval <seconds>', 'a publisher is up in an interval in which it published', wholeNumber, 60)
  .requiredOption('--out <file>', 'where the report goes; it replaces what is there')
  .option('--pdf <file>', 'where a report to print goes, with the signed one inside')
  .addOption(dataOption())
  .action(
    async (
      streamId: string,
      options: {
        partition: number
        from?: number
        to?: number
        interval: number
        out: string
        pdf?: string
        data?: string
      },
    ) => {
      const { data, ...rest } = options
      await withNode(data, async (client) => {
        const request = { streamId, ...rest }
        await audit(client, request, { output: process.stdout, progress: process.stderr }, stopping.signal)
      })
    },
  )

program
  .command('verify')
  .description(
    'check a proof or an audit report with no node and no network: exit 0 good, 1 not good, 2 not readable',
  )
  .argument('<file>', 'proof or report')
  .option('--json', 'print the verdict as JSON', false)
  .action(async (file: string, options: { json: boolean }) => {
    process.exitCode = await verify(file, options.json, process.stdout)
  })

program
  .command('agent')
  .description('measure this machine and its nodes and publish that, with no store and no portal')
  .requiredOption('--config <file>', 'configuration file')
  .option('--yes', 'make the stream if it is not there, without asking', false)
  .option('--json', 'print one JSON object when ready', false)
  .option('--log-level <level>', 'debug, info, warn or error', 'warn')
  .action(async (options: AgentCommandOptions) => {
    // Loaded for this command alone: the others start faster without it.
    const { agent } = await import('./commands/agent.ts')
    process.exit(await agent(options))
  })

program
  .command('open')
  .description('print a new link to the portal of a running node; it works once')
  .addOption(dataOption())
  .action(async (options: { data?: string }) => {
    await withNode(options.data, async ({ api }, url) => {
      const { token } = await api.launch.mutate()
      process.stdout.write(`${url}/launch?token=${token}\n`)
    })
  })

const store = program.command('store').description('care of the message store')

store
  .command('usage')
  .description('what the store holds, what each stream takes, and whether the file is whole')
  .addOption(dataOption())
  .action((options: { data?: string }) =>
    withNode(options.data, (client) => showUsage(client, process.stdout)),
  )

store
  .command('retention')
  .description('show or set how long, and up to which size, the messages of a stream part are kept')
  .argument('<part>', 'stream part, as streamId#partition')
  .option('--days <number>', 'drop messages older than this; 0 keeps all', wholeNumber)
  .option('--megabytes <number>', 'drop the oldest beyond this size; 0 keeps all', wholeNumber)
  .addOption(dataOption())
  .action(async (part: string, options: { days?: number; megabytes?: number; data?: string }) => {
    await withNode(options.data, async ({ api }) => {
      const now = await api.store.retention.query({ part })
      const maxAgeMs = options.days === undefined ? now.maxAgeMs : options.days * 86_400_000 || null
      const maxBytes = options.megabytes === undefined ? now.maxBytes : options.megabytes * 1_000_000 || null
      if (options.days !== undefined || options.megabytes !== undefined) {
        await api.store.setRetention.mutate({ part, maxAgeMs, maxBytes })
      }
      process.stdout.write(`${JSON.stringify({ part, maxAgeMs, maxBytes })}\n`)
    })
  })

store
  .command('compact')
  .description('give pages that hold nothing back to the disk')
  .addOption(dataOption())
  .action((options: { data?: string }) =>
    withNode(options.data, async ({ api }) =>
      api.store.compact.mutate(undefined, { signal: stopping.signal }),
    ),
  )

store
  .command('rebuild')
  .description('make chains, gaps and pyramid anew from the messages')
  .argument('[part]', 'stream part; all of them if left out')
  .addOption(dataOption())
  .action((part: string | undefined, options: { data?: string }) =>
    withNode(options.data, (client) => rebuild(client, part, process.stderr, stopping.signal)),
  )

store
  .command('backup')
  .description('copy the store, while it is written to, into the backups of the data folder')
  .argument('<name>', 'file name of the backup')
  .addOption(dataOption())
  .action((name: string, options: { data?: string }) =>
    withNode(options.data, (client) => backUp(client, name, process.stderr, stopping.signal)),
  )

store
  .command('restore')
  .description('put a backup in the place of the store of a node that does not run; what was there is kept')
  .argument('<backup>', 'name of a backup, or a file')
  .option('--data <folder>', 'data folder')
  .action((backup: string, options: { data?: string }) =>
    restore(backup, dataDirOf(options.data), process.stdout, stopping.signal),
  )

store
  .command('move')
  .description(
    'move the store of a node that does not run between SQLite and a PostgreSQL server: copied, compared, then used; run it again to go on after an interruption',
  )
  .requiredOption(
    '--to <where>',
    '"sqlite", "postgres" for the server of the settings, or postgresql://user@host:port/database with the password as TIDEMARK_DATABASE_PASSWORD',
  )
  .option('--data <folder>', 'data folder')
  .action(async (options: { to: string; data?: string }) => {
    const { moveHouse } = await import('./commands/store-move.ts')
    await moveHouse({
      dataDir: dataDirOf(options.data),
      to: options.to,
      output: process.stdout,
      progress: process.stderr,
      signal: stopping.signal,
    })
  })

store
  .command('remove-old')
  .description(
    'remove the stores that moves have left behind, of a node that does not run; says what that is, and does it with --yes',
  )
  .option('--yes', 'remove it: it cannot be had back', false)
  .option('--data <folder>', 'data folder')
  .action(async (options: { yes: boolean; data?: string }) => {
    const { removeOldStores } = await import('./commands/store-remove-old.ts')
    const isDone = await removeOldStores({
      dataDir: dataDirOf(options.data),
      isConfirmed: options.yes,
      output: process.stdout,
    })
    if (!isDone) process.exitCode = 1
  })

addRemoteLogCommands(program, withNode, stopping.signal)
addSinkCommands(program, withNode)

try {
  assertRuntimeIsCurrent()
  await program.parseAsync()
} catch (error) {
  const view = toErrorView(error)
  process.stderr.write(`tidemark: ${view.message}\ntidemark: ${view.remedy}\n`)
  process.exitCode = 1
}
