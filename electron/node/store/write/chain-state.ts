import { MAX_KNOWN_GAPS } from '../limits.ts'
import type { SqlConnection } from '../sql-connection.ts'
import type { MessageTable } from './message-table.ts'

/** Ends of one message chain as stored, and how many of its gaps are open. */
export interface ChainState {
  readonly chain: number
  firstTimestamp: number
  firstSequence: number
  lastTimestamp: number
  lastSequence: number
  /** Open gaps, those before the first message included. */
  gaps: number
  /** The open gaps themselves, where they are known and few; null where the table must be asked. */
  open: GapRow[] | null
  isDirty: boolean
}

type ChainRow = [number, number, number, number, number]
export type GapRow = [
  missingTimestamp: number,
  missingSequence: number,
  namedByTimestamp: number,
  namedBySequence: number,
]

/** A gap begins (`change` 1) or ceases (-1) to show in the bucket of the message that names it. */
export interface GapChange {
  namedByTimestamp: number
  change: 1 | -1
}

/** Position of a message in its chain. */
export interface ChainPosition {
  timestamp: number
  sequence: number
}

/**
 * Chain states and gaps of all parts. A gap is a predecessor that a verified or pending message names and that is
 * not stored. It does not matter in which order messages arrive: what is in the table is a function of what is in
 * `messages`.
 *
 * A predecessor before the first message ever stored of its chain is history from before this node listened. It
 * is in the table but counts and shows as a gap only once something older of the chain is stored.
 *
 * A chain's few open gaps stay in memory with its state: threads that verify overtake each other, so each message of
 * a late batch asks whether it fills one, and a database server is far away.
 */
export class ChainStates {
  readonly #select
  readonly #replace
  readonly #gaps
  readonly #messages: MessageTable
  readonly #addGap
  readonly #insertGap
  readonly #gapsMissing
  readonly #gapsBetween
  readonly #deleteGap
  readonly #gapsNamedBy

  constructor(db: SqlConnection, messages: MessageTable) {
    this.#messages = messages
    this.#select = db
      .prepare<[number, number, number], ChainRow>(
        `SELECT first_timestamp, first_sequence, last_timestamp, last_sequence, gaps
         FROM chain_states WHERE part = ? AND publisher = ? AND chain = ?`,
      )
      .raw()
    this.#replace = db.prepare(
      `INSERT OR REPLACE INTO chain_states
         (part, publisher, chain, first_timestamp, first_sequence, last_timestamp, last_sequence, gaps)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    const gapsOfChain = `FROM gaps WHERE part = ? AND publisher = ? AND chain = ?`
    const gapColumns = 'missing_timestamp, missing_sequence, named_by_timestamp, named_by_sequence'
    const gapRow = `gaps (part, publisher, chain, ${gapColumns}) VALUES (?, ?, ?, ?, ?, ?, ?)`
    this.#insertGap = db.prepare(`INSERT INTO ${gapRow} ON CONFLICT DO NOTHING`)
    this.#addGap = db.prepare(`${db.dialect.insertNew} ${gapRow}`)
    this.#gaps = db
      .prepare<number[], GapRow>(`SELECT ${gapColumns} ${gapsOfChain} LIMIT ${MAX_KNOWN_GAPS + 1}`)
      .raw()
    this.#gapsMissing = db
      .prepare<number[], GapRow>(
        `SELECT ${gapColumns} ${gapsOfChain} AND missing_timestamp = ? AND missing_sequence = ?`,
      )
      .raw()
    this.#gapsBetween = db
      .prepare<number[], GapRow>(
        `SELECT ${gapColumns} ${gapsOfChain} AND (missing_timestamp, missing_sequence) >= (?, ?)
           AND (missing_timestamp, missing_sequence) < (?, ?)`,
      )
      .raw()
    this.#deleteGap = db.prepare(
      `DELETE ${gapsOfChain} AND missing_timestamp = ? AND missing_sequence = ?
         AND named_by_timestamp = ? AND named_by_sequence = ?`,
    )
    this.#gapsNamedBy = db
      .prepare<number[], GapRow>(
        `SELECT ${gapColumns} ${gapsOfChain} AND named_by_timestamp = ? AND named_by_sequence = ?`,
      )
      .raw()
  }

  load(part: number, publisher: number, chain: number): ChainState | undefined {
    const row = this.#select.get(part, publisher, chain)
    if (row === undefined) return undefined
    const [firstTimestamp, firstSequence, lastTimestamp, lastSequence, gaps] = row
    const open = gaps === 0 ? [] : null
    return { chain, firstTimestamp, firstSequence, lastTimestamp, lastSequence, gaps, open, isDirty: false }
  }

  save(part: number, publisher: number, state: ChainState): void {
    this.#replace.run(
      part,
      publisher,
      state.chain,
      state.firstTimestamp,
      state.firstSequence,
      state.lastTimestamp,
      state.lastSequence,
      state.gaps,
    )
    state.isDirty = false
  }

  /**
   * A message that is not the newest of its chain was stored: gaps it fills close, and if it is now the first,
   * what was history becomes a gap.
   */
  fill(part: number, publisher: number, state: ChainState, stored: ChainPosition): GapChange[] {
    const { timestamp, sequence } = stored
    const changes: GapChange[] = []
    if (state.gaps > 0) {
      const known = this.#known(part, publisher, state)
      const closed =
        known === null
          ? this.#gapsMissing.all(part, publisher, state.chain, timestamp, sequence)
          : known.filter((gap) => gap[0] === timestamp && gap[1] === sequence)
      if (closed.length > 0) {
        for (const gap of closed) this.#deleteGap.run(part, publisher, state.chain, ...gap)
        forget(state, closed)
        if (!isBeforeFirst(state, stored)) changes.push(...closed.map((gap) => changeOf(gap, -1)))
      }
    }
    if (!isBeforeFirst(state, stored)) return changes
    if (state.gaps > 0) {
      const { firstTimestamp, firstSequence } = state
      const range = [timestamp, sequence, firstTimestamp, firstSequence]
      const shown =
        this.#known(part, publisher, state)?.filter(
          ([missing, missingSequence]) =>
            !isBefore(missing, missingSequence, timestamp, sequence) &&
            isBefore(missing, missingSequence, firstTimestamp, firstSequence),
        ) ?? this.#gapsBetween.all(part, publisher, state.chain, ...range)
      changes.push(...shown.map((gap) => changeOf(gap, 1)))
    }
    state.firstTimestamp = timestamp
    state.firstSequence = sequence
    state.isDirty = true
    return changes
  }

  /** A stored message names a predecessor that is not the newest of its chain: a gap, unless it is stored. */
  name(
    part: number,
    publisher: number,
    state: ChainState,
    missing: ChainPosition,
    namedBy: ChainPosition,
  ): GapChange[] {
    const { timestamp, sequence } = missing
    if (this.#messages.isStored(part, timestamp, sequence, publisher, state.chain)) return []
    const gap: GapRow = [timestamp, sequence, namedBy.timestamp, namedBy.sequence]
    const known = this.#known(part, publisher, state)
    if (known === null) {
      if (this.#insertGap.run(part, publisher, state.chain, ...gap).changes === 0) return []
    } else {
      if (known.some((open) => isSameGap(open, gap))) return []
      this.#addGap.run(part, publisher, state.chain, ...gap)
      state.open = known.length < MAX_KNOWN_GAPS ? [...known, gap] : null
    }
    state.gaps += 1
    state.isDirty = true
    return isBeforeFirst(state, missing) ? [] : [changeOf(gap, 1)]
  }

  /** A message no longer counts as a witness: the gaps it names close. */
  withdraw(part: number, publisher: number, state: ChainState, namedBy: ChainPosition): GapChange[] {
    const named = this.#gapsNamedBy.all(part, publisher, state.chain, namedBy.timestamp, namedBy.sequence)
    for (const gap of named) this.#deleteGap.run(part, publisher, state.chain, ...gap)
    forget(state, named)
    return named
      .filter(([timestamp, sequence]) => !isBeforeFirst(state, { timestamp, sequence }))
      .map((gap) => changeOf(gap, -1))
  }

  /** Open gaps of a chain, read once where they are few; null where the table must be asked for each. */
  #known(part: number, publisher: number, state: ChainState): readonly GapRow[] | null {
    if (state.open === null && state.gaps <= MAX_KNOWN_GAPS) {
      const gaps = this.#gaps.all(part, publisher, state.chain)
      if (gaps.length <= MAX_KNOWN_GAPS) state.open = gaps
    }
    return state.open
  }
}

/** Takes closed gaps out of a chain's state. */
function forget(state: ChainState, closed: readonly GapRow[]): void {
  state.gaps -= closed.length
  state.isDirty = true
  state.open = state.open?.filter((gap) => !closed.some((one) => isSameGap(one, gap))) ?? null
}

function isSameGap(a: GapRow, b: GapRow): boolean {
  return a.every((value, at) => value === b[at])
}

function changeOf(gap: GapRow, change: 1 | -1): GapChange {
  return { namedByTimestamp: gap[2], change }
}

/** Whether a position lies before the first message ever stored of its chain. */
export function isBeforeFirst(state: ChainState, at: ChainPosition): boolean {
  return isBefore(at.timestamp, at.sequence, state.firstTimestamp, state.firstSequence)
}

function isBefore(timestamp: number, sequence: number, than: number, thanSequence: number): boolean {
  return timestamp < than || (timestamp === than && sequence < thanSequence)
}

/** Whether a position lies after the last stored message of its chain. */
export function isAfterLast(state: ChainState, at: ChainPosition): boolean {
  return (
    at.timestamp > state.lastTimestamp ||
    (at.timestamp === state.lastTimestamp && at.sequence > state.lastSequence)
  )
}
