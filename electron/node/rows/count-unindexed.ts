import type { UnindexedValues } from '../../../shared/chart.ts'
import { findFields } from '../message/find-fields.ts'
import type { ReadRow } from './read-row.ts'

/** Counts what contents hold that no chart draws, so that it can be said instead of left out in silence. */
export function countUnindexed(rows: readonly ReadRow[]): UnindexedValues {
  const counted: UnindexedValues = { looked: 0, most: 0, unread: 0 }
  for (const { bytes } of rows) {
    if (bytes === null) continue
    const { omitted, opaque } = findFields(bytes)
    counted.looked += 1
    counted.most = Math.max(counted.most, omitted)
    if (opaque !== undefined) counted.unread += 1
  }
  return counted
}
