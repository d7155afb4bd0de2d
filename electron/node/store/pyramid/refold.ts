import { childrenOf, FINEST_MS, LEVELS, levelMs } from './levels.ts'
import { PartBucket } from './part-bucket.ts'
import type { PartBucketTable } from './part-bucket-rows.ts'
import { PublisherBucket } from './publisher-bucket.ts'
import type { PublisherBucketTable } from './publisher-bucket-rows.ts'

/** All field chunks of a row. */
export const ALL_CHUNKS = 0xffff

/** Makes the coarser rows of a part anew, from the finest ones with `from <= bucket < end`. */
export function refoldPart(table: PartBucketTable, part: number, from: number, end: number): void {
  for (let level = 1; level < LEVELS; level++) {
    const span = parentsOf(level, from, end)
    table.deleteRange(part, level, span.from, span.end)
    const children = childrenOf(level)
    const parents = fold(
      table.range(part, level - 1, span.from * children, span.end * children),
      children,
      (bucket) => new PartBucket(bucket),
    )
    for (const parent of parents) table.save(part, level, parent)
  }
}

/** Makes the coarser rows of a publisher anew, from the finest ones with `from <= bucket < end`. */
export function refoldPublisher(
  table: PublisherBucketTable,
  part: number,
  publisher: number,
  from: number,
  end: number,
  slots: number,
): void {
  for (let level = 1; level < LEVELS; level++) {
    const span = parentsOf(level, from, end)
    table.deleteRange(part, publisher, level, span.from, span.end)
    const children = childrenOf(level)
    const rows = table.range(part, publisher, level - 1, span.from * children, span.end * children, slots)
    for (const parent of fold(rows, children, (bucket) => new PublisherBucket(bucket, slots))) {
      table.save(part, publisher, level, parent, ALL_CHUNKS)
    }
  }
}

function parentsOf(level: number, from: number, end: number): { from: number; end: number } {
  const perParent = levelMs(level) / FINEST_MS
  return { from: Math.floor(from / perParent), end: Math.ceil(end / perParent) }
}

function fold<B extends { bucket: number; add(other: B): void }>(
  rows: readonly B[],
  children: number,
  create: (bucket: number) => B,
): B[] {
  const parents = new Map<number, B>()
  for (const row of rows) {
    const bucket = Math.floor(row.bucket / children)
    let parent = parents.get(bucket)
    if (parent === undefined) {
      parent = create(bucket)
      parents.set(bucket, parent)
    }
    parent.add(row)
  }
  return [...parents.values()]
}
