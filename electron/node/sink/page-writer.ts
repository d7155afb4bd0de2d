import type { PoolClient } from 'pg'
import type { Verdict } from '../../../shared/verdict.ts'
import { BucketChanges, type CompleteBucket } from './bucket-rows.ts'
import { quoteName, storablePath } from './column-names.ts'
import { type Fitted, fitValue, instant, restValue } from './fit-value.ts'
import { isBetter, type MessageRow } from './message-rows.ts'
import type { SinkDefinition } from './open-table.ts'
import type { SinkColumns } from './sink-columns.ts'

export interface WriteResult {
  inserted: number
  changed: number
  unfit: number
  omitted: number
}

/** What stands in the table for a message already. */
interface StoredRow {
  at: number
  verdict: Verdict
  reason: string
  equivocation: boolean
  signature: Buffer
  isClosed: boolean
}

/** What became of the fields of one row. */
interface FittedFields {
  values: Map<string, Fitted>
  rest: string | null
  unfit: number
}

/**
 * Writes messages into the table of a sink, each once: what is there already is left, or brought to its present verdict
 * and content. To be called within a transaction that holds the row of the sink.
 * @param complete minutes that end with these rows and were read whole; null when none was meant to be
 */
export async function writeRows(
  client: PoolClient,
  definition: SinkDefinition,
  columns: SinkColumns,
  rows: readonly MessageRow[],
  complete: readonly CompleteBucket[] | null,
): Promise<WriteResult> {
  const distinct = bestOfEach(rows)
  const stored = await readStored(client, definition.table, distinct)
  const buckets = new BucketChanges()
  const written: MessageRow[] = []
  /** Whose fields were not written before. */
  const fresh = new Set<MessageRow>()
  const result: WriteResult = { inserted: 0, changed: 0, unfit: 0, omitted: 0 }
  for (const [at, row] of distinct.entries()) {
    const { verdict, timestamp, digest } = row.message
    const old = stored.get(at)
    if (verdict !== 'verified' || (old !== undefined && old.verdict !== 'verified'))
      buckets.othersTouched(timestamp)
    if (!isNews(row, old)) continue
    written.push(row)
    if (old === undefined || old.isClosed) fresh.add(row)
    buckets.verdictChanged(timestamp, digest, old?.verdict === 'verified', verdict === 'verified')
    if (old === undefined) result.inserted += 1
    else result.changed += 1
  }
  const saved = complete === null ? buckets : new BucketChanges()
  for (const bucket of complete ?? []) saved.setComplete(bucket)
  if (written.length > 0) {
    const fitted = written.map((row) => fitFields(row, columns))
    for (const [at, row] of written.entries()) {
      if (!fresh.has(row)) continue
      result.unfit += fitted[at]?.unfit ?? 0
      result.omitted += row.omitted
    }
    await upsert(client, definition, columns, written, fitted)
  }
  await saved.save(client, definition.table)
  await client.query(
    `UPDATE tidemark_sinks SET row_count = row_count + $2, unfit = unfit + $3, omitted = omitted + $4,
       written_at = clock_timestamp() WHERE table_name = $1`,
    [definition.table, result.inserted, result.unfit, result.omitted],
  )
  return result
}

/** Copies of one content, with signatures that differ, are one row. */
function bestOfEach(rows: readonly MessageRow[]): MessageRow[] {
  const best = new Map<string, MessageRow>()
  for (const row of rows) {
    const key = row.id.toString('latin1')
    const known = best.get(key)
    if (known === undefined || isBetter(row.message.verdict, known.message.verdict)) best.set(key, row)
  }
  return [...best.values()]
}

async function readStored(
  client: PoolClient,
  table: string,
  rows: readonly MessageRow[],
): Promise<Map<number, StoredRow>> {
  const { rows: found } = await client.query<StoredRow>(
    `SELECT k.at, t.tm_verdict AS verdict, t.tm_reason AS reason, t.tm_equivocation AS equivocation,
       t.tm_signature AS signature, t.tm_closed_key IS NOT NULL AS "isClosed"
     FROM unnest($1::integer[], $2::timestamptz[], $3::bytea[]) AS k (at, time, id)
     JOIN ${quoteName(table)} t ON t.tm_time = k.time AND t.tm_id = k.id`,
    [
      rows.map((_, at) => at),
      rows.map(({ message }) => instant(message.timestamp)),
      rows.map(({ id }) => id),
    ],
  )
  return new Map(found.map((row) => [row.at, row]))
}

/** Whether a message is to be written over what stands for it, or for the first time. */
function isNews({ message, signature, closedKey }: MessageRow, old: StoredRow | undefined): boolean {
  // Nobody sent what is forged: it is told only of what was believed before.
  if (old === undefined) return message.verdict !== 'forged'
  const isSameCopy = Buffer.compare(old.signature, signature) === 0
  if (!isSameCopy) return isBetter(message.verdict, old.verdict)
  return (
    old.verdict !== message.verdict ||
    old.reason !== message.reason ||
    old.equivocation !== message.equivocation ||
    (old.isClosed && closedKey === null)
  )
}

function fitFields(row: MessageRow, columns: SinkColumns): FittedFields {
  const values = new Map<string, Fitted>()
  const rest: [string, unknown][] = []
  for (const [path, value] of row.fields) {
    const column = columns.of(path)
    const fitted = column === undefined ? undefined : fitValue(column.type, value)
    if (column === undefined || fitted === undefined) rest.push([path, restValue(value)])
    else values.set(column.name, fitted)
  }
  // Entries, not assignments: a path may be `__proto__`.
  const json = rest.length === 0 ? null : JSON.stringify(Object.fromEntries(rest))
  return { values, rest: json, unfit: rest.length }
}

async function upsert(
  client: PoolClient,
  { table, partition }: SinkDefinition,
  columns: SinkColumns,
  rows: readonly MessageRow[],
  fitted: readonly FittedFields[],
): Promise<void> {
  const parts: [name: string, type: string, values: unknown[]][] = [
    ['tm_time', 'timestamptz', rows.map(({ message }) => instant(message.timestamp))],
    ['tm_sequence', 'integer', rows.map(({ message }) => message.sequence)],
    ['tm_publisher', 'text', rows.map(({ message }) => message.publisher)],
    ['tm_chain', 'text', rows.map(({ message }) => storablePath(message.chain))],
    ['tm_partition', 'integer', rows.map(() => partition)],
    ['tm_id', 'bytea', rows.map(({ id }) => id)],
    ['tm_digest', 'bytea', rows.map(({ message }) => bytesOf(message.digest))],
    ['tm_signature', 'bytea', rows.map(({ signature }) => bytesOf(signature))],
    ['tm_verdict', 'text', rows.map(({ message }) => message.verdict)],
    ['tm_reason', 'text', rows.map(({ message }) => message.reason)],
    ['tm_equivocation', 'boolean', rows.map(({ message }) => message.equivocation)],
    ['tm_received_at', 'timestamptz', rows.map(({ message }) => instant(message.receivedAt))],
    ['tm_encrypted', 'boolean', rows.map(({ message }) => message.encrypted)],
    ['tm_closed_key', 'text', rows.map(({ closedKey }) => closedKey)],
    ['tm_omitted', 'integer', rows.map(({ omitted }) => omitted)],
    ['tm_rest', 'jsonb', fitted.map(({ rest }) => rest)],
  ]
  const used = new Set(fitted.flatMap(({ values }) => [...values.keys()]))
  for (const { name, type } of columns.all()) {
    if (used.has(name)) parts.push([name, type, fitted.map(({ values }) => values.get(name) ?? null)])
  }
  const names = parts.map(([name]) => quoteName(name))
  const sources = parts.map(([, type], at) => `$${at + 1}::${type}[]`)
  const updates = names
    .filter((name) => name !== '"tm_time"' && name !== '"tm_id"')
    .map((name) => `${name} = excluded.${name}`)
  await client.query(
    `INSERT INTO ${quoteName(table)} (${names.join(', ')}) SELECT * FROM unnest(${sources.join(', ')})
     ON CONFLICT (tm_time, tm_id) DO UPDATE SET ${updates.join(', ')}`,
    parts.map(([, , values]) => values),
  )
}

function bytesOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
