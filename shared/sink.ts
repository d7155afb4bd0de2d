/** Sinks: streams that are written into tables of a PostgreSQL-wire database while they are stored. */
import { z } from 'zod'
import { type DatabaseServer, databasePasswordInput, databaseServerInput } from './database.ts'
import type { ErrorView } from './errors.ts'
import { fieldPathInput, partInput } from './inputs.ts'

/** Each sink takes a turn at one of the few connections; more of them are better served by several nodes. */
export const MAX_SINKS = 64
/** Fields whose type is said beforehand. */
const MAX_CHOSEN_TYPES = 256
/** PostgreSQL's names have 63 bytes; some are left for what is derived from them. */
export const MAX_TABLE_NAME_LENGTH = 48

/** Names that the sink's own views have, beside one for each table. */
export const OWN_VIEWS = ['sinks', 'sink_columns'] as const

/** Written without quotes in every statement of an analyst, so of plain letters. */
export const sinkTableInput = z
  .string()
  .max(MAX_TABLE_NAME_LENGTH)
  .regex(/^[a-z_][a-z0-9_]*$/, 'a table is named with small letters, digits and underscores')
  .refine(
    (name) => !name.startsWith('tidemark_'),
    'names that begin with tidemark_ are kept for Tidemark’s own tables',
  )
  .refine((name) => !(OWN_VIEWS as readonly string[]).includes(name), 'this name is kept for a view')

/** Types a column may have; the first three are found by themselves. */
export const COLUMN_TYPES = ['double precision', 'boolean', 'text', 'bigint', 'timestamptz'] as const
export type ColumnType = (typeof COLUMN_TYPES)[number]
export const columnTypeInput = z.enum(COLUMN_TYPES)

export const sinkInput = z.strictObject({
  part: partInput,
  /** What follows from the stream's id when it is left out. */
  table: sinkTableInput.optional(),
  /** Types of fields that are to differ from what would be found. */
  types: z
    .array(z.strictObject({ path: fieldPathInput, type: columnTypeInput }))
    .max(MAX_CHOSEN_TYPES)
    .default([]),
})
export type SinkInput = z.infer<typeof sinkInput>

/** A role is named as a schema is; those that begin with pg_ are the server's own. */
export const readerRoleInput = z.strictObject({
  role: z
    .string()
    .regex(/^[a-z_][a-z0-9_]{0,62}$/, 'a role is named with small letters, digits and underscores')
    .refine((role) => !role.startsWith('pg_'), 'names that begin with pg_ are the server’s own'),
})

/** The database of the sinks; a password that is left out stays what it was. */
export const sinkDatabaseInput = z.strictObject({
  server: databaseServerInput,
  password: databasePasswordInput.nullable().optional(),
})

/**
 * `connecting`: not at the table yet; `filling`: history is being written; `live`: what is stored is written at once;
 * `waiting`: something is in the way and it is tried again; `paused`: by the user.
 */
export const SINK_STATES = ['connecting', 'filling', 'live', 'waiting', 'paused'] as const
export type SinkState = (typeof SINK_STATES)[number]

export interface SinkView {
  table: string
  part: string
  state: SinkState
  /** Rows in the table, as far as known; null before it was reached. */
  rows: number | null
  /** Rows written since the node's start: new ones, and ones whose verdict or content changed. */
  written: number
  changed: number
  /** Columns that fields have. */
  columns: number
  /** Values that did not fit their column and stand in `tm_rest` instead, over the life of the table. */
  unfit: number
  /** Values beyond the bounds on what is taken of one message, over the life of the table. */
  omitted: number
  /** How long the oldest stored message waits that is not in the table yet, ms; 0 when none does. */
  lagMs: number
  /** Stored messages that are still to be written, about; null when not counted. */
  behind: number | null
  /** Message time the filling has come to, ms. */
  position: number | null
  lastWriteAt: number | null
  problem: ErrorView | null
  nextAttemptAt: number | null
}

export interface SinksView {
  /** Null while none was set. */
  server: DatabaseServer | null
  hasPassword: boolean
  sinks: SinkView[]
}
