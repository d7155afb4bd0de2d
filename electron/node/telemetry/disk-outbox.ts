import { existsSync, renameSync } from 'node:fs'
import Database from 'better-sqlite3'
import { TidemarkError } from '../../../shared/errors.ts'
import { MAX_BATCH_MS } from '../../../shared/sources.ts'
import type { Logger } from '../ports.ts'
import { MAX_OUTBOX_ENTRY_BYTES } from './limits.ts'
import type { Outbox, OutboxEntry } from './outbox.ts'

/** Half a megabyte of pages is all that appending and reading in order needs. */
const CACHE_KIB = 512

const SCHEMA = `
CREATE TABLE IF NOT EXISTS entries (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  timestamp INTEGER NOT NULL,
  source TEXT NOT NULL,
  due_at INTEGER NOT NULL,
  content TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS entries_by_due ON entries (due_at, id);
`

export interface DiskOutboxOptions {
  file: string
  /** Content kept at most; the oldest entries make room. */
  maxBytes: number
  logger: Logger
}

/**
 * An outbox in a small SQLite file, which a crash or a power cut leaves whole (the last second may be missing: the
 * log is not synced for each sample). A file that is damaged is set aside and begun anew.
 * @throws TidemarkError `data-folder-unusable`
 */
export function openDiskOutbox(options: DiskOutboxOptions): Outbox {
  try {
    return new DiskOutbox(openDatabase(options.file), options)
  } catch (error) {
    if (!(error instanceof Database.SqliteError)) throw error
    if (!/^SQLITE_(CORRUPT|NOTADB)/.test(error.code)) throw unusable(options.file, error)
    const aside = `${options.file}.damaged-${Date.now()}`
    for (const suffix of ['', '-wal', '-shm']) {
      if (existsSync(options.file + suffix)) renameSync(options.file + suffix, aside + suffix)
    }
    options.logger.warn({ file: aside }, 'the outbox was damaged; it was set aside and a new one begun')
    return new DiskOutbox(openDatabase(options.file), options)
  }
}

function unusable(file: string, cause: Error): TidemarkError {
  return new TidemarkError(
    'data-folder-unusable',
    `The outbox ${file} cannot be opened.`,
    'Check that its folder is there, belongs to this user and has room.',
    { cause },
  )
}

function openDatabase(file: string): Database.Database {
  const db = new Database(file)
  try {
    db.pragma('journal_mode = WAL')
    db.pragma('synchronous = NORMAL')
    db.pragma(`cache_size = -${CACHE_KIB}`)
    db.pragma('journal_size_limit = 1048576')
    db.exec(SCHEMA)
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

type Row = [id: number, timestamp: number, source: string, dueAt: number, content: string]

class DiskOutbox implements Outbox {
  readonly #db: Database.Database
  readonly #maxBytes: number
  readonly #insert
  readonly #select
  readonly #oldest
  readonly #delete
  #entries: number
  #sizeBytes: number
  #dropped = 0

  constructor(db: Database.Database, { maxBytes }: DiskOutboxOptions) {
    this.#db = db
    this.#maxBytes = maxBytes
    this.#insert = db.prepare('INSERT INTO entries (timestamp, source, due_at, content) VALUES (?, ?, ?, ?)')
    // What is due further ahead than anything is kept back was measured by a clock that has been set back since.
    this.#select = db
      .prepare<unknown[], Row>(
        `SELECT id, timestamp, source, due_at, content FROM entries
         WHERE (due_at, id) > (?, ?) AND (due_at <= ? OR due_at > ?) ORDER BY due_at, id LIMIT ?`,
      )
      .raw()
    this.#oldest = db
      .prepare<[], [number, number, number]>(
        'SELECT id, timestamp, length(CAST(content AS BLOB)) FROM entries ORDER BY id LIMIT 1',
      )
      .raw()
    this.#delete = db
      .prepare('DELETE FROM entries WHERE id = ? RETURNING length(CAST(content AS BLOB))')
      .pluck()
    const [entries, sizeBytes] = db
      .prepare('SELECT count(*), coalesce(sum(length(CAST(content AS BLOB))), 0) FROM entries')
      .raw()
      .get() as [number, number]
    this.#entries = entries
    this.#sizeBytes = sizeBytes
  }

  add({ timestamp, source, dueAt, content }: Omit<OutboxEntry, 'id'>): void {
    const text = JSON.stringify(content)
    const bytes = Buffer.byteLength(text)
    if (bytes > MAX_OUTBOX_ENTRY_BYTES) {
      throw new TidemarkError(
        'invalid-input',
        `A measurement of ${source} has ${bytes} bytes, which is more than is published.`,
        'Pick fewer metrics for this source.',
      )
    }
    while (this.#entries > 0 && this.#sizeBytes + bytes > this.#maxBytes) this.#dropOldest()
    this.#insert.run(timestamp, source, dueAt, text)
    this.#entries += 1
    this.#sizeBytes += bytes
  }

  read(after: { dueAt: number; id: number }, now: number, limit: number): OutboxEntry[] {
    const from = Number.isFinite(after.dueAt) ? after.dueAt : Number.MIN_SAFE_INTEGER
    return this.#select
      .all(from, after.id, now, now + MAX_BATCH_MS, limit)
      .map(([id, timestamp, source, dueAt, content]) => ({
        id,
        timestamp,
        source,
        dueAt,
        content: JSON.parse(content) as Record<string, unknown>,
      }))
  }

  remove(ids: readonly number[]): void {
    if (ids.length === 0) return
    this.#db.transaction(() => {
      for (const id of ids) this.#removeOne(id)
    })()
  }

  clear(): void {
    this.#db.exec('DELETE FROM entries')
    this.#entries = 0
    this.#sizeBytes = 0
  }

  size() {
    return {
      entries: this.#entries,
      sizeBytes: this.#sizeBytes,
      oldestTimestamp: this.#oldest.get()?.[1] ?? null,
      dropped: this.#dropped,
    }
  }

  close(): void {
    if (this.#db.open) this.#db.close()
  }

  #dropOldest(): void {
    const oldest = this.#oldest.get()
    if (oldest === undefined) return
    this.#removeOne(oldest[0])
    this.#dropped += 1
  }

  #removeOne(id: number): void {
    const bytes = this.#delete.get(id) as number | undefined
    if (bytes === undefined) return
    this.#entries -= 1
    this.#sizeBytes -= bytes
  }
}
