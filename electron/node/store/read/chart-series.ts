import type { ChartBucket } from '../../../../shared/chart.ts'
import { verdictOf } from '../../../../shared/verdict.ts'
import {
  boundedSum,
  COUNT,
  FIRST,
  FIRST_TIMESTAMP,
  LAST,
  LAST_TIMESTAMP,
  MAX,
  MIN,
  SUM,
} from '../pyramid/field-statistics.ts'

/** What marks the buckets of one publisher: the worst verdict in each, and those in which a gap ends. */
export class BucketMarks {
  readonly #worst = new Map<number, number>()
  readonly #gaps = new Set<number>()

  add(index: number, worst: number, hasGap: boolean): void {
    if (worst > this.worstOf(index)) this.#worst.set(index, worst)
    if (hasGap) this.#gaps.add(index)
  }

  worstOf(index: number): number {
    return this.#worst.get(index) ?? 0
  }

  hasGap(index: number): boolean {
    return this.#gaps.has(index)
  }
}

/** A bucket while it is put together. */
interface OpenBucket extends Omit<ChartBucket, 'worst' | 'gapBefore'> {
  index: number
}

/** Puts the buckets of one series together from rows of the pyramid in ascending order. */
export class SeriesBuilder {
  readonly #buckets: OpenBucket[] = []
  #last: OpenBucket | undefined

  /**
   * Adds figures of one row.
   * @param index bucket of the answer the row belongs to
   */
  add(index: number, figures: Float64Array): void {
    const last = this.#last
    if (last?.index !== index) {
      this.#last = {
        index,
        from: figures[FIRST_TIMESTAMP] as number,
        to: figures[LAST_TIMESTAMP] as number,
        count: figures[COUNT] as number,
        first: figures[FIRST] as number,
        min: figures[MIN] as number,
        max: figures[MAX] as number,
        last: figures[LAST] as number,
        sum: figures[SUM] as number,
      }
      this.#buckets.push(this.#last)
      return
    }
    last.to = figures[LAST_TIMESTAMP] as number
    last.last = figures[LAST] as number
    last.count += figures[COUNT] as number
    last.sum = boundedSum(last.sum, figures[SUM] as number)
    last.min = Math.min(last.min, figures[MIN] as number)
    last.max = Math.max(last.max, figures[MAX] as number)
  }

  finish(marks: BucketMarks): ChartBucket[] {
    return this.#buckets.map(({ index, ...bucket }) => ({
      ...bucket,
      worst: verdictOf(marks.worstOf(index)),
      gapBefore: marks.hasGap(index),
    }))
  }
}
