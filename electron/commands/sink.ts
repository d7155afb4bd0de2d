import { readFile } from 'node:fs/promises'
import type { Writable } from 'node:stream'
import { type DatabaseServer, type DatabaseTls, databaseServerInput } from '../../shared/database.ts'
import { TidemarkError } from '../../shared/errors.ts'
import { formatCount, formatDuration } from '../../shared/format/quantity.ts'
import { type SinkView, sinkInput } from '../../shared/sink.ts'
import type { ApiClient } from '../api/client.ts'
import { MAX_CLOCK_DIFFERENCE_MS } from '../node/postgres/limits.ts'

/** The password comes from here and never from an argument, which every user of the machine could read. */
export const PASSWORD_VARIABLE = 'TIDEMARK_SINK_PASSWORD'
const MAX_CA_BYTES = 65_536

export interface DatabaseOptions {
  host: string
  port: number
  database: string
  user: string
  tls: DatabaseTls
  ca?: string
  schema: string
}

async function serverOf({ ca, ...options }: DatabaseOptions): Promise<DatabaseServer> {
  const pem = ca === undefined ? null : (await readFile(ca, 'utf8')).slice(0, MAX_CA_BYTES)
  const read = databaseServerInput.safeParse({ ...options, ca: pem })
  if (read.success) return read.data
  const issue = read.error.issues[0]
  throw new TidemarkError(
    'invalid-input',
    `${issue?.path.join('.')}: ${issue?.message}.`,
    'Correct it and try again.',
  )
}

/** Sets the database of the sinks, when a test of it has gone well. */
export async function setDatabase(
  { api }: ApiClient,
  options: DatabaseOptions,
  password: string | undefined,
  output: Writable,
): Promise<void> {
  const database = { server: await serverOf(options), ...(password === undefined ? {} : { password }) }
  const report = await api.sinks.testDatabase.mutate(database)
  for (const problem of report.problems) output.write(`${problem.message} ${problem.remedy}\n`)
  // Nothing depends on the server's clock; whatever else was found keeps sinks from writing.
  const harmless = Math.abs(report.clockAheadMs) > MAX_CLOCK_DIFFERENCE_MS ? 1 : 0
  if (report.problems.length > harmless) {
    throw new TidemarkError(
      'database-unsuitable',
      'The database was not taken, for the reason above.',
      'Mend it and try again.',
    )
  }
  await api.sinks.setDatabase.mutate(database)
  output.write(
    `PostgreSQL ${report.version}, ${report.latencyMs} ms away; sinks write into the schema ${database.server.schema}\n`,
  )
}

/** Begins a sink and prints its table. */
export async function add(
  { api }: ApiClient,
  part: string,
  options: { table?: string; types: readonly string[] },
  output: Writable,
): Promise<void> {
  const types = options.types.map((text) => {
    const at = text.lastIndexOf('=')
    return { path: text.slice(0, Math.max(at, 0)), type: text.slice(at + 1) }
  })
  const read = sinkInput.safeParse({
    part,
    types,
    ...(options.table === undefined ? {} : { table: options.table }),
  })
  if (!read.success) {
    const issue = read.error.issues[0]
    throw new TidemarkError(
      'invalid-input',
      `${issue?.path.join('.')}: ${issue?.message}.`,
      'Types are given as path=type, such as height=bigint.',
    )
  }
  const sink = await api.sinks.add.mutate(read.data)
  output.write(`${sink.table}\n`)
}

export async function list({ api }: ApiClient, asJson: boolean, output: Writable): Promise<void> {
  const view = await api.sinks.list.query()
  if (asJson) {
    output.write(`${JSON.stringify(view)}\n`)
    return
  }
  if (view.server === null) output.write('no database is set: `tidemark sink database --host …`\n')
  for (const sink of view.sinks) output.write(`${sinkLine(sink)}\n`)
}

function sinkLine(sink: SinkView): string {
  const { table, part, state, rows, lagMs, behind, unfit, problem } = sink
  const words = [
    `${table}\t${part}\t${state}`,
    rows === null ? null : `${formatCount(rows)} rows`,
    behind !== null && behind > 0 ? `${formatCount(behind)} to go` : null,
    lagMs > 0 ? `${formatDuration(lagMs)} behind` : null,
    unfit > 0 ? `${formatCount(unfit)} values beside their columns` : null,
    problem === null ? null : `${problem.message} ${problem.remedy}`,
  ]
  return words.filter((word) => word !== null).join(', ')
}
