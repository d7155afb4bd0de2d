import { type Command, InvalidArgumentError, Option } from 'commander'
import { REMOTE_LOG_MODES, type RemoteLogMode, SYNC_MODES } from '../../shared/remote-log.ts'
import type { ApiClient } from '../api/client.ts'
import { pair, sync } from './paired-nodes.ts'
import { backUp, follow, inspect, list, publish, readKeeper, restoreBackup, run } from './remote-log.ts'

type WithNode = (data: string | undefined, work: (client: ApiClient) => Promise<void>) => Promise<void>

interface LogOptions {
  keeper: string
  data?: string
  json: boolean
}

const keeperOption = () =>
  new Option(
    '--keeper <where>',
    'who keeps the log: embedded, ipfs, folder:<path>, or the address of a twirp server',
  ).default('embedded')
const dataOption = () =>
  new Option('--data <folder>', 'data folder of the node to ask; the one started last if left out')
const jsonOption = () => new Option('--json', 'print JSON').default(false)

function count(text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value) || value < 1)
    throw new InvalidArgumentError('a number from 1 on is expected')
  return value
}

/** `tidemark remote-log …`: commands for the logs of a running node. */
export function addRemoteLogCommands(program: Command, withNode: WithNode, signal: AbortSignal): void {
  const group = program
    .command('remote-log')
    .description('logs that keep a stream under a persistent name, for who was not there')
  const outputs = (asJson: boolean) => ({
    output: process.stdout,
    progress: process.stderr,
    asJson,
    signal,
  })
  const refOf = (name: string, { keeper }: LogOptions) => ({ name, keeper: readKeeper(keeper) })

  group
    .command('list')
    .description('the logs this node publishes and reads')
    .addOption(jsonOption())
    .addOption(dataOption())
    .action((options: { json: boolean; data?: string }) =>
      withNode(options.data, (client) => list(client, options.json, process.stdout)),
    )

  group
    .command('publish')
    .description('publish a stream part under a name from now on; prints the name')
    .argument('<part>', 'stream part, as streamId#partition')
    .option('--name <name>', 'name of the log; one that follows from the part if left out')
    .addOption(keeperOption())
    .addOption(new Option('--mode <mode>', 'layout of the pages').choices(REMOTE_LOG_MODES).default('mixed'))
    .option('--page-size <count>', 'messages on a page', count, 512)
    .option('--embed-newest <count>', 'newest messages embedded in the head, in mode mixed', count, 16)
    .option('--write-token <token>', 'what a twirp server wants from those who write')
    .addOption(dataOption())
    .action(
      async (
        part: string,
        options: {
          name?: string
          keeper: string
          mode: RemoteLogMode
          pageSize: number
          embedNewest: number
          writeToken?: string
          data?: string
        },
      ) => {
        const { data, keeper, ...rest } = options
        const request = { ...rest, keeper: readKeeper(keeper) }
        await withNode(data, (client) => publish(client, part, request, process.stdout))
      },
    )

  const logCommand = (name: string, description: string) =>
    group
      .command(name)
      .description(description)
      .argument('<name>', 'name of the log')
      .addOption(keeperOption())
      .addOption(dataOption())

  logCommand('unpublish', 'stop keeping a published log up; what its name leads to stays').action(
    (name: string, options: LogOptions) =>
      withNode(options.data, async ({ api }) => {
        await api.remoteLog.unpublish.mutate(refOf(name, options))
      }),
  )

  logCommand('follow', 'restore a log and ask its name for news from now on').action(
    (name: string, options: LogOptions) =>
      withNode(options.data, (client) => follow(client, refOf(name, options))),
  )

  logCommand('unfollow', 'stop asking a followed name for news').action((name: string, options: LogOptions) =>
    withNode(options.data, async ({ api }) => {
      await api.remoteLog.unfollow.mutate(refOf(name, options))
    }),
  )

  for (const kind of ['restore', 'verify'] as const) {
    const does = kind === 'restore' ? 'restore a log into the store' : 'check a whole log and store nothing'
    logCommand(kind, `${does}: exit 0 whole and good, 1 not`)
      .addOption(jsonOption())
      .action((name: string, options: LogOptions) =>
        withNode(options.data, async (client) => {
          if (!(await run(client, kind, refOf(name, options), outputs(options.json)))) process.exitCode = 1
        }),
      )
  }

  logCommand('inspect', 'print the head of a log, or one of its pages')
    .option('--page <address>', 'address of a page')
    .addOption(jsonOption())
    .action((name: string, options: LogOptions & { page?: string }) =>
      withNode(options.data, (client) =>
        inspect(client, refOf(name, options), options.page ?? null, outputs(options.json)),
      ),
    )

  logCommand('backup', 'write a whole log into one CAR file in the backups of the data folder')
    .argument('<file>', 'file name of the backup')
    .action((name: string, file: string, options: LogOptions) =>
      withNode(options.data, (client) => backUp(client, refOf(name, options), file, outputs(false))),
    )

  group
    .command('pair')
    .description('pair with another node of yours: show a code and a link, or join with those it shows')
    .argument('[link]', 'link the other node shows; shows one if left out')
    .option('--code <code>', 'code the other node shows, together with --at')
    .option('--at <multiaddr>', 'where the other node is reached, ending in /p2p/ and its peer id')
    .addOption(dataOption())
    .action((link: string | undefined, options: { code?: string; at?: string; data?: string }) =>
      withNode(options.data, (client) => pair(client, link, options, process.stdout)),
    )

  group
    .command('unpair')
    .description('forget a paired node')
    .argument('<peer>', 'its peer id')
    .addOption(dataOption())
    .action((peer: string, options: { data?: string }) =>
      withNode(options.data, async ({ api }) => {
        await api.remoteLog.unpair.mutate({ peer })
      }),
    )

  group
    .command('sync')
    .description('the paired nodes; with a mode, how they send from now on')
    .argument('[mode]', SYNC_MODES.join(' or '))
    .addOption(dataOption())
    .action((mode: string | undefined, options: { data?: string }) =>
      withNode(options.data, (client) => sync(client, mode, process.stdout)),
    )

  group
    .command('restore-backup')
    .description('restore the log in a CAR file: exit 0 whole and good, 1 not')
    .argument('<file>', 'name of a backup, or a path from the root on')
    .addOption(jsonOption())
    .addOption(dataOption())
    .action((file: string, options: { json: boolean; data?: string }) =>
      withNode(options.data, async (client) => {
        if (!(await restoreBackup(client, file, outputs(options.json)))) process.exitCode = 1
      }),
    )
}
