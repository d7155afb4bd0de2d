import type { ChartBucket } from '../../../shared/chart.ts'
import { type Verdict, verdictCode } from '../../../shared/verdict.ts'

/** More buckets a pixel than this cannot be told apart. */
const MOST_PER_PX = 2

function worse(a: Verdict, b: Verdict): Verdict {
  return verdictCode(a) >= verdictCode(b) ? a : b
}

/**
 * Buckets put together so that no more than two stand in a pixel; first, least, greatest and last are kept, so a
 * spike is as tall as it was. What is few enough already is handed back as it is.
 */
export function mergeToPixels(buckets: readonly ChartBucket[], pxPerMs: number): readonly ChartBucket[] {
  const first = buckets[0]
  const last = buckets.at(-1)
  if (first === undefined || last === undefined) return buckets
  const widthPx = (last.to - first.from) * pxPerMs
  if (buckets.length <= widthPx * MOST_PER_PX + 2) return buckets
  const slotMs = 1 / (pxPerMs * MOST_PER_PX)
  const merged: ChartBucket[] = []
  let slot = Number.NaN
  let open: ChartBucket | null = null
  let isOwn = false
  for (const bucket of buckets) {
    const own = Math.floor(bucket.from / slotMs)
    if (open === null || own !== slot || bucket.gapBefore) {
      merged.push(bucket)
      open = bucket
      isOwn = false
      slot = own
      continue
    }
    // Most stand alone in their slot, and are handed on as they are.
    if (!isOwn) {
      open = { ...open }
      merged[merged.length - 1] = open
      isOwn = true
    }
    open.to = bucket.to
    open.count += bucket.count
    open.min = Math.min(open.min, bucket.min)
    open.max = Math.max(open.max, bucket.max)
    open.last = bucket.last
    open.sum += bucket.sum
    open.worst = worse(open.worst, bucket.worst)
  }
  return merged
}
