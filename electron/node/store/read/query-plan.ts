import type { MessageRef } from '../../../../shared/message.ts'
import { VERDICTS, verdictCode } from '../../../../shared/verdict.ts'
import type { MessageQuery } from '../../ports.ts'
import type { Dialect } from '../dialect.ts'
import { FORGED, MARK_FLAGS, PENDING, VERIFIED } from '../write/message-entry.ts'
import type { Names } from './name-lookup.ts'
import { MESSAGE_COLUMNS } from './row-columns.ts'

/** What a query selects, in the terms of the tables. */
export interface Selection {
  part: number
  descending: boolean
  /** Bit `v` is set when verdict `v` is wanted. */
  verdicts: number
  /** Undefined: any. In `messages` by number, in `unproven` by name. */
  publisher: { id: number; name: string } | undefined
  chain: { id: number; name: string } | undefined
  /** Flags of which a message has at least one; 0: whatever it has. */
  marks: number
  /** Whether `unproven` has to be read as well. */
  unproven: boolean
  from: MessageRef
  to: MessageRef
}

export const MAX_SEQUENCE = 2_147_483_647
export const FIRST_REF: MessageRef = { timestamp: 0, sequence: 0 }
export const LAST_REF: MessageRef = { timestamp: Number.MAX_SAFE_INTEGER, sequence: MAX_SEQUENCE }

/** What a query selects when it names no verdicts: all but forged messages, which nobody sent. */
const DEFAULT_VERDICTS = VERDICTS.filter((verdict) => verdict !== 'forged')

/**
 * Translates a query; null when nothing stored can match it.
 * @param hasUnproven whether a part has messages whose signature is bad or not decided
 */
export function planQuery(
  query: MessageQuery,
  names: Names,
  hasUnproven: (part: number) => boolean,
): Selection | null {
  const part = names.parts.idOf(query.part)
  if (part === undefined) return null
  const verdicts = (query.verdicts ?? DEFAULT_VERDICTS).reduce(
    (mask, verdict) => mask | (1 << verdictCode(verdict)),
    0,
  )
  return {
    part,
    descending: query.order === 'descending',
    verdicts,
    publisher: named(query.publisher, (name) => names.publishers.idOf(name)),
    chain: named(query.chain, (name) => names.chains.idOf(name)),
    marks: (query.marks ?? []).reduce((mask, mark) => mask | MARK_FLAGS[mark], 0),
    unproven: (verdicts & ((1 << PENDING) | (1 << FORGED))) !== 0 && hasUnproven(part),
    from: query.from ?? FIRST_REF,
    to: query.to ?? LAST_REF,
  }
}

/** The position behind `at` in the order of the selection; null when it is out of its bounds. */
export function positionBehind(selection: Selection, at: MessageRef): MessageRef | null {
  const { timestamp, sequence } = at
  const next = selection.descending
    ? sequence > 0
      ? { timestamp, sequence: sequence - 1 }
      : { timestamp: timestamp - 1, sequence: MAX_SEQUENCE }
    : sequence < MAX_SEQUENCE
      ? { timestamp, sequence: sequence + 1 }
      : { timestamp: timestamp + 1, sequence: 0 }
  const isWithin = selection.descending ? !isBefore(next, selection.from) : !isBefore(selection.to, next)
  return isWithin ? next : null
}

function isBefore(a: MessageRef, b: MessageRef): boolean {
  return a.timestamp < b.timestamp || (a.timestamp === b.timestamp && a.sequence < b.sequence)
}

/**
 * Whether the selection leaves out most messages: the pyramid tells where those are that are not verified, an index
 * where the marked ones are.
 */
export function isSparse({ verdicts, marks }: Selection): boolean {
  return marks !== 0 || (verdicts & (1 << VERIFIED)) === 0
}

/** A name nobody has matches nothing: no row has the number -1. */
function named(
  name: string | undefined,
  idOf: (name: string) => number | undefined,
): { id: number; name: string } | undefined {
  return name === undefined ? undefined : { id: idOf(name) ?? -1, name }
}

/**
 * SQL for rows of a selection between two positions, both inclusive, in order of (timestamp, sequence). Verdict
 * and chain are not filtered here: the reader does, so that it can bound the rows it looks through.
 * Parameters: those of `boundsOf`, then the number of rows.
 */
export function rangeSql(selection: Selection, dialect: Dialect, columns: string = MESSAGE_COLUMNS): string {
  const direction = selection.descending ? 'DESC' : 'ASC'
  const range = '(timestamp, sequence) >= (?, ?) AND (timestamp, sequence) <= (?, ?)'
  const byPublisher = selection.publisher === undefined ? '' : 'publisher = ? AND '
  const index = selection.publisher === undefined ? 'NOT INDEXED' : 'INDEXED BY messages_by_publisher'
  const order = `ORDER BY 1 ${direction}, 2 ${direction} LIMIT ?`
  const stored = (shown: string): string =>
    `SELECT ${shown} FROM messages ${index} WHERE part = ? AND ${byPublisher}${range}`
  if (!selection.unproven) return `${stored(columns)} ${order}`
  const among = amongNames(columns.split(', '), dialect).join(', ')
  return `${stored(among)} UNION ALL SELECT ${columns} FROM unproven WHERE part = ? AND ${byPublisher}${range} ${order}`
}

/** Columns of `messages` as they stand in a UNION with those of `unproven`, where publisher and chain are names. */
export function amongNames(columns: readonly string[], dialect: Dialect, table = ''): string[] {
  return columns.map((column) =>
    column === 'publisher' || column === 'chain'
      ? `${dialect.numberAmongNames(`${table}${column}`)} AS ${column}`
      : `${table}${column} AS ${column}`,
  )
}

/** Values for the parameters of `rangeSql`, without the number of rows. */
export function boundsOf(selection: Selection, from: MessageRef, to: MessageRef): (number | string)[] {
  const { part, publisher } = selection
  const range = [from.timestamp, from.sequence, to.timestamp, to.sequence]
  const stored = publisher === undefined ? [part, ...range] : [part, publisher.id, ...range]
  if (!selection.unproven) return stored
  return [...stored, part, ...(publisher === undefined ? [] : [publisher.name]), ...range]
}

/**
 * SQL for the messages of one position in their total order (publisher, chain, digest, copy), from behind a key.
 * Parameters: part, timestamp, sequence; the same for `unproven`; the key; the number of rows.
 */
export function groupSql(selection: Selection, hasKey: boolean, dialect: Dialect): string {
  const direction = selection.descending ? 'DESC' : 'ASC'
  const columns = MESSAGE_COLUMNS.split(', ')
  const stored = amongNames(columns, dialect, 'm.').join(', ')
  const at = 'part = ? AND timestamp = ? AND sequence = ?'
  const parts = [
    `SELECT ${stored}, p.name AS p, c.name AS c, ${dialect.emptyBytes} AS copy FROM messages m
     JOIN publishers p ON p.id = m.publisher JOIN chains c ON c.id = m.chain WHERE ${at}`,
  ]
  if (selection.unproven) {
    parts.push(`SELECT ${MESSAGE_COLUMNS}, publisher, chain, copy FROM unproven WHERE ${at}`)
  }
  const behind = hasKey ? `WHERE (p, c, digest, copy) ${selection.descending ? '<' : '>'} (?, ?, ?, ?)` : ''
  const order = ['p', 'c', 'digest', 'copy'].map((column) => `${column} ${direction}`).join(', ')
  return `SELECT ${MESSAGE_COLUMNS}, p, c, copy FROM (${parts.join(' UNION ALL ')}) AS group_rows ${behind} ORDER BY ${order} LIMIT ?`
}
