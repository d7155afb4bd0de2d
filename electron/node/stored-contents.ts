import { PYRAMID_LEVELS_MS } from '../../shared/chart.ts'
import { verdictCode } from '../../shared/verdict.ts'
import { decodeStreamMessage } from './message/decode.ts'
import { MessageRefused } from './message/message-refused.ts'
import { type FindKey, plainContent } from './message/open-content.ts'
import { plainContentOfStored } from './message/stored-content.ts'
import type { BucketStamp, ContentPage, ContentSource, StoredContent } from './schema-marks/ports.ts'
import { ContentKeys } from './store/content-keys.ts'
import { lookUpNames } from './store/read/name-lookup.ts'
import { Statements } from './store/read/statements.ts'
import { openReaderConnection, type StoreLocation } from './store/reader-connection.ts'

/** Behind so many rows of one timestamp, in one of the two tables. */
interface Cursor {
  table: number
  timestamp: number
  skip: number
}

type Row = [timestamp: number, raw: Buffer]

type StampRow = [
  bucket: number,
  bytes: number,
  verified: number,
  pending: number,
  unauthorised: number,
  forged: number,
  fingerprint: Buffer,
]

/** Forged messages nobody sent: they are neither listed nor counted. */
const TABLES = [
  `SELECT timestamp, raw FROM messages NOT INDEXED WHERE part = ? AND timestamp BETWEEN ? AND ?
   ORDER BY timestamp, sequence, publisher, chain, digest LIMIT ? OFFSET ?`,
  `SELECT timestamp, raw FROM unproven WHERE part = ? AND timestamp BETWEEN ? AND ? AND verdict <> ${verdictCode('forged')}
   ORDER BY timestamp, sequence, publisher, chain, digest, copy LIMIT ? OFFSET ?`,
] as const
const STAMPS = `SELECT bucket, bytes, verified, pending, unauthorised, forged, fingerprint FROM part_buckets
  WHERE part = ? AND level = ? AND bucket BETWEEN ? AND ? ORDER BY bucket`
/** So much of a fingerprint tells two apart that nobody made to look alike. */
const FINGERPRINT_BYTES = 8

/** Contents of stored messages, read where they are kept on the thread that judges them. */
export function openStoredContents(location: StoreLocation): ContentSource {
  const { connection, close } = openReaderConnection(location)
  const statements = new Statements(connection)
  const names = lookUpNames(connection)
  const keys = new ContentKeys(connection)
  const findKey: FindKey = (publisher, keyId) => keys.find(publisher, keyId)

  function readTable(part: number, start: Cursor, to: number, limit: number): ContentPage {
    const sql = TABLES[start.table]
    if (sql === undefined) return { contents: [], next: null }
    const rows = statements.rows<Row>(sql).all(part, start.timestamp, to, limit, start.skip)
    return {
      contents: rows.map(
        ([timestamp, raw]): StoredContent => ({ timestamp, content: contentOf(raw, findKey) }),
      ),
      next: rows.length < limit ? null : cursorBehind(rows, start),
    }
  }

  return {
    span(part) {
      const id = names.parts.idOf(part)
      if (id === undefined) return null
      const level = PYRAMID_LEVELS_MS.length - 1
      const levelMs = PYRAMID_LEVELS_MS[level] ?? 0
      const [first, last] =
        statements
          .rows<[number | null, number | null]>(
            'SELECT min(bucket), max(bucket) FROM part_buckets WHERE part = ? AND level = ?',
          )
          .get(id, level) ?? []
      return first == null || last == null ? null : { from: first * levelMs, to: (last + 1) * levelMs - 1 }
    },
    stamps(part, levelMs, from, to) {
      const id = names.parts.idOf(part)
      const level = (PYRAMID_LEVELS_MS as readonly number[]).indexOf(levelMs)
      if (id === undefined || level < 0) return []
      const rows = statements
        .rows<StampRow>(STAMPS)
        .all(id, level, Math.floor(from / levelMs), Math.floor(to / levelMs))
      return rows.map(([bucket, ...counts]) => stampOf(bucket * levelMs, counts))
    },
    read({ part, from, to, cursor, limit }): ContentPage {
      const id = names.parts.idOf(part)
      if (id === undefined) return { contents: [], next: null }
      const start = (cursor as Cursor | null) ?? { table: 0, timestamp: from, skip: 0 }
      const page = readTable(id, start, to, limit)
      if (page.next !== null || start.table > 0) return page
      return { ...page, next: { table: 1, timestamp: from, skip: 0 } satisfies Cursor }
    },
    close,
  }
}

function stampOf(at: number, counts: StampRow extends [number, ...infer Rest] ? Rest : never): BucketStamp {
  const [bytes, verified, pending, unauthorised, forged, fingerprint] = counts
  const sum = Buffer.from(fingerprint).toString('hex', 0, FINGERPRINT_BYTES)
  return { at, stamp: `${bytes} ${verified} ${pending} ${unauthorised} ${forged} ${sum}` }
}

function cursorBehind(rows: readonly Row[], start: Cursor): Cursor {
  const timestamp = rows.at(-1)?.[0] ?? start.timestamp
  let same = 0
  while (rows[rows.length - 1 - same]?.[0] === timestamp) same += 1
  return { table: start.table, timestamp, skip: same + (timestamp === start.timestamp ? start.skip : 0) }
}

function contentOf(raw: Uint8Array, findKey: FindKey): Uint8Array | undefined {
  const plain = plainContentOfStored(raw)
  if (plain !== undefined) return plain
  try {
    const { id, body } = decodeStreamMessage(raw)
    return body.kind === 'content' ? plainContent(id.publisher, body, findKey) : undefined
  } catch (error) {
    // Damaged on disk: a finding of its own, of audits and of the store's own care.
    if (error instanceof MessageRefused) return undefined
    throw error
  }
}
