import type Sqlite from 'better-sqlite3'
import { MINUTE_MS, SECOND_MS, SLOT_MS } from './limits.ts'

export interface PartRow {
  id: number
  digest: string
  broken: number
}

/** Counts of messages that a schema does not allow, on disk. */
export class MarkTable {
  readonly #db: Sqlite.Database

  constructor(db: Sqlite.Database) {
    this.#db = db
  }

  part(name: string): PartRow | undefined {
    return this.#db
      .prepare<[string], PartRow>('SELECT id, schema_digest AS digest, broken FROM parts WHERE name = ?')
      .get(name)
  }

  /** Begins a part anew: what was counted by another schema is gone. */
  begin(name: string, digest: string): PartRow {
    this.#db
      .transaction(() => {
        this.drop(name)
        this.#db.prepare('INSERT INTO parts (name, schema_digest, broken) VALUES (?, ?, 0)').run(name, digest)
      })
      .immediate()
    return this.part(name) as PartRow
  }

  drop(name: string): void {
    const id = this.part(name)?.id
    if (id === undefined) return
    for (const table of ['slots', 'broken']) this.#db.prepare(`DELETE FROM ${table} WHERE part = ?`).run(id)
    this.#db.prepare('DELETE FROM parts WHERE id = ?').run(id)
  }

  /** First and last slot that were read. */
  span(part: number): { first: number; last: number } | null {
    const row = this.#db
      .prepare<[number], { first: number | null; last: number | null }>(
        'SELECT min(slot) AS first, max(slot) AS last FROM slots WHERE part = ?',
      )
      .get(part)
    return row === undefined || row.first === null || row.last === null
      ? null
      : { first: row.first, last: row.last }
  }

  /** What the store held when each slot was read. */
  stamps(part: number, first: number, last: number): Map<number, string> {
    const rows = this.#db
      .prepare<[number, number, number], [number, string]>(
        'SELECT slot, stamp FROM slots WHERE part = ? AND slot BETWEEN ? AND ?',
      )
      .raw()
      .all(part, first, last)
    return new Map(rows)
  }

  /** Forgets that slots were read, and says which; their counts stay until they are read again. */
  unstamp(part: number, first: number, last: number): number[] {
    return this.#db
      .prepare<[number, number, number], number>(
        "UPDATE slots SET stamp = '' WHERE part = ? AND slot BETWEEN ? AND ? RETURNING slot",
      )
      .pluck()
      .all(part, first, last)
  }

  /**
   * Puts down what was counted in seconds of a slot, and what the slot and the part come to with it.
   * @param stamp null for a slot whose messages are gone
   * @returns whether any count differs from before
   */
  write(part: number, slot: number, stamp: string | null, seconds: ReadonlyMap<number, number>): boolean {
    return this.#db
      .transaction(() => {
        const put = this.#db.prepare(
          `INSERT INTO broken (part, bucket_ms, bucket, messages) VALUES (?, ?, ?, ?)
           ON CONFLICT DO UPDATE SET messages = excluded.messages WHERE messages <> excluded.messages`,
        )
        const remove = this.#db.prepare('DELETE FROM broken WHERE part = ? AND bucket_ms = ? AND bucket = ?')
        let changes = 0
        const minutes = new Set<number>()
        for (const [second, messages] of seconds) {
          const { changes: changed } =
            messages === 0 ? remove.run(part, SECOND_MS, second) : put.run(part, SECOND_MS, second, messages)
          if (changed > 0) minutes.add(Math.floor((second * SECOND_MS) / MINUTE_MS))
          changes += changed
        }
        for (const minute of minutes) {
          const messages = this.#sum(part, minute * MINUTE_MS, (minute + 1) * MINUTE_MS)
          if (messages === 0) remove.run(part, MINUTE_MS, minute)
          else put.run(part, MINUTE_MS, minute, messages)
        }
        const before = this.#db
          .prepare<[number, number], number>('SELECT broken FROM slots WHERE part = ? AND slot = ?')
          .pluck()
          .get(part, slot)
        const broken =
          changes === 0 && before !== undefined
            ? before
            : this.#sum(part, slot * SLOT_MS, (slot + 1) * SLOT_MS)
        if (stamp === null) {
          this.#db.prepare('DELETE FROM slots WHERE part = ? AND slot = ?').run(part, slot)
        } else {
          this.#db
            .prepare('INSERT OR REPLACE INTO slots (part, slot, stamp, broken) VALUES (?, ?, ?, ?)')
            .run(part, slot, stamp, broken)
        }
        const delta = broken - (before ?? 0)
        if (delta !== 0)
          this.#db.prepare('UPDATE parts SET broken = broken + ? WHERE id = ?').run(delta, part)
        return changes > 0
      })
      .immediate()
  }

  /** Seconds of a slot in which there are any. */
  seconds(part: number, slot: number): number[] {
    const perSlot = SLOT_MS / SECOND_MS
    return this.#db
      .prepare<[number, number, number, number], number>(
        'SELECT bucket FROM broken WHERE part = ? AND bucket_ms = ? AND bucket BETWEEN ? AND ?',
      )
      .pluck()
      .all(part, SECOND_MS, slot * perSlot, (slot + 1) * perSlot - 1)
  }

  /** Messages by bucket of a length that is a multiple of a second, where there are any; start of each in ms. */
  counts(part: number, from: number, to: number, bucketMs: number): [from: number, messages: number][] {
    const first = Math.floor(from / bucketMs) * bucketMs
    const last = Math.floor(to / bucketMs) * bucketMs + bucketMs - 1
    const [unit, table, key] =
      bucketMs % SLOT_MS === 0
        ? [SLOT_MS, 'slots', 'slot']
        : bucketMs % MINUTE_MS === 0
          ? [MINUTE_MS, 'broken', 'bucket']
          : [SECOND_MS, 'broken', 'bucket']
    const messages = table === 'slots' ? 'broken' : 'messages'
    const where = table === 'slots' ? 'broken > 0' : `bucket_ms = ${unit}`
    return this.#db
      .prepare<[number, number, number, number], [number, number]>(
        `SELECT ${key} / CAST(? AS INTEGER) AS at, sum(${messages}) FROM ${table}
         WHERE part = ? AND ${where} AND ${key} BETWEEN ? AND ? GROUP BY at ORDER BY at`,
      )
      .raw()
      .all(bucketMs / unit, part, Math.floor(first / unit), Math.floor(last / unit))
      .map(([at, sum]) => [at * bucketMs, sum])
  }

  #sum(part: number, from: number, end: number): number {
    return (
      this.#db
        .prepare<[number, number, number, number], number | null>(
          'SELECT sum(messages) FROM broken WHERE part = ? AND bucket_ms = ? AND bucket >= ? AND bucket < ?',
        )
        .pluck()
        .get(part, SECOND_MS, from / SECOND_MS, end / SECOND_MS) ?? 0
    )
  }
}
