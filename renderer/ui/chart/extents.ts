import type { ChartBucket } from '../../../shared/chart.ts'

const BLOCK = 64

/** Of each list of buckets the least and the greatest value of each block: lists are replaced and never changed. */
const known = new WeakMap<readonly ChartBucket[], Float64Array>()

function blocksOf(buckets: readonly ChartBucket[]): Float64Array {
  const found = known.get(buckets)
  if (found !== undefined) return found
  const blocks = new Float64Array(Math.ceil(buckets.length / BLOCK) * 2)
  for (let block = 0; block * 2 < blocks.length; block += 1) {
    let low = Number.POSITIVE_INFINITY
    let high = Number.NEGATIVE_INFINITY
    for (const { min, max } of buckets.slice(block * BLOCK, (block + 1) * BLOCK)) {
      if (min < low) low = min
      if (max > high) high = max
    }
    blocks[block * 2] = low
    blocks[block * 2 + 1] = high
  }
  known.set(buckets, blocks)
  return blocks
}

/** The least and the greatest value of the buckets from `first` up to and without `end`. */
export function extentBetween(
  buckets: readonly ChartBucket[],
  first: number,
  end: number,
): { low: number; high: number } {
  const blocks = blocksOf(buckets)
  let low = Number.POSITIVE_INFINITY
  let high = Number.NEGATIVE_INFINITY
  for (let index = first; index < end; ) {
    const isWhole = index % BLOCK === 0 && index + BLOCK <= end
    const block = index / BLOCK
    const bucket = buckets[index]
    const min = isWhole ? blocks[block * 2] : bucket?.min
    const max = isWhole ? blocks[block * 2 + 1] : bucket?.max
    if (min !== undefined && min < low) low = min
    if (max !== undefined && max > high) high = max
    index += isWhole ? BLOCK : 1
  }
  return { low, high }
}
