import { type MessageId, streamPartId } from '../../../../shared/message.ts'
import type { ChainNeighbours, GapRecord } from '../../ports.ts'
import type { MessagePage } from '../message-page.ts'
import { packPage } from '../message-page.ts'
import type { Names } from './name-lookup.ts'
import { MESSAGE_COLUMNS, type MessageColumns } from './row-columns.ts'
import type { Statements } from './statements.ts'

/** Messages of a chain looked through for the one that names a given predecessor. */
const MAX_FOLLOWERS = 16

/** Looks up single messages and their chains. */
export class MessageLookup {
  readonly #statements: Statements
  readonly #names: Names

  constructor(statements: Statements, names: Names) {
    this.#statements = statements
    this.#names = names
  }

  /** All contents stored for one id, those with a good signature first. */
  get(id: MessageId): MessagePage {
    const key = this.#keyOf(id)
    if (key === undefined) return packPage([], this.#names)
    const at = 'part = ? AND timestamp = ? AND sequence = ? AND publisher = ? AND chain = ?'
    const rows: MessageColumns[] = []
    for (const [table, publisher, chain] of [
      ['messages', key.publisher, key.chain],
      ['unproven', id.publisher, id.chain],
    ] as const) {
      const statement = this.#statements.rows<MessageColumns>(
        `SELECT ${MESSAGE_COLUMNS} FROM ${table} WHERE ${at} ORDER BY digest`,
      )
      rows.push(...statement.all(key.part, id.timestamp, id.sequence, publisher, chain))
    }
    return packPage(rows, this.#names)
  }

  neighbours(id: MessageId): ChainNeighbours {
    const key = this.#keyOf(id)
    if (key === undefined) return { previous: null, next: null }
    return { previous: this.#previous(id, key), next: this.#next(id, key) }
  }

  /** Open gaps of a part, the newest first. What lies before the first message of a chain is history, no gap. */
  gaps(part: string, limit: number): GapRecord[] {
    const id = this.#names.parts.idOf(part)
    if (id === undefined) return []
    const rows = this.#statements.rows<[number, number, number, number, number, number]>(
      `SELECT g.publisher, g.chain, missing_timestamp, missing_sequence, named_by_timestamp, named_by_sequence
       FROM gaps g INDEXED BY gaps_by_namer
       JOIN chain_states s ON s.part = g.part AND s.publisher = g.publisher AND s.chain = g.chain
       WHERE g.part = ? AND (missing_timestamp, missing_sequence) >= (first_timestamp, first_sequence)
       ORDER BY named_by_timestamp DESC LIMIT ?`,
    )
    return rows.all(id, limit).map(([publisher, chain, timestamp, sequence, namedAt, namedSequence]) => ({
      part,
      publisher: this.#names.publishers.nameOf(publisher),
      chain: this.#names.chains.nameOf(chain),
      missing: { timestamp, sequence },
      namedBy: { timestamp: namedAt, sequence: namedSequence },
    }))
  }

  #previous(id: MessageId, key: Key): ChainNeighbours['previous'] {
    const named = 'previous_timestamp, previous_sequence'
    const at = 'part = ? AND timestamp = ? AND sequence = ? AND publisher = ? AND chain = ?'
    const row = this.#statements
      .rows<[number, number]>(
        `SELECT * FROM (
           SELECT ${named} FROM messages WHERE ${at} UNION ALL SELECT ${named} FROM unproven WHERE ${at}
         ) AS named WHERE previous_timestamp IS NOT NULL LIMIT 1`,
      )
      .get(
        ...[key.part, id.timestamp, id.sequence, key.publisher, key.chain],
        ...[key.part, id.timestamp, id.sequence, id.publisher, id.chain],
      )
    if (row === undefined) return null
    const [timestamp, sequence] = row
    const stored = this.#statements.value<number>(
      `SELECT 1 FROM messages WHERE ${at} LIMIT 1`,
      ...[key.part, timestamp, sequence, key.publisher, key.chain],
    )
    const first = this.#chainEnd(key, 'first')
    const beforeFirst =
      first !== undefined && (timestamp < first[0] || (timestamp === first[0] && sequence < first[1]))
    return { ref: { timestamp, sequence }, stored: stored !== undefined, beforeFirst }
  }

  #next(id: MessageId, key: Key): ChainNeighbours['next'] {
    // Without this a message at the end of its chain would have every later one of its publisher looked through.
    const last = this.#chainEnd(key, 'last')
    if (last === undefined || last[0] < id.timestamp) return null
    const followers = this.#statements.rows<[number, number, number | null, number | null]>(
      `SELECT timestamp, sequence, previous_timestamp, previous_sequence
       FROM messages INDEXED BY messages_by_publisher
       WHERE part = ? AND publisher = ? AND (timestamp, sequence) > (?, ?) AND (timestamp, sequence) <= (?, ?)
         AND chain = ?
       ORDER BY timestamp, sequence LIMIT ${MAX_FOLLOWERS}`,
    )
    for (const [timestamp, sequence, previousTimestamp, previousSequence] of followers.all(
      ...[key.part, key.publisher, id.timestamp, id.sequence, ...last, key.chain],
    )) {
      if (previousTimestamp === id.timestamp && previousSequence === id.sequence)
        return { timestamp, sequence }
    }
    return null
  }

  #chainEnd(key: Key, end: 'first' | 'last'): [timestamp: number, sequence: number] | undefined {
    return this.#statements
      .rows<[number, number]>(
        `SELECT ${end}_timestamp, ${end}_sequence FROM chain_states WHERE part = ? AND publisher = ? AND chain = ?`,
      )
      .get(key.part, key.publisher, key.chain)
  }

  #keyOf(id: MessageId): Key | undefined {
    const part = this.#names.parts.idOf(streamPartId(id.streamId, id.partition))
    if (part === undefined) return undefined
    return {
      part,
      publisher: this.#names.publishers.idOf(id.publisher) ?? -1,
      chain: this.#names.chains.idOf(id.chain) ?? -1,
    }
  }
}

interface Key {
  part: number
  publisher: number
  chain: number
}
