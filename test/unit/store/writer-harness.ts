import { join } from 'node:path'
import type Database from 'better-sqlite3'
import { encodeVerifiedBatch, readVerifiedBatch } from '../../../electron/node/message/verified-batch.ts'
import type {
  AppendResult,
  RefusedMessage,
  VerdictUpdate,
  VerifiedMessage,
} from '../../../electron/node/ports.ts'
import { openForWriting } from '../../../electron/node/store/database.ts'
import { migrate } from '../../../electron/node/store/migrate.ts'
import { sqliteConnection } from '../../../electron/node/store/sqlite-connection.ts'
import type { RebuildProgress } from '../../../electron/node/store/write/rebuilder.ts'
import { StoreWriter } from '../../../electron/node/store/write/store-writer.ts'
import { streamPartId } from '../../../shared/message.ts'
import { verdictCode, verdictReasonCode } from '../../../shared/verdict.ts'
import { temporaryFolder } from './store-folder.ts'

/** The writer of a store on its own file, without threads. */
export interface WriterHarness {
  db: Database.Database
  writer: StoreWriter
  append(messages: readonly VerifiedMessage[], refused?: readonly RefusedMessage[]): AppendResult
  decide(updates: readonly VerdictUpdate[]): void
  rebuild(): void
  /** Everything derived from messages, row by row. */
  derived(): Record<string, unknown[]>
  close(): void
}

export function openWriter(): WriterHarness {
  const folder = temporaryFolder()
  const db = openForWriting(join(folder.path, 'messages.sqlite'))
  // Nothing here outlives the test, and syncing is what it would spend its time with.
  db.pragma('synchronous = OFF')
  migrate(db)
  const writer = new StoreWriter(sqliteConnection(db))
  return {
    db,
    writer,
    append: (messages, refused = []) => {
      const [result] = writer.append([readVerifiedBatch(encodeVerifiedBatch(messages, refused))])
      return result as AppendResult
    },
    decide: (updates) => {
      writer.decide(
        updates.map(({ id, digest, verdict, reason, raw }) => ({
          part: streamPartId(id.streamId, id.partition),
          key: { ...id, digest },
          verdict: verdictCode(verdict),
          reason: verdictReasonCode(reason),
          raw,
        })),
      )
    },
    rebuild: () => {
      for (const part of writer.parts()) {
        let progress: RebuildProgress | null = {
          part,
          stage: 'chains',
          publisher: 0,
          from: 0,
          messagesRead: 0,
        }
        while (progress !== null) progress = writer.rebuildSlice(progress)
      }
    },
    derived: () => {
      const rows = (sql: string): unknown[] => db.prepare(sql).raw().all()
      return {
        parts: rows(
          'SELECT name, verified, pending, unauthorised, forged, bytes, equivocations, gaps FROM parts ORDER BY 1',
        ),
        part_buckets: rows('SELECT * FROM part_buckets ORDER BY part, level, bucket'),
        publisher_buckets: rows(
          'SELECT * FROM publisher_buckets ORDER BY part, publisher, level, chunk, bucket',
        ),
        gaps: rows('SELECT * FROM gaps ORDER BY 1, 2, 3, 4, 5, 6, 7'),
        chain_states: rows('SELECT * FROM chain_states ORDER BY 1, 2, 3'),
      }
    },
    close: () => {
      db.close()
      folder.remove()
    },
  }
}
