import { bucketOf, FINEST_MS, LEVELS, levelMs } from './levels.ts'

export interface Bucket<B> {
  readonly bucket: number
  readonly isEmpty: boolean
  /** Bit `c` is set when chunk `c` has something to write. */
  readonly chunks: number
  add(other: B): void
}

/** Where a row stands in its pyramid. */
export interface RowPlace {
  level: number
  bucket: number
}

/** Rows of one pyramid: those of a stream part, or of one of its publishers. */
export interface BucketRows<B> {
  create(bucket: number): B
  load(level: number, bucket: number): B | undefined
  /** The row with the highest bucket of a level. */
  loadNewest(level: number): B | undefined
  /** Writes those chunks of a row to which something was added; `isNew`: nothing of it is there yet. */
  save(level: number, row: B, chunks: number, isNew: boolean): void
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

  /** Rows that a flush will read: those behind the newest of their level, which alone is in memory. */
  rowsToRead(): RowPlace[] {
    const wanted: RowPlace[] = []
    this.#newest.forEach((newest, level) => {
      if (newest === null || newest === undefined) return
      const buckets = new Set([...this.#changes.keys()].map((finest) => bucketOf(finest * FINEST_MS, level)))
      for (const bucket of buckets) if (bucket < newest.bucket) wanted.push({ level, bucket })
    })
    return wanted
  }

  /** Adds the changes to the rows of all levels and writes them. */
  flush(): void {
    const changes = [...this.#changes.values()].sort((a, b) => a.bucket - b.bucket)
    // From the coarsest level down: on the finest a change may itself become the row.
    for (let level = LEVELS - 1; level >= 0; level--) {
      for (let from = 0; from < changes.length; ) {
        const bucket = bucketOf((changes[from] as B).bucket * FINEST_MS, level)
        let end = from + 1
        while (end < changes.length && bucketOf((changes[end] as B).bucket * FINEST_MS, level) === bucket)
          end++
        this.#flushRow(level, bucket, changes, from, end)
        from = end
      }
    }
    this.#changes.clear()
    this.#current = undefined
  }

  /** Forgets the rows in memory: they were changed behind this object's back. */
  reload(): void {
    this.#newest.fill(undefined)
  }

  #flushRow(level: number, bucket: number, changes: readonly B[], from: number, end: number): void {
    const known = this.#open(level, bucket)
    const row = known ?? (level === 0 ? (changes[from] as B) : this.#rows.create(bucket))
    let chunks = 0
    for (let at = from; at < end; at++) {
      const change = changes[at] as B
      chunks |= change.chunks
      if (row !== change) row.add(change)
    }
    this.#rows.save(level, row, chunks, known === undefined)
    const newest = this.#newest[level]
    if (newest === null || newest === undefined || bucket >= newest.bucket) this.#newest[level] = row
  }

  /** The row of a bucket; undefined when there is none yet. */
  #open(level: number, bucket: number): B | undefined {
    let newest = this.#newest[level]
    if (newest === undefined) {
      newest = this.#rows.loadNewest(level) ?? null
      this.#newest[level] = newest
    }
    if (newest === null || bucket > newest.bucket) return undefined
    return bucket === newest.bucket ? newest : this.#rows.load(level, bucket)
  }
}

/** Start of a bucket, ms since the epoch. */
export function bucketStart(level: number, bucket: number): number {
  return bucket * levelMs(level)
}
