import type { PoolClient } from 'pg'
import { quoteName } from './column-names.ts'
import { makeSchema } from './open-table.ts'
import type { SinkColumn } from './sink-columns.ts'
import { OWN_COLUMNS } from './table-shape.ts'

/** Schema of the views analysts read; they need no right on the tables behind them. */
export function viewSchema(schema: string): string {
  return `${schema.slice(0, 57)}_views`
}

/** Bytes as the portal and the proofs write them: lower-case hex. */
const SHOWN_AS: Readonly<Record<string, string>> = {
  tm_id: `encode(tm_id, 'hex')`,
  tm_digest: `encode(tm_digest, 'hex')`,
  tm_signature: `encode(tm_signature, 'hex')`,
}

/**
 * Makes the read-only views of a table, or has them follow it. New columns come last, which is the one change
 * PostgreSQL allows of a view that others use.
 */
export async function createViews(
  client: PoolClient,
  schema: string,
  table: string,
  columns: readonly SinkColumn[],
): Promise<void> {
  const views = quoteName(viewSchema(schema))
  await makeSchema(client, viewSchema(schema))
  const own = OWN_COLUMNS.map(([name]) => `${SHOWN_AS[name] ?? name} AS ${name}`)
  const fields = columns.map(({ name }) => quoteName(name))
  const from = `${quoteName(schema)}.${quoteName(table)}`
  await client.query(
    `CREATE OR REPLACE VIEW ${views}.${quoteName(table)} AS SELECT ${[...own, ...fields].join(', ')} FROM ${from}`,
  )
  await client.query(
    `CREATE OR REPLACE VIEW ${views}.sinks AS
     SELECT table_name, stream_id, stream_partition, row_count, unfit, omitted, made_at, written_at
     FROM ${quoteName(schema)}.tidemark_sinks`,
  )
  await client.query(
    `CREATE OR REPLACE VIEW ${views}.sink_columns AS
     SELECT table_name, path, column_name, column_type, added_at FROM ${quoteName(schema)}.tidemark_sink_columns`,
  )
}
