import type Database from 'better-sqlite3'
import type { SqlConnection } from '../sql-connection.ts'
import { sqliteConnection } from '../sqlite-connection.ts'

/** Room that the store takes. */
export interface StorageUse {
  /** Bytes of the file, of which `freeBytes` hold nothing and are used again before the file grows. */
  fileBytes: number
  freeBytes: number
  parts: PartUse[]
}

export interface PartUse {
  part: string
  messages: number
  /** Raw bytes of its messages. */
  rawBytes: number
  /**
   * Its share of the file: raw bytes, and an equal part for each message of what the store adds (keys, index,
   * pyramid). An estimate: the parts share the pages of the file.
   */
  estimatedBytes: number
}

export function measureStorage(db: Database.Database): StorageUse {
  const pragma = (name: string): number => Number(db.pragma(name, { simple: true }))
  const pageBytes = pragma('page_size')
  const fileBytes = pragma('page_count') * pageBytes
  return shareStorage(sqliteConnection(db), fileBytes, pragma('freelist_count') * pageBytes)
}

/** Gives each part its share of what the store takes in all. */
export function shareStorage(db: SqlConnection, fileBytes: number, freeBytes: number): StorageUse {
  const rows = db
    .prepare<[], { part: string; messages: number; rawBytes: number }>(
      `SELECT name AS part, verified + pending + unauthorised + forged AS messages, bytes AS "rawBytes"
       FROM parts ORDER BY name`,
    )
    .all()
  const sum = (figure: 'messages' | 'rawBytes'): number => rows.reduce((total, row) => total + row[figure], 0)
  const overhead = Math.max(0, fileBytes - freeBytes - sum('rawBytes')) / Math.max(1, sum('messages'))
  return {
    fileBytes,
    freeBytes,
    parts: rows.map((row) => ({
      ...row,
      estimatedBytes: Math.round(row.rawBytes + row.messages * overhead),
    })),
  }
}
