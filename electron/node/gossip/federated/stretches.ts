import { FIRST_STRETCH_MESSAGES, MAX_STRETCHES_PER_BUCKET, STRETCH_MESSAGES } from '../limits.ts'
import { type BucketGrid, bucketStart } from '../reconcile/bucket-grid.ts'

/** Stretches begin and end at whole seconds, as the buckets of the pyramid do. */
const FINEST_MS = 1_000

/** Part of a query's range: `from <= timestamp < to`, ms. */
export interface Stretch {
  readonly from: number
  readonly to: number
}

/**
 * Cuts a range into stretches of about 20,000 messages, the first of about 1,000, in the order in which they are
 * answered. `counts` says how many messages to expect in each bucket of the grid.
 * @param aim messages of one stretch, when it is to be fewer than 20,000.
 */
export function* stretchesOf(
  range: Stretch,
  grid: BucketGrid,
  counts: Float64Array,
  order: 'ascending' | 'descending',
  aim = STRETCH_MESSAGES,
): Generator<Stretch> {
  const pieces = [...piecesOf(range, grid, counts, aim)]
  if (order === 'descending') pieces.reverse()
  let target = Math.min(aim, FIRST_STRETCH_MESSAGES)
  let gathered: { from: number; to: number; expected: number } | undefined
  for (const piece of pieces) {
    if (gathered !== undefined && gathered.expected > 0 && gathered.expected + piece.expected > target) {
      yield { from: gathered.from, to: gathered.to }
      target = aim
      gathered = undefined
    }
    gathered =
      gathered === undefined
        ? { ...piece }
        : {
            from: Math.min(gathered.from, piece.from),
            to: Math.max(gathered.to, piece.to),
            expected: gathered.expected + piece.expected,
          }
  }
  if (gathered !== undefined) yield { from: gathered.from, to: gathered.to }
}

/** The grid's buckets within the range, ascending; full ones cut into equal lengths of time. */
function* piecesOf(
  range: Stretch,
  grid: BucketGrid,
  counts: Float64Array,
  aim: number,
): Generator<{ from: number; to: number; expected: number }> {
  for (const [bucket, count] of counts.entries()) {
    const start = bucketStart(grid, bucket)
    // The pieces of the first bucket are small enough for the first stretch, whichever end that is at.
    const isEdge = bucket === 0 || bucket === counts.length - 1
    const size = isEdge ? Math.min(aim, FIRST_STRETCH_MESSAGES) : aim
    const parts = Math.min(MAX_STRETCHES_PER_BUCKET, Math.max(1, Math.ceil(count / size)))
    const stepMs = Math.max(FINEST_MS, Math.ceil(grid.widthMs / parts / FINEST_MS) * FINEST_MS)
    const share = count / Math.ceil(grid.widthMs / stepMs)
    for (let from = start; from < start + grid.widthMs; from += stepMs) {
      const to = Math.min(from + stepMs, start + grid.widthMs)
      if (to <= range.from || from >= range.to) continue
      yield { from: Math.max(from, range.from), to: Math.min(to, range.to), expected: share }
    }
  }
}
