import type { StreamPartId } from '../../../../shared/message.ts'
import type { HeardCoverage } from '../announcements/coverage-book.ts'
import type { ReconcileStore } from '../ports.ts'
import { bucketStart, gridEnd } from '../reconcile/bucket-grid.ts'
import { sumsOf } from '../reconcile/bucket-sums.ts'

/** A stretch `from <= timestamp < to`, ms. */
export interface Deficit {
  from: number
  to: number
}

/**
 * Where a peer announced more messages than this node holds, from the first such bucket to the end of the last one.
 * @returns `undefined` when it announced no more anywhere
 */
export async function deficitAgainst(
  store: ReconcileStore,
  part: StreamPartId,
  { coverage: { grid, counts } }: HeardCoverage,
  signal: AbortSignal,
): Promise<Deficit | undefined> {
  const rows = await store.fingerprints(part, grid.levelMs, grid.start, gridEnd(grid), signal)
  const own = sumsOf(grid, rows).counts
  const lacks = (count: number, bucket: number): boolean => count > (own[bucket] ?? 0)
  const first = counts.findIndex(lacks)
  if (first < 0) return undefined
  return { from: bucketStart(grid, first), to: bucketStart(grid, counts.findLastIndex(lacks) + 1) }
}
