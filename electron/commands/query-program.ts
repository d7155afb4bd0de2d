import { type Command, InvalidArgumentError, Option } from 'commander'
import { TidemarkError } from '../../shared/errors.ts'
import { EXPORT_FORMATS, type ExportFormat } from '../../shared/message-export.ts'
import { type FieldCondition, readCondition } from '../../shared/message-filter.ts'
import { MESSAGE_MARKS, type MessageMark } from '../../shared/message-mark.ts'
import { VERDICTS, type Verdict } from '../../shared/verdict.ts'
import type { ApiClient } from '../api/client.ts'
import { pointInTime, wholeNumber } from './arguments.ts'
import { exportQuery } from './export-query.ts'
import { query } from './query.ts'
import { queryFederated } from './query-federated.ts'

type WithNode = (
  data: string | undefined,
  work: (client: ApiClient, url: string, bearer: string) => Promise<void>,
) => Promise<void>

interface QueryArguments {
  partition: number
  last?: number
  from?: number
  to?: number
  json: boolean
  federated: boolean
  keep: boolean
  data?: string
  format?: ExportFormat
  out?: string
  column: string[]
  publisher?: string
  verdict: Verdict[]
  mark: MessageMark[]
  text?: string
  where: FieldCondition[]
  newestFirst: boolean
}

const each = (value: string, before: string[]) => [...before, value]

function condition(text: string, before: FieldCondition[]): FieldCondition[] {
  const read = readCondition(text)
  if (read === null) {
    throw new InvalidArgumentError(
      'a condition is expected, such as "cpu.load > 0.8", "state = up", "note ~ full", "error exists"',
    )
  }
  return [...before, read]
}

function refuse(options: QueryArguments): string | null {
  const { last, from, to, format, out, federated, json } = options
  if (last !== undefined && (from !== undefined || to !== undefined))
    return '--last and --from or --to exclude each other.'
  if ((format === undefined) !== (out === undefined)) return '--format and --out belong together.'
  if (format !== undefined && (federated || json)) return '--format goes with neither --federated nor --json.'
  const isFiltered =
    options.where.length > 0 ||
    options.text !== undefined ||
    options.verdict.length > 0 ||
    options.mark.length > 0
  if (format === undefined && (isFiltered || options.column.length > 0 || options.publisher !== undefined))
    return 'Filters and columns are for files: --format and --out are missing.'
  return null
}

/** `tidemark query`: messages on the terminal, or in a file of a format others read. */
export function addQueryCommand(program: Command, withNode: WithNode, signal: AbortSignal): void {
  program
    .command('query')
    .description('print stored messages of a stream in order, or save them in a file')
    .argument('<stream>', 'stream id')
    .option('--partition <number>', 'partition', wholeNumber, 0)
    .option('--last <count>', 'the newest messages', wholeNumber)
    .option('--from <time>', 'from this time on', pointInTime)
    .option('--to <time>', 'up to and including this time', pointInTime)
    .option('--json', 'one JSON object a line', false)
    .option('--federated', 'from all nodes that can be reached; who took part is told on stderr', false)
    .option('--no-keep', 'with --federated: do not keep what other nodes bring')
    .addOption(
      new Option('--format <format>', 'save a file, with its citation beside it').choices(EXPORT_FORMATS),
    )
    .option('--out <file>', 'where it goes; it replaces what is there')
    .option('--column <field>', 'a field as a column, once for each; the whole content if left out', each, [])
    .option('--publisher <address>', 'of this publisher alone')
    .addOption(
      new Option('--verdict <verdict>', 'with this verdict, once for each; all but forged if left out')
        .choices(VERDICTS)
        .argParser(each)
        .default([]),
    )
    .addOption(
      new Option(
        '--mark <mark>',
        'of an equivocation, with a clock out of bounds, or not what the stream’s schema allows, once for each',
      )
        .choices(MESSAGE_MARKS)
        .argParser(each)
        .default([]),
    )
    .option('--text <text>', 'that hold a text in content, publisher, chain or digest')
    .option('--where <condition>', 'whose field meets a condition, once for each', condition, [])
    .option('--newest-first', 'the newest message comes first', false)
    .addOption(
      new Option('--data <folder>', 'data folder of the node to ask; the one started last if left out'),
    )
    .action(async (streamId: string, options: QueryArguments) => {
      const refusal = refuse(options)
      if (refusal !== null) throw new TidemarkError('invalid-input', refusal, 'See "tidemark query --help".')
      const { data, federated, keep, format, out, column, verdict, mark, where, ...rest } = options
      const request = { streamId, ...rest }
      await withNode(data, (client, url, bearer) => {
        if (format !== undefined && out !== undefined) {
          const publisher = options.publisher?.toLowerCase()
          return exportQuery(
            client,
            {
              ...request,
              ...{ publisher, format, out, columns: column, verdicts: verdict, conditions: where },
              ...(mark.length === 0 ? {} : { marks: mark }),
            },
            { url, bearer, notes: process.stderr },
            signal,
          )
        }
        return federated
          ? queryFederated(
              client,
              { ...request, keep: keep ? undefined : false },
              process.stdout,
              process.stderr,
              signal,
            )
          : query(client, request, process.stdout, signal)
      })
    })
}
