import type { ColumnType } from '../../../shared/sink.ts'
import { quoteName } from './column-names.ts'

/** The sink's own columns, first in every table. Names, types and meanings are part of docs/SQL.md. */
export const OWN_COLUMNS = [
  ['tm_time', 'timestamp with time zone', 'NOT NULL'],
  ['tm_sequence', 'integer', 'NOT NULL'],
  ['tm_publisher', 'text', 'NOT NULL'],
  ['tm_chain', 'text', 'NOT NULL'],
  ['tm_partition', 'integer', 'NOT NULL'],
  ['tm_id', 'bytea', 'NOT NULL'],
  ['tm_digest', 'bytea', 'NOT NULL'],
  ['tm_signature', 'bytea', 'NOT NULL'],
  ['tm_verdict', 'text', 'NOT NULL'],
  ['tm_reason', 'text', 'NOT NULL'],
  ['tm_equivocation', 'boolean', 'NOT NULL'],
  ['tm_received_at', 'timestamp with time zone', 'NOT NULL'],
  ['tm_encrypted', 'boolean', 'NOT NULL'],
  ['tm_closed_key', 'text', ''],
  ['tm_omitted', 'integer', 'NOT NULL'],
  ['tm_rest', 'jsonb', ''],
] as const

/** How the server itself calls the types of columns. */
export const FULL_TYPES: Record<ColumnType, string> = {
  'double precision': 'double precision',
  boolean: 'boolean',
  text: 'text',
  bigint: 'bigint',
  timestamptz: 'timestamp with time zone',
}

/** Tables of all sinks in a schema. `table_name` stands for the table of a sink beside them. */
export const META_TABLES = [
  `CREATE TABLE IF NOT EXISTS tidemark_sinks (
     table_name text PRIMARY KEY,
     stream_id text NOT NULL,
     stream_partition integer NOT NULL,
     format integer NOT NULL,
     row_count bigint NOT NULL,
     unfit bigint NOT NULL,
     omitted bigint NOT NULL,
     made_at timestamp with time zone NOT NULL,
     written_at timestamp with time zone
   )`,
  `CREATE TABLE IF NOT EXISTS tidemark_sink_columns (
     table_name text NOT NULL,
     path text NOT NULL,
     column_name text NOT NULL,
     column_type text NOT NULL,
     added_at timestamp with time zone NOT NULL,
     PRIMARY KEY (table_name, path)
   )`,
  `CREATE TABLE IF NOT EXISTS tidemark_sink_buckets (
     table_name text NOT NULL,
     width_ms bigint NOT NULL,
     starts_at bigint NOT NULL,
     verified bigint NOT NULL,
     digest_sum bytea NOT NULL,
     others_sum bytea,
     PRIMARY KEY (table_name, width_ms, starts_at)
   )`,
]

/** Number of the format above; what a newer version wrote is refused. */
export const TABLE_FORMAT = 1

export function createTableSql(table: string): string {
  const columns = OWN_COLUMNS.map(([name, type, rule]) => `${name} ${type} ${rule}`.trim())
  return `CREATE TABLE ${quoteName(table)} (${columns.join(', ')}, PRIMARY KEY (tm_time, tm_id))`
}

/** Finds what waits for a key without reading the rest. */
export function createClosedIndexSql(table: string): string {
  const name = quoteName(`${table}_closed`)
  return `CREATE INDEX IF NOT EXISTS ${name} ON ${quoteName(table)} (tm_closed_key, tm_publisher, tm_time) WHERE tm_closed_key IS NOT NULL`
}
