import Database from 'better-sqlite3'
import { verdictOf, verdictReasonOf } from '../../../../shared/verdict.ts'
import { contentDigest } from '../../message/content-digest.ts'
import { decodeStreamMessage } from '../../message/decode.ts'
import { MessageRefused } from '../../message/message-refused.ts'
import { FLAG_ENCRYPTED } from '../../message/verified-batch-layout.ts'
import type { VerifiedMessage } from '../../ports.ts'
import { fieldsOfRaw } from '../stored-fields.ts'

/** A stretch of a stream part that could not be read. Times are ms since the epoch, both ends inclusive. */
export interface DamagedStretch {
  part: string
  from: number
  to: number
}

interface Row {
  part: number
  timestamp: number
  digest: Buffer
  verdict: number
  reason: number
  flags: number
  source: string | null
  received_at: number
  raw: Buffer
}

interface PartRow {
  id: number
  name: string
  retention_age_ms: number | null
  retention_bytes: number | null
  dropped: number
  dropped_before: number
}

interface DropRow {
  name: string
  from_timestamp: number
  to_timestamp: number
  messages: number
  bytes: number
}

const END_OF_TIME = Number.MAX_SAFE_INTEGER
const ROWS_AT_ONCE = 500
/** Where readable rows begin again is found to this exactness, ms. */
const EXACTNESS_MS = 1_000

/** Reads what can be read of a damaged file, and remembers what cannot. */
export class SalvageReader {
  readonly damages: DamagedStretch[] = []
  readonly #db: Database.Database
  readonly #partNames = new Map<number, string>()

  constructor(db: Database.Database) {
    this.#db = db
    for (const { id, name } of this.parts()) this.#partNames.set(id, name)
  }

  parts(): PartRow[] {
    return this.#tolerant<PartRow>(
      'SELECT id, name, retention_age_ms, retention_bytes, dropped, dropped_before FROM parts',
    )
  }

  drops(): DropRow[] {
    return this.#tolerant<DropRow>(
      `SELECT name, from_timestamp, to_timestamp, messages, drops.bytes AS bytes
       FROM drops JOIN parts ON parts.id = drops.part`,
    )
  }

  /** All messages that are whole, of all tables they are kept in. */
  *messages(): Generator<VerifiedMessage> {
    for (const table of ['messages', 'unproven', 'held']) {
      const last = this.#tolerant<{ part: number | null }>(`SELECT max(part) AS part FROM ${table}`)[0]?.part
      // A part table that cannot be read hides how many parts there are: those that have a name are tried.
      const parts = last ?? Math.max(0, ...this.#partNames.keys())
      for (let part = 1; part <= parts; part++) yield* this.#messagesOf(table, part)
    }
  }

  *#messagesOf(table: string, part: number): Generator<VerifiedMessage> {
    let from = 0
    while (from < END_OF_TIME) {
      const { rows, isDamaged, next } = this.#read(table, part, from, ROWS_AT_ONCE)
      for (const row of rows) {
        const message = wholeMessage(row)
        if (message === undefined) this.#remember(part, row.timestamp, row.timestamp)
        else yield message
      }
      if (!isDamaged) {
        from = next
        continue
      }
      const good = rows.at(-1)?.timestamp ?? from
      const resume = this.#findReadable(table, part, good + 1)
      this.#remember(part, good, resume === END_OF_TIME ? this.#lastTimestamp(table, part, good) : resume)
      from = resume
    }
  }

  /** Rows from a timestamp on until the end, a full page, or damage. */
  #read(
    table: string,
    part: number,
    from: number,
    limit: number,
  ): { rows: Row[]; isDamaged: boolean; next: number } {
    const rows: Row[] = []
    try {
      const statement = this.#db.prepare<[number, number, number], Row>(
        `SELECT part, timestamp, digest, verdict, reason, flags, received_at, raw,
           (SELECT name FROM sources WHERE id = source) AS source
         FROM ${table} WHERE part = ? AND timestamp >= ? ORDER BY timestamp LIMIT ?`,
      )
      for (const row of statement.iterate(part, from, limit)) rows.push(row)
    } catch (error) {
      assertDamage(error)
      return { rows, isDamaged: true, next: from }
    }
    if (rows.length < limit) return { rows, isDamaged: false, next: END_OF_TIME }
    const last = rows.at(-1)?.timestamp ?? from
    // Rows of the last timestamp are read again with the next page, unless they fill one alone.
    if (last === from) return this.#read(table, part, from, limit * 2)
    return { rows: rows.filter(({ timestamp }) => timestamp < last), isDamaged: false, next: last }
  }

  /** The first timestamp from which on a row can be read, by steps that double and then halve. */
  #findReadable(table: string, part: number, from: number): number {
    let bad = from
    let step = 1
    while (bad + step < END_OF_TIME && !this.#canRead(table, part, bad + step)) {
      bad += step
      step *= 2
    }
    if (bad + step >= END_OF_TIME) return END_OF_TIME
    let good = bad + step
    while (good - bad > EXACTNESS_MS) {
      const middle = Math.floor((good + bad) / 2)
      if (this.#canRead(table, part, middle)) good = middle
      else bad = middle
    }
    return good
  }

  #canRead(table: string, part: number, from: number): boolean {
    return !this.#read(table, part, from, 1).isDamaged
  }

  #lastTimestamp(table: string, part: number, from: number): number {
    const rows = this.#tolerant<{ last: number | null }>(
      `SELECT max(timestamp) AS last FROM ${table} WHERE part = ${part}`,
    )
    return Math.max(from, rows[0]?.last ?? from)
  }

  #remember(part: number, from: number, to: number): void {
    const name = this.#partNames.get(part) ?? `part ${part}`
    const last = this.damages.at(-1)
    if (last?.part === name && from <= last.to + 1) last.to = Math.max(last.to, to)
    else this.damages.push({ part: name, from, to })
  }

  #tolerant<T>(sql: string): T[] {
    const rows: T[] = []
    try {
      for (const row of this.#db.prepare<[], T>(sql).iterate()) rows.push(row)
    } catch (error) {
      assertDamage(error)
    }
    return rows
  }
}

/** The message of a row, unless its bytes are not those that were stored. */
function wholeMessage(row: Row): VerifiedMessage | undefined {
  try {
    const raw = new Uint8Array(row.raw)
    const message = decodeStreamMessage(raw)
    const digest = contentDigest(message)
    if (!row.digest.equals(digest) || message.id.timestamp !== row.timestamp) return undefined
    return {
      id: message.id,
      previous: message.previous,
      digest,
      verdict: verdictOf(row.verdict),
      reason: verdictReasonOf(row.reason),
      source: row.source ?? 'salvage',
      receivedAt: row.received_at,
      encrypted: (row.flags & FLAG_ENCRYPTED) !== 0,
      fields: fieldsOfRaw(raw),
      raw,
    }
  } catch (error) {
    if (error instanceof MessageRefused || error instanceof RangeError) return undefined
    throw error
  }
}

function assertDamage(error: unknown): void {
  if (error instanceof Database.SqliteError && /^SQLITE_(CORRUPT|NOTADB|IOERR)/.test(error.code)) return
  throw error
}
