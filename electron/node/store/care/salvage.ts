import { existsSync, renameSync, rmSync } from 'node:fs'
import Database from 'better-sqlite3'
import { encodeVerifiedBatch, readVerifiedBatch } from '../../message/verified-batch.ts'
import type { VerifiedMessage } from '../../ports.ts'
import { openForWriting } from '../database.ts'
import { migrate } from '../migrate.ts'
import { sqliteConnection } from '../sqlite-connection.ts'
import { StoreWriter } from '../write/store-writer.ts'
import { type DamagedStretch, SalvageReader } from './salvage-reader.ts'

export interface SalvageReport {
  messages: number
  damages: DamagedStretch[]
  /** The damaged file, kept for whoever wants to look into it. */
  setAside: string
}

const BATCH_MESSAGES = 1_000

/**
 * Moves what can be read of a damaged file into a fresh one. Each message is decoded and its digest compared, so
 * that nothing damaged is ever served; everything derived is made anew. What could not be read is named, by part
 * and stretch of time, in the fresh file. The damaged file is set aside beside it.
 * @param now ms since the epoch, for the name of the file set aside
 */
export function salvage(file: string, now: number): SalvageReport {
  const fresh = `${file}.salvaging`
  for (const ending of ['', '-wal', '-shm']) rmSync(fresh + ending, { force: true })
  const setAside = `${file}.damaged-${new Date(now).toISOString().replaceAll(':', '-')}`
  const source = new Database(file, { readonly: true })
  const target = openForWriting(fresh)
  try {
    migrate(target)
    const report = move(source, target, now, setAside)
    source.close()
    target.pragma('wal_checkpoint(TRUNCATE)')
    target.close()
    for (const ending of ['', '-wal', '-shm']) {
      if (existsSync(file + ending)) renameSync(file + ending, setAside + ending)
    }
    renameSync(fresh, file)
    return report
  } finally {
    if (source.open) source.close()
    if (target.open) target.close()
  }
}

function move(
  source: Database.Database,
  target: Database.Database,
  now: number,
  setAside: string,
): SalvageReport {
  const reader = new SalvageReader(source)
  const writer = new StoreWriter(sqliteConnection(target))
  let batch: VerifiedMessage[] = []
  let messages = 0
  const flush = (): void => {
    if (batch.length === 0) return
    const [result] = writer.append([readVerifiedBatch(encodeVerifiedBatch(batch))])
    messages += result?.stored ?? 0
    batch = []
  }
  for (const message of reader.messages()) {
    if (batch.push(message) === BATCH_MESSAGES) flush()
  }
  flush()
  const parts = reader.parts()
  const restore = target.prepare(
    `UPDATE parts SET retention_age_ms = @retention_age_ms, retention_bytes = @retention_bytes,
       dropped = @dropped, dropped_before = @dropped_before WHERE name = @name`,
  )
  for (const part of parts) {
    writer.setRetention(part.name, { maxAgeMs: null, maxBytes: null })
    restore.run(part)
  }
  const dropped = target.prepare(
    `INSERT OR IGNORE INTO drops (part, from_timestamp, to_timestamp, messages, bytes)
     SELECT id, @from_timestamp, @to_timestamp, @messages, @bytes FROM parts WHERE name = @name`,
  )
  for (const drop of reader.drops()) dropped.run(drop)
  const remember = target.prepare(
    'INSERT INTO damages (part, from_timestamp, to_timestamp, found_at, set_aside) VALUES (?, ?, ?, ?, ?)',
  )
  for (const { part, from, to } of reader.damages) remember.run(part, from, to, now, setAside)
  return { messages, damages: [...reader.damages], setAside }
}
