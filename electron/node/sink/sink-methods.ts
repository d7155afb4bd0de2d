import type { PoolClient } from 'pg'
import { TidemarkError } from '../../../shared/errors.ts'
import type { Logger } from '../ports.ts'
import { createPostgresPool, type PostgresPool } from '../postgres/postgres-pool.ts'
import type { PostgresTarget } from '../postgres/postgres-target.ts'
import { unsuitableServer } from '../postgres/server-check.ts'
import { type BucketSum, type CompleteBucket, readBuckets } from './bucket-rows.ts'
import { quoteName } from './column-names.ts'
import { instant } from './fit-value.ts'
import { BUCKET_MS, COLUMN_LOCK_TIMEOUT_MS, MAX_CLOSED_MINUTES, MAX_CONNECTIONS } from './limits.ts'
import { type MessageRow, toMessageRow } from './message-rows.ts'
import { openTable, type SinkDefinition } from './open-table.ts'
import { type PackedMessages, unpackMessages } from './packed-messages.ts'
import { type WriteResult, writeRows } from './page-writer.ts'
import type { SinkColumn, SinkColumns } from './sink-columns.ts'
import { FULL_TYPES } from './table-shape.ts'
import { createViews } from './views.ts'

export type { BucketSum, CompleteBucket, WriteResult }

export interface OpenedSink {
  rows: number
  unfit: number
  omitted: number
  columns: number
}

/** What the thread that writes does when it is called. */
export type SinkMethods = ReturnType<typeof createSinkMethods>

interface Table {
  definition: SinkDefinition
  columns: SinkColumns
}

/** A page looks up and writes by key, however many rows the table has: other plans would read all of it. */
const BY_KEY = [
  'SET LOCAL enable_hashjoin = off',
  'SET LOCAL enable_mergejoin = off',
  'SET LOCAL enable_seqscan = off',
]

export function createSinkMethods({ logger }: { logger: Logger }) {
  let target: PostgresTarget | null = null
  let pool: PostgresPool | null = null
  const tables = new Map<string, Table>()

  function connected(): { pool: PostgresPool; schema: string } {
    if (pool !== null && target !== null) return { pool, schema: target.schema }
    throw new TidemarkError('not-running', 'No database is set for the sinks.', 'Set one in the settings.')
  }

  function opened(table: string): Table {
    const known = tables.get(table)
    if (known !== undefined) return known
    throw new TidemarkError('not-running', 'The sink is not open yet.', 'It is opened again by itself.')
  }

  /** Columns are added apart from rows: whoever reads the table is waited for briefly, and holds up nothing else. */
  async function addColumns({ definition, columns }: Table, missing: readonly SinkColumn[]): Promise<void> {
    const { pool: connections, schema } = connected()
    const { table } = definition
    await connections.transaction(async (client) => {
      await client.query(`SET LOCAL lock_timeout = ${COLUMN_LOCK_TIMEOUT_MS}`)
      await lockSink(client, table)
      for (const { path, name, type } of missing) {
        await client.query(
          `ALTER TABLE ${quoteName(table)} ADD COLUMN IF NOT EXISTS ${quoteName(name)} ${FULL_TYPES[type]}`,
        )
        await client.query(
          `INSERT INTO tidemark_sink_columns (table_name, path, column_name, column_type, added_at)
           VALUES ($1, $2, $3, $4, clock_timestamp()) ON CONFLICT DO NOTHING`,
          [table, path, name, type],
        )
      }
      await createViews(client, schema, table, [...columns.all(), ...missing])
    })
    for (const column of missing) columns.add(column)
  }

  return {
    /** Goes over to another database, or another login. */
    connect: async (next: PostgresTarget | null): Promise<void> => {
      const before = pool
      tables.clear()
      target = next
      pool = next === null ? null : createPostgresPool({ target: next, size: MAX_CONNECTIONS, logger })
      // Not waited for: a server that hangs would hold the new one up.
      before?.close().catch(() => undefined)
    },

    open: async (definition: SinkDefinition): Promise<OpenedSink> => {
      const { pool: connections, schema } = connected()
      const { table } = definition
      const { columns, counts } = await connections.transaction(async (client) => {
        await assertSuitable(client)
        const columns = await openTable(client, schema, definition)
        await createViews(client, schema, table, columns.all())
        return { columns, counts: await readCounts(client, table) }
      })
      tables.set(table, { definition, columns })
      return { ...counts, columns: columns.size }
    },

    buckets: async (table: string, width: number, from: number, to: number): Promise<BucketSum[]> =>
      connected().pool.withClient((client) => readBuckets(client, table, width, from, to)),

    /** Writes one page; `complete` as `writeRows` has it. Rows are on the server's disk when this answers. */
    write: async (
      table: string,
      packed: PackedMessages,
      complete: readonly CompleteBucket[] | null,
    ): Promise<WriteResult & { columns: number }> => {
      const open = opened(table)
      const { definition, columns } = open
      const rows = Array.from(unpackMessages(packed), (message) => toMessageRow(definition, message))
      const missing = columns.missing(believedFields(rows))
      if (missing.length > 0) await addColumns(open, missing)
      const result = await connected().pool.transaction(async (client) => {
        for (const sql of BY_KEY) await client.query(sql)
        await lockSink(client, table)
        return writeRows(client, definition, columns, rows, complete)
      })
      return { ...result, columns: columns.size }
    },

    /** Keys that encrypted rows wait for. */
    closedKeys: async (table: string): Promise<{ publisher: string; key: string }[]> => {
      const { rows } = await connected().pool.query(
        `SELECT DISTINCT tm_publisher AS publisher, tm_closed_key AS key FROM ${quoteName(table)}
         WHERE tm_closed_key IS NOT NULL`,
      )
      return rows as { publisher: string; key: string }[]
    },

    /** Starts of the next minutes, behind the one that begins at `after`, with rows that wait for a key. */
    closedMinutes: async (
      table: string,
      publisher: string,
      key: string,
      after: number,
    ): Promise<number[]> => {
      const { rows } = await connected().pool.query(
        `SELECT DISTINCT CAST(floor(extract(epoch FROM tm_time) * 1000 / ${BUCKET_MS}) AS bigint) AS minute
         FROM ${quoteName(table)} WHERE tm_closed_key = $1 AND tm_publisher = $2 AND tm_time >= $3 ORDER BY 1 LIMIT ${MAX_CLOSED_MINUTES}`,
        [key, publisher, instant(after < 0 ? 0 : after + BUCKET_MS)],
      )
      return (rows as { minute: string }[]).map(({ minute }) => Number(minute) * BUCKET_MS)
    },

    /** Carries out statements one after the other, all of them or none. */
    apply: async (statements: readonly string[]): Promise<void> => {
      await connected().pool.transaction(async (client) => {
        for (const sql of statements) await client.query(sql)
      })
    },
  }
}

/** @throws {TidemarkError} when the server is too old, keeps text otherwise, or takes no changes */
async function assertSuitable(client: PoolClient): Promise<void> {
  const { rows } = await client.query<{ number: string; encoding: string; readOnly: string }>(
    `SELECT current_setting('server_version_num') AS number, current_setting('server_encoding') AS encoding,
       current_setting('transaction_read_only') AS "readOnly"`,
  )
  const [facts] = rows
  const problem = facts && unsuitableServer({ ...facts, number: Number(facts.number) })
  if (problem) throw problem
}

/** Whoever writes a table holds its row: several nodes may have the same sink. */
async function lockSink(client: PoolClient, table: string): Promise<void> {
  const { rowCount } = await client.query('SELECT 1 FROM tidemark_sinks WHERE table_name = $1 FOR UPDATE', [
    table,
  ])
  if (rowCount === 1) return
  throw new TidemarkError(
    'database-unsuitable',
    `What was known of the table “${table}” is gone from tidemark_sinks.`,
    'It is looked at again by itself; nothing stored was lost.',
  )
}

async function readCounts(client: PoolClient, table: string): Promise<Omit<OpenedSink, 'columns'>> {
  const { rows } = await client.query<{ rows: string; unfit: string; omitted: string }>(
    'SELECT row_count AS rows, unfit, omitted FROM tidemark_sinks WHERE table_name = $1',
    [table],
  )
  const [row] = rows
  return { rows: Number(row?.rows ?? 0), unfit: Number(row?.unfit ?? 0), omitted: Number(row?.omitted ?? 0) }
}

/** Fields that may have columns: those of messages whose publisher may publish, as far as is known. */
function* believedFields(rows: readonly MessageRow[]): Generator<MessageRow['fields'][number]> {
  for (const { message, fields } of rows) {
    if (message.verdict === 'verified' || message.verdict === 'pending') yield* fields
  }
}
