import { verdictCode } from '../../shared/verdict.ts'
import { decodeStreamMessage } from './message/decode.ts'
import { parseJsonContent } from './message/json-content.ts'
import { MessageRefused } from './message/message-refused.ts'
import { plainContent } from './message/open-content.ts'
import { plainContentOfStored } from './message/stored-content.ts'
import { CONTENT_TYPE } from './message/stream-message.ts'
import type { RuleMessage } from './rules/evaluator/rule-message.ts'
import type { RulePage, RuleSource } from './rules/ports.ts'
import { ContentKeys } from './store/content-keys.ts'
import type { Dialect } from './store/dialect.ts'
import { lookUpNames } from './store/read/name-lookup.ts'
import { Statements } from './store/read/statements.ts'
import { openReaderConnection, type StoreLocation } from './store/reader-connection.ts'
import { FLAG_EQUIVOCATION } from './store/write/message-entry.ts'

const VERIFIED = verdictCode('verified')
/** What came from the network as it was published; other messages came from nodes that had them. */
const LIVE = 'live'

/** Behind so many rows of one timestamp. */
interface Cursor {
  timestamp: number
  skip: number
}

type Row = [
  timestamp: number,
  sequence: number,
  publisher: number | string,
  chain: number | string,
  previousTimestamp: number | null,
  previousSequence: number | null,
  verdict: number,
  flags: number,
  source: number,
  receivedAt: number,
  raw: Buffer,
]

const COLUMNS =
  'timestamp, sequence, publisher, chain, previous_timestamp, previous_sequence, verdict, flags, source, received_at, raw'
const ORDER = 'ORDER BY timestamp, sequence, publisher, chain, digest LIMIT ? OFFSET ?'
const SIGNED = `SELECT ${COLUMNS} FROM messages NOT INDEXED WHERE part = ? AND timestamp BETWEEN ? AND ? ${ORDER}`
/** Of messages whose signature is not good, rules need no more than that they came. */
function unprovenSql({ emptyBytes }: Dialect): string {
  return `SELECT timestamp, sequence, publisher, chain, NULL, NULL, verdict, 0, source, received_at, ${emptyBytes} FROM unproven
  WHERE part = ? AND timestamp BETWEEN ? AND ? ORDER BY timestamp, sequence LIMIT ? OFFSET ?`
}

/** Stored messages for rules, read where they are kept on the thread that judges: nothing is copied between threads. */
export function openStoredRuleSource(location: StoreLocation): RuleSource {
  const { connection, close } = openReaderConnection(location)
  const statements = new Statements(connection)
  const names = lookUpNames(connection)
  const keys = new ContentKeys(connection)
  const findKey = (publisher: string, keyId: string) => keys.find(publisher, keyId)

  const toRuleMessage = (row: Row, needsContent: boolean): RuleMessage => {
    // By index: a row is taken apart for each message there is, and a pattern would walk it by an iterator.
    const timestamp = row[0]
    const publisher = row[2]
    const previousTimestamp = row[4]
    const verdict = row[6]
    const isLive = names.sources.nameOf(row[8]) === LIVE
    const { content, isClosed, sizeBytes } =
      needsContent && verdict === VERIFIED ? readContent(row[10], findKey) : NO_CONTENT
    return {
      timestamp,
      sequence: row[1],
      publisher: names.publishers.nameOf(publisher),
      chain: names.chains.nameOf(row[3]),
      previous:
        previousTimestamp === null ? undefined : { timestamp: previousTimestamp, sequence: row[5] ?? 0 },
      verdict,
      aliveAt: isLive ? Math.max(timestamp, row[9]) : timestamp,
      // The store keeps names of publishers by number once their signature is proven.
      isSigned: typeof publisher === 'number',
      equivocation: (row[7] & FLAG_EQUIVOCATION) !== 0,
      content,
      isClosed,
      sizeBytes,
    }
  }

  return {
    read({ part, from, to, cursor, limit, needsContent, needsUnproven }): RulePage {
      const id = names.parts.idOf(part)
      if (id === undefined) return { messages: [], next: null }
      const start = (cursor as Cursor | null) ?? { timestamp: from, skip: 0 }
      const rows = statements.rows<Row>(SIGNED).all(id, start.timestamp, to, limit, start.skip)
      const next = rows.length < limit ? null : cursorBehind(rows, start)
      if (needsUnproven) addUnproven(statements, rows, id, start, next === null ? to : next.timestamp - 1)
      return { messages: rows.map((row) => toRuleMessage(row, needsContent)), next }
    },
    close,
  }
}

function cursorBehind(rows: readonly Row[], start: Cursor): Cursor {
  const timestamp = rows.at(-1)?.[0] ?? start.timestamp
  let same = 0
  while (rows[rows.length - 1 - same]?.[0] === timestamp) same += 1
  return { timestamp, skip: same + (timestamp === start.timestamp ? start.skip : 0) }
}

/** Most rows without a good signature that one page takes: the store bounds them, rules need but one. */
const MAX_UNPROVEN_ROWS = 1_000

/** Those of a page's stretch; what shares a timestamp with the next page comes with that one. */
function addUnproven(statements: Statements, rows: Row[], part: number, start: Cursor, to: number): void {
  if (to < start.timestamp) return
  const found = statements
    .rows<Row>(unprovenSql(statements.dialect))
    .all(part, start.timestamp, to, MAX_UNPROVEN_ROWS, 0)
  if (found.length === 0) return
  rows.push(...found)
  rows.sort((a, b) => a[0] - b[0] || a[1] - b[1])
}

type Content = Pick<RuleMessage, 'content' | 'isClosed' | 'sizeBytes'>

const NO_CONTENT: Content = { content: undefined, isClosed: false, sizeBytes: 0 }

type FindKey = (publisher: string, keyId: string) => Uint8Array | undefined

function readContent(raw: Uint8Array, findKey: FindKey): Content {
  const plain = plainContentOfStored(raw)
  if (plain !== undefined) {
    return { content: parseJsonContent(plain).value, isClosed: false, sizeBytes: plain.length }
  }
  try {
    const { id, body } = decodeStreamMessage(raw)
    if (body.kind !== 'content') return NO_CONTENT
    const opened = plainContent(id.publisher, body, findKey)
    if (opened === undefined) return { content: undefined, isClosed: true, sizeBytes: body.content.length }
    const isJson = body.contentType === CONTENT_TYPE.json
    return {
      content: isJson ? parseJsonContent(opened).value : undefined,
      isClosed: false,
      sizeBytes: opened.length,
    }
  } catch (error) {
    if (error instanceof MessageRefused) return NO_CONTENT
    throw error
  }
}
