import { VERDICTS } from '../../shared/verdict.ts'
import { decodeStreamMessage } from './message/decode.ts'
import { parseJsonContent } from './message/json-content.ts'
import { MessageRefused } from './message/message-refused.ts'
import { plainContent } from './message/open-content.ts'
import { CONTENT_TYPE } from './message/stream-message.ts'
import type { RuleMessage } from './rules/evaluator/rule-message.ts'
import type { RuleCursor, RulePage, RuleSource } from './rules/ports.ts'
import { ContentKeys } from './store/content-keys.ts'
import { openForReading } from './store/database.ts'
import { lookUpNames } from './store/read/name-lookup.ts'
import { type PageCursor, PageReader } from './store/read/page-reader.ts'
import { MAX_SEQUENCE, planQuery } from './store/read/query-plan.ts'
import type { MessageColumns } from './store/read/row-columns.ts'
import { SparseStretches } from './store/read/sparse-stretches.ts'
import { Statements } from './store/read/statements.ts'
import { FLAG_EQUIVOCATION } from './store/write/message-entry.ts'

/** Stored messages for rules, read from the store's file on the thread that judges: nothing is copied between threads. */
export function openStoredRuleSource(file: string): RuleSource {
  const db = openForReading(file)
  const statements = new Statements(db)
  const names = lookUpNames(db)
  const keys = new ContentKeys(db)
  const pages = new PageReader(statements, names, new SparseStretches(statements))
  const hasUnproven = (part: number): boolean =>
    statements.value<number>('SELECT 1 FROM unproven WHERE part = ? LIMIT 1', part) !== undefined
  const findKey = (publisher: string, keyId: string) => keys.find(publisher, keyId)

  const toRuleMessage = (row: MessageColumns): RuleMessage => {
    const [timestamp, sequence, publisher, chain, , verdict, , flags, , , raw] = row
    return {
      timestamp,
      sequence,
      publisher: names.publishers.nameOf(publisher),
      chain: names.chains.nameOf(chain),
      verdict,
      // The store keeps names of publishers by number once their signature is proven.
      isSigned: typeof publisher === 'number',
      equivocation: (flags & FLAG_EQUIVOCATION) !== 0,
      ...readRaw(raw, findKey),
    }
  }

  return {
    read(part, from, to, cursor, limit): RulePage {
      const range = { from: { timestamp: from, sequence: 0 }, to: { timestamp: to, sequence: MAX_SEQUENCE } }
      const selection = planQuery({ part, ...range, verdicts: VERDICTS }, names, hasUnproven)
      if (selection === null) return { messages: [], next: null }
      const start = (cursor as PageCursor | null) ?? { ...range.from, key: null, skip: 0 }
      const { rows, next } = pages.read(selection, start, limit)
      return { messages: rows.map(toRuleMessage), next: next as RuleCursor | null }
    },
    publishersIn(part, from, to, limit): string[] {
      const id = names.parts.idOf(part)
      if (id === undefined || to < from) return []
      // Verified ones: others prove no life.
      const found = statements
        .rows<[number]>(
          `SELECT DISTINCT publisher FROM (SELECT publisher FROM messages NOT INDEXED
           WHERE part = ? AND timestamp BETWEEN ? AND ? AND verdict = 0
           ORDER BY timestamp DESC, sequence DESC LIMIT ?)`,
        )
        .all(id, from, to, limit)
      return found.map(([publisher]) => names.publishers.nameOf(publisher))
    },
    close: () => db.close(),
  }
}

type OfRaw = Pick<RuleMessage, 'previous' | 'content' | 'isClosed' | 'sizeBytes'>

const NOTHING: OfRaw = { previous: undefined, content: undefined, isClosed: false, sizeBytes: 0 }

function readRaw(
  raw: Uint8Array,
  findKey: (publisher: string, keyId: string) => Uint8Array | undefined,
): OfRaw {
  try {
    const { id, previous, body } = decodeStreamMessage(raw)
    if (body.kind !== 'content') return { ...NOTHING, previous }
    const plain = plainContent(id.publisher, body, findKey)
    if (plain === undefined)
      return { previous, content: undefined, isClosed: true, sizeBytes: body.content.length }
    const content = body.contentType === CONTENT_TYPE.json ? parseJsonContent(plain).value : undefined
    return { previous, content, isClosed: false, sizeBytes: plain.length }
  } catch (error) {
    if (error instanceof MessageRefused) return NOTHING
    throw error
  }
}
