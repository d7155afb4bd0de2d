import type { MessageRef } from '../../../../shared/message.ts'
import { VERDICTS } from '../../../../shared/verdict.ts'
import { bucketOf, levelMs } from '../pyramid/levels.ts'
import { FLAG_CLOCK, FLAG_EQUIVOCATION } from '../write/message-entry.ts'
import { MAX_SEQUENCE, type Selection } from './query-plan.ts'
import type { Statements } from './statements.ts'

/** A stretch to look through. Both ends are inclusive. */
export interface Stretch {
  from: MessageRef
  to: MessageRef
}

/** Levels on which the search goes: ten minutes to pass over what has nothing, ten seconds to read. */
const COARSE = 3
const FINE = 1
/** Flags that the index of marked messages holds. */
const MARKED = FLAG_EQUIVOCATION | FLAG_CLOCK
/** Marked messages often come close together: so much is read at once, ms. */
const MARKED_STRETCH_MS = 10_000

/**
 * Finds, in the pyramid, the next stretch that holds messages with one of the wanted verdicts: to list the few
 * unauthorised messages of a year, the year's messages need not be read.
 */
export class SparseStretches {
  readonly #statements: Statements

  constructor(statements: Statements) {
    this.#statements = statements
  }

  /** The next stretch from `at` on in the order of the selection, within its bounds; null when there is none. */
  next(selection: Selection, at: MessageRef): Stretch | null {
    const from = selection.descending ? selection.from : at
    const to = selection.descending ? at : selection.to
    if (selection.marks !== 0) return this.#nextMarked(selection, from, to)
    const coarse = this.#find(selection, COARSE, from.timestamp, to.timestamp)
    if (coarse === undefined) return null
    const start = Math.max(from.timestamp, coarse * levelMs(COARSE))
    const end = Math.min(to.timestamp, (coarse + 1) * levelMs(COARSE) - 1)
    const fine = this.#find(selection, FINE, start, end)
    // The coarse bucket may have its matches outside the bounds: then it is passed over as a whole.
    const [first, last] =
      fine === undefined ? [start, end] : [fine * levelMs(FINE), (fine + 1) * levelMs(FINE) - 1]
    return {
      from: first <= from.timestamp ? from : { timestamp: first, sequence: 0 },
      to: last >= to.timestamp ? to : { timestamp: last, sequence: MAX_SEQUENCE },
    }
  }

  /** The stretch that begins with the next marked message, as far as it lies within the bounds. */
  #nextMarked(selection: Selection, from: MessageRef, to: MessageRef): Stretch | null {
    const { descending, part, unproven } = selection
    const tables = ['messages INDEXED BY marked_messages', ...(unproven ? ['unproven'] : [])]
    const found = tables.flatMap((table) => {
      const at = this.#statements.value<number>(
        `SELECT timestamp FROM ${table} WHERE part = ? AND timestamp BETWEEN ? AND ?
           AND (flags & ${MARKED}) <> 0 AND (flags & ${selection.marks}) <> 0
         ORDER BY timestamp ${descending ? 'DESC' : 'ASC'} LIMIT 1`,
        part,
        from.timestamp,
        to.timestamp,
      )
      return at === undefined ? [] : [at]
    })
    if (found.length === 0) return null
    const next = descending ? Math.max(...found) : Math.min(...found)
    const first = descending ? next - MARKED_STRETCH_MS : next
    const last = descending ? next : next + MARKED_STRETCH_MS
    return {
      from: first <= from.timestamp ? from : { timestamp: first, sequence: 0 },
      to: last >= to.timestamp ? to : { timestamp: last, sequence: MAX_SEQUENCE },
    }
  }

  #find(selection: Selection, level: number, from: number, to: number): number | undefined {
    const wanted = VERDICTS.filter((_, code) => (selection.verdicts & (1 << code)) !== 0)
    if (wanted.length === 0) return undefined
    return this.#statements.value<number>(
      `SELECT bucket FROM part_buckets WHERE part = ? AND level = ? AND bucket BETWEEN ? AND ?
         AND (${wanted.map((verdict) => `${verdict} > 0`).join(' OR ')})
       ORDER BY bucket ${selection.descending ? 'DESC' : 'ASC'} LIMIT 1`,
      selection.part,
      level,
      bucketOf(from, level),
      bucketOf(to, level),
    )
  }
}
