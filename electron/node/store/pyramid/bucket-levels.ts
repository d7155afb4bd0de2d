import { bucketOf, FINEST_MS, LEVELS, levelMs } from './levels.ts'

export interface Bucket<B> {
  readonly bucket: number
  readonly isEmpty: boolean
  add(other: B): void
}

/** Rows of one pyramid: those of a stream part, or of one of its publishers. */
export interface BucketRows<B> {
  create(bucket: number): B
  load(level: number, bucket: number): B | undefined
  /** The row with the highest bucket of a level. */
  loadNewest(level: number): B | undefined
  /** Writes a row to which `changes` were added. */
  save(level: number, row: B, changes: readonly B[]): void
}

/**
 * Gathers the changes of one transaction in buckets of the finest level and adds them to every level's rows at
 * its end. The newest row of each level stays in memory: while messages come in order of time, rows are written
 * and never read.
 */
export class BucketLevels<B extends Bucket<B>> {
  readonly #rows: BucketRows<B>
  readonly #changes = new Map<number, B>()
  /** By level; undefined: not loaded; null: the level has no rows. */
  readonly #newest: (B | null | undefined)[]
  #current: B | undefined

  /** @param isNew that there are no rows yet, which spares looking for them */
  constructor(rows: BucketRows<B>, isNew: boolean) {
    this.#rows = rows
    this.#newest = new Array<B | null | undefined>(LEVELS).fill(isNew ? null : undefined)
  }

  /** The change of the finest bucket that holds `timestamp` (ms). */
  changeAt(timestamp: number): B {
    const bucket = Math.floor(timestamp / FINEST_MS)
    if (this.#current?.bucket === bucket) return this.#current
    let change = this.#changes.get(bucket)
    if (change === undefined) {
      change = this.#rows.create(bucket)
      this.#changes.set(bucket, change)
    }
    this.#current = change
    return change
  }

  get hasChanges(): boolean {
    return this.#changes.size > 0
  }

  /** Adds the changes to the rows of all levels and writes them. */
  flush(): void {
    for (let level = 0; level < LEVELS; level++) {
      const changesByBucket = new Map<number, B[]>()
      for (const change of this.#changes.values()) {
        const bucket = bucketOf(change.bucket * FINEST_MS, level)
        const together = changesByBucket.get(bucket)
        if (together === undefined) changesByBucket.set(bucket, [change])
        else together.push(change)
      }
      for (const [bucket, changes] of changesByBucket) this.#flushRow(level, bucket, changes)
    }
    this.#changes.clear()
    this.#current = undefined
  }

  /** Forgets the rows in memory: they were changed behind this object's back. */
  reload(): void {
    this.#newest.fill(undefined)
  }

  #flushRow(level: number, bucket: number, changes: readonly B[]): void {
    const row = this.#open(level, bucket)
    for (const change of changes) row.add(change)
    this.#rows.save(level, row, changes)
    const newest = this.#newest[level]
    if (newest === null || newest === undefined || row.bucket >= newest.bucket) this.#newest[level] = row
  }

  #open(level: number, bucket: number): B {
    let newest = this.#newest[level]
    if (newest === undefined) {
      newest = this.#rows.loadNewest(level) ?? null
      this.#newest[level] = newest
    }
    if (newest === null || bucket > newest.bucket) return this.#rows.create(bucket)
    if (bucket === newest.bucket) return newest
    return this.#rows.load(level, bucket) ?? this.#rows.create(bucket)
  }
}

/** Start of a bucket, ms since the epoch. */
export function bucketStart(level: number, bucket: number): number {
  return bucket * levelMs(level)
}
