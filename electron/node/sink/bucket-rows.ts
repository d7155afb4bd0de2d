import type { PoolClient } from 'pg'
import { DigestSum } from '../message/digest-sum.ts'
import { BUCKET_MS, DAY_MS } from './limits.ts'

/** What a table holds of one bucket of time, as far as its rows are in step with the store. */
export interface BucketSum {
  start: number
  verified: number
  sum: Uint8Array
  /** Sum over the messages that are not verified; null where it is not known. */
  others: Uint8Array | null
}

/** A minute that was read whole: what the store held of it. */
export type CompleteBucket = BucketSum & { others: Uint8Array }

interface BucketRow {
  start: string
  verified: string
  sum: Buffer
  others: Buffer | null
}

export function startOf(width: number, timestamp: number): number {
  return Math.floor(timestamp / width) * width
}

/** Buckets of one width that begin within `from` to `to`, ascending. */
export async function readBuckets(
  client: PoolClient,
  table: string,
  width: number,
  from: number,
  to: number,
): Promise<BucketSum[]> {
  const { rows } = await client.query<BucketRow>(
    `SELECT starts_at AS start, verified, digest_sum AS sum, others_sum AS others FROM tidemark_sink_buckets
     WHERE table_name = $1 AND width_ms = $2 AND starts_at >= $3 AND starts_at <= $4 ORDER BY starts_at`,
    [table, width, from, to],
  )
  return rows.map(({ start, verified, sum, others }) => ({
    start: Number(start),
    verified: Number(verified),
    sum: Uint8Array.from(sum),
    others: others && Uint8Array.from(others),
  }))
}

/**
 * Changes of the minutes that one transaction touches. A minute that was read whole gets the sum of what was read;
 * of others it is known what was added and taken away. The day is always the sum of its minutes.
 */
export class BucketChanges {
  readonly #complete = new Map<number, CompleteBucket>()
  readonly #added = new Map<number, { added: DigestSum; removed: DigestSum; othersKnown: boolean }>()

  setComplete(bucket: CompleteBucket): void {
    this.#complete.set(bucket.start, bucket)
  }

  verdictChanged(timestamp: number, digest: Uint8Array, wasVerified: boolean, isVerified: boolean): void {
    const change = this.#changeAt(timestamp)
    if (isVerified && !wasVerified) change.added.add(digest)
    if (wasVerified && !isVerified) change.removed.add(digest)
  }

  /** Something that is not verified was met: what the whole minute holds of it is not known from this. */
  othersTouched(timestamp: number): void {
    this.#changeAt(timestamp).othersKnown = false
  }

  async save(client: PoolClient, table: string): Promise<void> {
    const minutes = [...new Set([...this.#complete.keys(), ...this.#added.keys()])].sort((a, b) => a - b)
    const first = minutes[0]
    const last = minutes.at(-1)
    if (first === undefined || last === undefined) return
    const before = await readExactly(client, table, BUCKET_MS, minutes)
    const days = await readExactly(client, table, DAY_MS, [
      ...new Set(minutes.map((at) => startOf(DAY_MS, at))),
    ])
    const saved: (BucketSum & { width: number })[] = []
    for (const start of minutes) {
      const old = before.get(start) ?? { sum: new DigestSum(), others: new Uint8Array(0) }
      const { sum, others } = this.#minuteAfter(start, old)
      saved.push({ width: BUCKET_MS, start, verified: sum.count, sum: sum.sum, others })
      const day = startOf(DAY_MS, start)
      const total = days.get(day)?.sum ?? new DigestSum()
      total.removeAll(old.sum)
      total.addAll(sum)
      days.set(day, { sum: total, others: null })
    }
    for (const [start, { sum }] of days) {
      saved.push({ width: DAY_MS, start, verified: sum.count, sum: sum.sum, others: null })
    }
    await client.query(
      `INSERT INTO tidemark_sink_buckets (table_name, width_ms, starts_at, verified, digest_sum, others_sum)
       SELECT $1, * FROM unnest($2::bigint[], $3::bigint[], $4::bigint[], $5::bytea[], $6::bytea[])
       ON CONFLICT (table_name, width_ms, starts_at) DO UPDATE
       SET verified = excluded.verified, digest_sum = excluded.digest_sum, others_sum = excluded.others_sum`,
      [
        table,
        saved.map(({ width }) => width),
        saved.map(({ start }) => start),
        saved.map(({ verified }) => verified),
        saved.map(({ sum }) => Buffer.from(sum)),
        saved.map(({ others }) => others && Buffer.from(others)),
      ],
    )
  }

  #minuteAfter(start: number, old: Kept): Kept {
    const complete = this.#complete.get(start)
    if (complete !== undefined) {
      return { sum: new DigestSum(complete.verified, complete.sum), others: complete.others }
    }
    const sum = new DigestSum(old.sum.count, old.sum.sum)
    const change = this.#added.get(start)
    if (change === undefined) return { sum, others: old.others }
    sum.addAll(change.added)
    sum.removeAll(change.removed)
    return { sum, others: change.othersKnown ? old.others : null }
  }

  #changeAt(timestamp: number): { added: DigestSum; removed: DigestSum; othersKnown: boolean } {
    const start = startOf(BUCKET_MS, timestamp)
    let change = this.#added.get(start)
    if (change === undefined) {
      change = { added: new DigestSum(), removed: new DigestSum(), othersKnown: true }
      this.#added.set(start, change)
    }
    return change
  }
}

interface Kept {
  sum: DigestSum
  others: Uint8Array | null
}

async function readExactly(
  client: PoolClient,
  table: string,
  width: number,
  starts: readonly number[],
): Promise<Map<number, Kept>> {
  const { rows } = await client.query<BucketRow>(
    `SELECT starts_at AS start, verified, digest_sum AS sum, others_sum AS others FROM tidemark_sink_buckets
     WHERE table_name = $1 AND width_ms = $2 AND starts_at = ANY ($3::bigint[])`,
    [table, width, starts],
  )
  return new Map(
    rows.map(({ start, verified, sum, others }) => [
      Number(start),
      { sum: new DigestSum(Number(verified), sum), others: others && Uint8Array.from(others) },
    ]),
  )
}
