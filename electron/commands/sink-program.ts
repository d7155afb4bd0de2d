import { type Command, InvalidArgumentError, Option } from 'commander'
import { DATABASE_TLS } from '../../shared/database.ts'
import type { ApiClient } from '../api/client.ts'
import { add, type DatabaseOptions, list, PASSWORD_VARIABLE, setDatabase } from './sink.ts'

type WithNode = (data: string | undefined, work: (client: ApiClient) => Promise<void>) => Promise<void>

const dataOption = () =>
  new Option('--data <folder>', 'data folder of the node to ask; the one started last if left out')

function port(text: string): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1 || value > 65_535) {
    throw new InvalidArgumentError('a port is a number from 1 to 65535')
  }
  return value
}

const collect = (value: string, before: string[]): string[] => [...before, value]

/** `tidemark sink …`: streams that a running node writes into tables of a database. */
export function addSinkCommands(program: Command, withNode: WithNode): void {
  const group = program
    .command('sink')
    .description('streams written into tables of a PostgreSQL database while they are stored')

  group
    .command('database')
    .description(`test and set the database; the password is read from ${PASSWORD_VARIABLE}`)
    .requiredOption('--host <host>', 'name or address of the server')
    .option('--port <number>', 'its port', port, 5_432)
    .requiredOption('--database <name>', 'name of the database')
    .requiredOption('--user <name>', 'who logs in')
    .addOption(
      new Option('--tls <how>', 'encryption of the connection').choices(DATABASE_TLS).default('verify'),
    )
    .option('--ca <file>', 'PEM of the authority that signed the server’s certificate')
    .option('--schema <name>', 'schema of the tables', 'telemetry')
    .addOption(dataOption())
    .action(async ({ data, ...options }: DatabaseOptions & { data?: string }) => {
      const password = process.env[PASSWORD_VARIABLE]
      await withNode(data, (client) => setDatabase(client, options, password, process.stdout))
    })

  group
    .command('add')
    .description(
      'write a stream part into a table of its own from now on, its history first; prints the table',
    )
    .argument('<part>', 'stream part, as streamId#partition')
    .option('--table <name>', 'the table; one that follows from the stream if left out')
    .option(
      '--type <path=type>',
      'type of a field’s column: bigint, timestamptz, …; may be repeated',
      collect,
      [],
    )
    .addOption(dataOption())
    .action(async (part: string, options: { table?: string; type: string[]; data?: string }) => {
      const { data, type, ...rest } = options
      await withNode(data, (client) => add(client, part, { ...rest, types: type }, process.stdout))
    })

  group
    .command('list')
    .description('the sinks, how far each is behind, and what is in the way')
    .option('--json', 'print JSON', false)
    .addOption(dataOption())
    .action((options: { json: boolean; data?: string }) =>
      withNode(options.data, (client) => list(client, options.json, process.stdout)),
    )

  group
    .command('role')
    .description('SQL for a role that may read the views of the sinks and nothing else')
    .argument('<name>', 'name of the role')
    .option('--apply', 'make it now; the user of the sinks needs the right to make roles', false)
    .addOption(dataOption())
    .action(async (role: string, options: { apply: boolean; data?: string }) => {
      await withNode(options.data, async ({ api }) => {
        const { sql } = await api.sinks.readerRole.query({ role })
        if (options.apply) await api.sinks.makeReaderRole.mutate({ role })
        process.stdout.write(sql)
      })
    })

  const onTable = (name: 'pause' | 'resume' | 'remove', description: string): void => {
    group
      .command(name)
      .description(description)
      .argument('<table>', 'table of the sink')
      .addOption(dataOption())
      .action(async (table: string, options: { data?: string }) => {
        await withNode(options.data, async ({ api }) => {
          await api.sinks[name].mutate({ table })
        })
      })
  }
  onTable('pause', 'stop writing until `resume`; nothing is lost, the store keeps what comes')
  onTable('resume', 'go on writing where it was paused')
  onTable('remove', 'end a sink; its table stays as it is, and adding it again goes on there')
}
