import type { PoolClient } from 'pg'
import { TidemarkError } from '../../../shared/errors.ts'
import { COLUMN_TYPES, type ColumnType } from '../../../shared/sink.ts'
import { quoteName, storablePath } from './column-names.ts'
import { type SinkColumn, SinkColumns } from './sink-columns.ts'
import {
  createClosedIndexSql,
  createTableSql,
  FULL_TYPES,
  META_TABLES,
  OWN_COLUMNS,
  TABLE_FORMAT,
} from './table-shape.ts'

export interface SinkDefinition {
  table: string
  streamId: string
  partition: number
  /** Types of fields that differ from what would be found. */
  types: readonly { path: string; type: ColumnType }[]
}

interface SinkRow {
  stream_id: string
  stream_partition: number
  format: number
}

/** What the server says of one column of a table. */
interface ServerColumn {
  name: string
  type: string
  isRequired: boolean
  hasDefault: boolean
}

/**
 * Makes the tables of a sink, or finds them as they were left. To be called within a transaction whose search path is
 * the schema.
 * @throws {TidemarkError} `database-unsuitable` when a table of the name is there that is not this sink's
 */
export async function openTable(
  client: PoolClient,
  schema: string,
  definition: SinkDefinition,
): Promise<SinkColumns> {
  const { table } = definition
  await makeSchema(client, schema)
  // Two nodes that begin at the same moment would both find nothing.
  await client.query('SELECT pg_advisory_xact_lock(hashtext($1))', [`tidemark sinks of ${schema}`])
  for (const sql of META_TABLES) await client.query(sql)
  const known = await readSink(client, table)
  const columns = await readServerColumns(client, schema, table)
  if (known !== undefined) assertSameStream(known, definition)
  if (columns.length === 0) {
    await makeTable(client, definition, known !== undefined)
    return openColumns(client, definition, await readServerColumns(client, schema, table))
  }
  if (known === undefined) {
    throw new TidemarkError(
      'database-unsuitable',
      `There is a table “${table}” in the schema ${schema} already, and it was not made by a sink. It was left as it is.`,
      'Name another table for the sink, or rename that one.',
    )
  }
  return openColumns(client, definition, columns)
}

/** Looked for first: `IF NOT EXISTS` wants the right to make a schema even where it is there. */
export async function makeSchema(client: PoolClient, schema: string): Promise<void> {
  const { rowCount } = await client.query('SELECT 1 FROM pg_namespace WHERE nspname = $1', [schema])
  if (rowCount === 0) await client.query(`CREATE SCHEMA IF NOT EXISTS ${quoteName(schema)}`)
}

async function readSink(client: PoolClient, table: string): Promise<SinkRow | undefined> {
  const { rows } = await client.query<SinkRow>(
    'SELECT stream_id, stream_partition, format FROM tidemark_sinks WHERE table_name = $1 FOR UPDATE',
    [table],
  )
  return rows[0]
}

function assertSameStream(known: SinkRow, { table, streamId, partition }: SinkDefinition): void {
  if (known.format > TABLE_FORMAT) {
    throw new TidemarkError(
      'database-unsuitable',
      `The table “${table}” was written by a newer version of Tidemark.`,
      'Update Tidemark, or name another table for the sink.',
    )
  }
  if (known.stream_id === storablePath(streamId) && known.stream_partition === partition) return
  throw new TidemarkError(
    'database-unsuitable',
    `The table “${table}” holds another stream: ${known.stream_id}#${known.stream_partition}.`,
    'Name another table for the sink.',
  )
}

async function readServerColumns(client: PoolClient, schema: string, table: string): Promise<ServerColumn[]> {
  const { rows } = await client.query<ServerColumn>(
    `SELECT column_name AS name, data_type AS type, is_nullable = 'NO' AS "isRequired",
       column_default IS NOT NULL OR is_generated = 'ALWAYS' AS "hasDefault"
     FROM information_schema.columns WHERE table_schema = $1 AND table_name = $2 ORDER BY ordinal_position`,
    [schema, table],
  )
  return rows
}

/** What was written of a table that somebody has dropped is written anew. */
async function makeTable(client: PoolClient, definition: SinkDefinition, isKnown: boolean): Promise<void> {
  const { table, streamId, partition } = definition
  if (isKnown) {
    for (const meta of ['tidemark_sinks', 'tidemark_sink_columns', 'tidemark_sink_buckets']) {
      await client.query(`DELETE FROM ${meta} WHERE table_name = $1`, [table])
    }
  }
  await client.query(createTableSql(table))
  await client.query(createClosedIndexSql(table))
  await client.query(
    `INSERT INTO tidemark_sinks (table_name, stream_id, stream_partition, format, row_count, unfit, omitted, made_at)
     VALUES ($1, $2, $3, $4, 0, 0, 0, clock_timestamp())`,
    [table, storablePath(streamId), partition, TABLE_FORMAT],
  )
}

async function openColumns(
  client: PoolClient,
  { table, types }: SinkDefinition,
  columns: readonly ServerColumn[],
): Promise<SinkColumns> {
  const { rows } = await client.query<{ path: string; name: string; type: string }>(
    `SELECT path, column_name AS name, column_type AS type FROM tidemark_sink_columns
     WHERE table_name = $1`,
    [table],
  )
  // In the order in which they stand in the table, which is that of its view.
  const position = new Map(columns.map(({ name }, at) => [name, at]))
  const fields = rows
    .map(({ path, name, type }): SinkColumn => ({ path, name, type: columnTypeOf(type, table) }))
    .sort((a, b) => (position.get(a.name) ?? 0) - (position.get(b.name) ?? 0))
  const byName = new Map(columns.map((column) => [column.name, column]))
  const expected = [
    ...OWN_COLUMNS.map(([name, type]) => [name, type] as const),
    ...fields.map(({ name, type }) => [name, FULL_TYPES[type]] as const),
  ]
  for (const [name, type] of expected) {
    const found = byName.get(name)
    if (found?.type !== type) {
      throw shapeError(
        table,
        found === undefined
          ? `its column “${name}” is not there any more`
          : `its column “${name}” is of the type ${found.type} and not ${type} any more`,
      )
    }
    byName.delete(name)
  }
  const inTheWay = [...byName.values()].find(({ isRequired, hasDefault }) => isRequired && !hasDefault)
  if (inTheWay !== undefined) {
    throw shapeError(table, `its column “${inTheWay.name}” was added by somebody else and must have a value`)
  }
  const chosen = new Map(types.map(({ path, type }) => [storablePath(path), type]))
  return new SinkColumns(
    fields,
    columns.map(({ name }) => name),
    chosen,
  )
}

function columnTypeOf(type: string, table: string): ColumnType {
  const known = COLUMN_TYPES.find((one) => one === type)
  if (known === undefined) throw shapeError(table, `it has columns of the type ${type}, which is not known`)
  return known
}

function shapeError(table: string, what: string): TidemarkError {
  return new TidemarkError(
    'database-unsuitable',
    `The table “${table}” has another shape than this sink left it in: ${what}. Nothing was changed.`,
    'Give it back its shape, or name another table for the sink; the history is written there again.',
  )
}
