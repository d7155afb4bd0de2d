import type { MessageRow } from '../../shared/message.ts'

/**
 * Rows that are held at once: many screens in each direction, and the same memory however long the history is. A row
 * is at most the 4 KiB the node shows of a content, and usually a few hundred bytes.
 */
export const MAX_HELD_ROWS = 2_000

/** A stretch of a list that may be longer than anything that fits into memory, newest first. */
export interface HeldRows {
  rows: readonly MessageRow[]
  hasOlder: boolean
  hasNewer: boolean
}

/** Names a stored message among those of a stream part: equivocating ones differ by digest. */
export function rowKey(row: MessageRow): string {
  return `${row.id.timestamp} ${row.id.sequence} ${row.digest}`
}

/** Rows added at the older end; what is too much goes at the newer one. */
export function withOlder(held: HeldRows, older: readonly MessageRow[], hasOlder: boolean): HeldRows {
  const rows = [...held.rows, ...older]
  const excess = Math.max(0, rows.length - MAX_HELD_ROWS)
  return { rows: rows.slice(excess), hasOlder, hasNewer: held.hasNewer || excess > 0 }
}

/** Rows added at the newer end, given oldest first; what is too much goes at the older one. */
export function withNewer(held: HeldRows, newer: readonly MessageRow[], hasNewer: boolean): HeldRows {
  const rows = [...newer.toReversed(), ...held.rows]
  const excess = Math.max(0, rows.length - MAX_HELD_ROWS)
  return {
    rows: rows.slice(0, rows.length - excess),
    hasOlder: held.hasOlder || excess > 0,
    hasNewer,
  }
}

/** The rows with those in a stretch of time replaced by what the node holds there now; all newest first. */
export function spliceRows(
  rows: readonly MessageRow[],
  fresh: readonly MessageRow[],
  from: number,
  to: number,
): MessageRow[] {
  return [
    ...rows.filter((row) => row.id.timestamp > to),
    ...fresh,
    ...rows.filter((row) => row.id.timestamp < from),
  ]
}
