import type { SqlConnection } from '../sql-connection.ts'
import { type ChainState, ChainStates, isAfterLast, isBeforeFirst } from './chain-state.ts'
import { UNAUTHORISED } from './message-entry.ts'
import type { MessageTable } from './message-table.ts'
import type { PartState } from './part-state.ts'

type Row = [
  timestamp: number,
  sequence: number,
  chain: number,
  previousTimestamp: number | null,
  previousSequence: number | null,
  verdict: number,
]

/** Makes chain states and gaps of one publisher anew from its messages. */
export class ChainRebuilder {
  readonly #chains: ChainStates
  readonly #messages
  readonly #deleteGaps
  readonly #countGaps

  constructor(db: SqlConnection, messages: MessageTable) {
    this.#chains = new ChainStates(db, messages)
    this.#messages = db
      .prepare<number[], Row>(
        `SELECT timestamp, sequence, chain, previous_timestamp, previous_sequence, verdict
         FROM messages INDEXED BY messages_by_publisher
         WHERE part = ? AND publisher = ? AND timestamp >= ? AND timestamp < ? ORDER BY timestamp, sequence`,
      )
      .raw()
    this.#deleteGaps = db.prepare(
      `DELETE FROM gaps WHERE part = ? AND publisher = ? AND named_by_timestamp >= ? AND named_by_timestamp < ?`,
    )
    this.#countGaps = db.prepare(
      `UPDATE chain_states SET gaps = (
         SELECT count(*) FROM gaps g
         WHERE g.part = chain_states.part AND g.publisher = chain_states.publisher AND g.chain = chain_states.chain
       ) WHERE part = ? AND publisher = ?`,
    )
  }

  /**
   * Names anew the gaps that messages of a stretch name, and widens the states of their chains to hold them. The
   * first message of a chain is the first ever stored: it stays, also when retention has dropped it since.
   * @returns the number of messages read
   */
  rebuild(part: PartState, publisher: number, from: number, end: number): number {
    this.#deleteGaps.run(part.id, publisher, from, end)
    const states = new Map<number, ChainState>()
    // Read whole, because the statement must be done before others write; a slice is bounded.
    const rows = this.#messages.all(part.id, publisher, from, end)
    for (const [timestamp, sequence, chain] of rows) {
      const at = { timestamp, sequence }
      const state = states.get(chain) ?? this.#chains.load(part.id, publisher, chain) ?? newState(chain, at)
      states.set(chain, state)
      if (isBeforeFirst(state, at))
        Object.assign(state, { firstTimestamp: timestamp, firstSequence: sequence })
      if (isAfterLast(state, at)) Object.assign(state, { lastTimestamp: timestamp, lastSequence: sequence })
    }
    for (const [timestamp, sequence, chain, previousTimestamp, previousSequence, verdict] of rows) {
      const state = states.get(chain)
      if (state === undefined || verdict === UNAUTHORISED) continue
      if (previousTimestamp === null || previousSequence === null || previousTimestamp < part.droppedBefore)
        continue
      const missing = { timestamp: previousTimestamp, sequence: previousSequence }
      this.#chains.name(part.id, publisher, state, missing, { timestamp, sequence })
    }
    for (const state of states.values()) this.#chains.save(part.id, publisher, state)
    return rows.length
  }

  /** Counts the open gaps of a publisher's chains, when all of them are named. */
  countGaps(part: PartState, publisher: number): void {
    this.#countGaps.run(part.id, publisher)
  }
}

function newState(
  chain: number,
  { timestamp, sequence }: { timestamp: number; sequence: number },
): ChainState {
  return {
    chain,
    firstTimestamp: timestamp,
    firstSequence: sequence,
    lastTimestamp: timestamp,
    lastSequence: sequence,
    gaps: 0,
    open: null,
    isDirty: true,
  }
}
