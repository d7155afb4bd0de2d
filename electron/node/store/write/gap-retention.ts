import type { SqlConnection } from '../sql-connection.ts'
import type { PartState, PartStates } from './part-state.ts'

type GapRow = [publisher: number, namedBy: number]

/** Forgets gaps that retention has made meaningless: those named by, or naming, what is dropped. */
export class GapRetention {
  readonly #across
  readonly #delete
  readonly #recount

  constructor(db: SqlConnection) {
    // Gaps whose namer stays show in buckets that stay; the others go with their buckets.
    this.#across = db
      .prepare<number[], GapRow>(
        `SELECT g.publisher, named_by_timestamp FROM gaps g
         JOIN chain_states s ON s.part = g.part AND s.publisher = g.publisher AND s.chain = g.chain
         WHERE g.part = ? AND missing_timestamp < ? AND named_by_timestamp >= ?
           AND (missing_timestamp, missing_sequence) >= (first_timestamp, first_sequence)`,
      )
      .raw()
    this.#delete = db.prepare<[number, number]>('DELETE FROM gaps WHERE part = ? AND missing_timestamp < ?')
    this.#recount = db.prepare<[number]>(
      `UPDATE chain_states SET gaps = (
         SELECT count(*) FROM gaps g
         WHERE g.part = chain_states.part AND g.publisher = chain_states.publisher AND g.chain = chain_states.chain
       ) WHERE part = ? AND gaps > 0`,
    )
  }

  /** @param end messages before it are about to be dropped */
  drop(parts: PartStates, part: PartState, end: number): void {
    for (const [publisherId, namedBy] of this.#across.all(part.id, end, end)) {
      part.buckets.changeAt(namedBy).gaps -= 1
      parts.publisher(part, publisherId).buckets.changeAt(namedBy).gaps -= 1
      part.totals.gaps -= 1
    }
    // A namer lies behind what it misses, so this covers the gaps named by dropped messages too.
    if (this.#delete.run(part.id, end).changes > 0) this.#recount.run(part.id)
  }
}
