import { DIGEST_BYTES } from '../../message/content-digest.ts'
import type { FingerprintColumns } from '../ports.ts'
import { type BucketGrid, bucketIndex } from './bucket-grid.ts'

/** The buckets that differ between this node and a peer, by who holds something in them. Indexes ascend. */
export interface BucketComparison {
  /** Both hold something: which messages differ is not known yet. */
  readonly shared: readonly number[]
  /** Only this node. */
  readonly ownOnly: readonly number[]
  /** Only the peer. */
  readonly peerOnly: readonly number[]
}

/** @param counts of this node and the peer, of every bucket that differs. */
export function compareBuckets(
  differing: readonly number[],
  ownCounts: Float64Array,
  peerCounts: Float64Array,
): BucketComparison {
  const holds = (counts: Float64Array, bucket: number): boolean => (counts[bucket] ?? 0) > 0
  return {
    shared: differing.filter((bucket) => holds(ownCounts, bucket) && holds(peerCounts, bucket)),
    ownOnly: differing.filter((bucket) => !holds(peerCounts, bucket)),
    peerOnly: differing.filter((bucket) => !holds(ownCounts, bucket)),
  }
}

export function countIn(buckets: readonly number[], counts: Float64Array): number {
  return buckets.reduce((sum, bucket) => sum + (counts[bucket] ?? 0), 0)
}

/** The pyramid rows that lie in these buckets of a grid. */
export function rowsIn(
  grid: BucketGrid,
  buckets: readonly number[],
  rows: FingerprintColumns,
): FingerprintColumns {
  const chosen = new Set(buckets)
  const kept = [...rows.starts.keys()].filter((row) => chosen.has(bucketIndex(grid, rows.starts[row] ?? 0)))
  const sums = new Uint8Array(kept.length * DIGEST_BYTES)
  for (const [index, row] of kept.entries()) {
    sums.set(rows.sums.subarray(row * DIGEST_BYTES, (row + 1) * DIGEST_BYTES), index * DIGEST_BYTES)
  }
  return {
    starts: Float64Array.from(kept, (row) => rows.starts[row] ?? 0),
    counts: Float64Array.from(kept, (row) => rows.counts[row] ?? 0),
    sums,
  }
}
