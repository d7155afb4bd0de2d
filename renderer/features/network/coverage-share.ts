import type { CoverageMatrix, CoverageRow } from '../../api/network-types.ts'

/** Share of the union that a node holds in a bucket, 0 to 1; null where nobody holds anything, or it did not say. */
export function shareHeld(
  { atLeast }: CoverageMatrix,
  { counts }: CoverageRow,
  bucket: number,
): number | null {
  const union = atLeast[bucket] ?? 0
  if (counts === null || union === 0) return null
  return Math.min(1, (counts[bucket] ?? 0) / union)
}

/** Messages a node holds in the whole range, and its share of the union; null where it did not say. */
export function totalHeld({ atLeast }: CoverageMatrix, counts: readonly number[] | null) {
  if (counts === null) return null
  const union = sum(atLeast)
  const held = sum(counts)
  return { held, share: union === 0 ? null : Math.min(1, held / union) }
}

/** The union as a row of its own: what all nodes together hold at least. */
export function unionRow({ atLeast }: CoverageMatrix): CoverageRow {
  return { address: '', peerId: null, counts: [...atLeast], why: null }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0)
}
