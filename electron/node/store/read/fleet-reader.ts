import type { FleetFigure, FleetLatest, FleetMember, FleetWindow } from '../../../../shared/fleet.ts'
import { MAX_FLEET_FIELDS, MAX_FLEET_LATEST, MAX_FLEET_MEMBERS } from '../../../../shared/fleet.ts'
import { verdictOf } from '../../../../shared/verdict.ts'
import type { FleetQuery } from '../../ports.ts'
import { FLEET_NEWEST_MESSAGES, MAX_FLEET_ROWS } from '../limits.ts'
import { bucketStart } from '../pyramid/bucket-levels.ts'
import { BucketRowReader } from '../pyramid/bucket-row-reader.ts'
import { COUNT, FIELDS_PER_CHUNK, LAST, LAST_TIMESTAMP, STRIDE } from '../pyramid/field-statistics.ts'
import { bucketOf, LEVELS, levelMs } from '../pyramid/levels.ts'
import { streamBuckets } from './bucket-stream.ts'
import type { Names } from './name-lookup.ts'
import { bucketsWithin } from './resolution.ts'
import type { Statements } from './statements.ts'
import { WeightedValues } from './weighted-values.ts'

const DAYS = LEVELS - 1
const SHARES = [0.5, 0.95]

interface Field {
  slot: number
  chunk: number
}

/** What is read of each publisher: fields with percentiles, fields whose newest value is told, and of which buckets. */
interface Plan {
  part: number
  to: number
  figures: (Field | null)[]
  latest: (Field | null)[]
  chunks: number[]
  level: number
  first: number
  last: number
}

/**
 * Reads all publishers of a part side by side from their own statistics. The rows read are bounded whatever the
 * number of publishers and the length of the window: the level of the pyramid follows from both.
 */
export class FleetReader {
  readonly #statements: Statements
  readonly #names: Names

  constructor(statements: Statements, names: Names) {
    this.#statements = statements
    this.#names = names
  }

  read({ part, from, to, fields, latest }: FleetQuery): FleetWindow {
    const id = this.#names.parts.idOf(part)
    const empty = { part, from, to, bucketMs: 0, publishers: 0, members: [], totals: fields.map(() => null) }
    if (id === undefined || to < from) return empty
    const publishers = this.#statements
      .rows<[number, string]>(
        `SELECT id, name FROM part_publishers JOIN publishers ON id = publisher WHERE part = ?
         ORDER BY publisher LIMIT ${MAX_FLEET_MEMBERS}`,
      )
      .all(id)
    const figures = fields.slice(0, MAX_FLEET_FIELDS).map((path) => this.#field(id, path))
    const newest = latest.slice(0, MAX_FLEET_LATEST).map((path) => this.#field(id, path))
    const chunks = [
      ...new Set([0, ...[...figures, ...newest].flatMap((field) => (field ? [field.chunk] : []))]),
    ]
    const range = chooseBuckets(from, to, MAX_FLEET_ROWS / Math.max(1, publishers.length * chunks.length))
    const plan: Plan = { part: id, to, figures, latest: newest, chunks, ...range }
    const pooled = figures.map(() => new WeightedValues())
    const members = publishers.map(([publisher, name]) => this.#readMember(plan, publisher, name, pooled))
    return {
      part,
      from: Math.max(from, bucketStart(range.level, range.first)),
      to,
      bucketMs: levelMs(range.level),
      publishers: this.#count(id),
      members,
      totals: pooled.map(summarise),
    }
  }

  #count(part: number): number {
    return this.#statements.value<number>('SELECT count(*) FROM part_publishers WHERE part = ?', part) ?? 0
  }

  #field(part: number, path: string): Field | null {
    const sql = 'SELECT slot FROM fields WHERE part = ? AND path = ? AND slot IS NOT NULL'
    const slot = this.#statements.value<number>(sql, part, path)
    return slot === undefined ? null : { slot, chunk: Math.floor(slot / FIELDS_PER_CHUNK) }
  }

  #readMember(plan: Plan, publisher: number, name: string, pooled: readonly WeightedValues[]): FleetMember {
    const values = plan.figures.map(() => new WeightedValues())
    const lasts: (FleetLatest | null)[] = plan.figures.map(() => null)
    const latest: (FleetLatest | null)[] = plan.latest.map(() => null)
    const messages = { verified: 0, pending: 0, unauthorised: 0, gaps: 0 }
    const row = new Float64Array(STRIDE)
    const keepLatest = (reader: BucketRowReader, chunk: number): void => {
      plan.latest.forEach((field, at) => {
        if (field?.chunk === chunk)
          latest[at] = newerOf(latest[at] ?? null, latestIn(reader, field.slot, row))
      })
    }
    for (const chunk of plan.chunks) {
      const range = {
        part: plan.part,
        publisher,
        level: plan.level,
        chunk,
        first: plan.first,
        last: plan.last,
      }
      for (const reader of streamBuckets(this.#statements, range)) {
        if (chunk === 0) addCounts(messages, reader)
        plan.figures.forEach((field, at) => {
          if (field?.chunk !== chunk || !reader.readNumber(field.slot, row)) return
          values[at]?.addBucket(row)
          lasts[at] = { value: row[LAST] as number, timestamp: row[LAST_TIMESTAMP] as number }
        })
        keepLatest(reader, chunk)
      }
      // A field that is seldom sent, or a publisher that fell silent: the newest day there is has its last values.
      if (plan.latest.some((field, at) => field?.chunk === chunk && latest[at] === null)) {
        const day = this.#newestDay(plan, publisher, chunk)
        if (day !== null) keepLatest(day, chunk)
      }
    }
    const { newest, pauseMs, lagMs } = this.#pace(plan, publisher)
    if (newest?.verdict !== 'unauthorised') {
      values.forEach((ofField, at) => {
        pooled[at]?.addAll(ofField)
      })
    }
    const figures = values.map((ofField, at): FleetFigure | null => {
      const summary = summarise(ofField)
      const last = lasts[at]
      if (summary === null || last == null) return null
      return { last: last.value as number, lastTimestamp: last.timestamp, ...summary }
    })
    return { publisher: name, messages, newest, pauseMs, lagMs, latest, figures }
  }

  #newestDay({ part, to }: Plan, publisher: number, chunk: number): BucketRowReader | null {
    const content = this.#statements.value<Buffer>(
      `SELECT content FROM publisher_buckets
       WHERE part = ? AND publisher = ? AND level = ${DAYS} AND chunk = ? AND bucket <= ? ORDER BY bucket DESC LIMIT 1`,
      part,
      publisher,
      chunk,
      bucketOf(to, DAYS),
    )
    if (content === undefined) return null
    const reader = new BucketRowReader(content, DAYS, chunk)
    return reader.next() ? reader : null
  }

  /** The newest message and the usual pace, from a few of the newest. */
  #pace({ part, to }: Plan, publisher: number): Pick<FleetMember, 'newest' | 'pauseMs' | 'lagMs'> {
    const rows = this.#statements
      .rows<[timestamp: number, receivedAt: number, verdict: number]>(
        `SELECT timestamp, received_at, verdict FROM messages INDEXED BY messages_by_publisher
         WHERE part = ? AND publisher = ? AND timestamp <= ?
         ORDER BY timestamp DESC, sequence DESC LIMIT ${FLEET_NEWEST_MESSAGES}`,
      )
      .all(part, publisher, to)
    const first = rows[0]
    if (first === undefined) return { newest: null, pauseMs: null, lagMs: null }
    const pauses = rows
      .slice(1)
      .map(([timestamp], at) => (rows[at]?.[0] ?? timestamp) - timestamp)
      .sort((a, b) => b - a)
    return {
      newest: { timestamp: first[0], verdict: verdictOf(first[2]) },
      // The longest may have been an outage; the one behind it is how it speaks.
      pauseMs: (pauses.length > 2 ? pauses[1] : pauses[0]) ?? null,
      lagMs: Math.max(0, ...rows.map(([timestamp, receivedAt]) => receivedAt - timestamp)),
    }
  }
}

/** The finest level whose buckets in the window can be read, and its newest ones where even the coarsest has too many. */
function chooseBuckets(from: number, to: number, rowBudget: number): Pick<Plan, 'level' | 'first' | 'last'> {
  const budget = Math.max(1, Math.floor(rowBudget))
  for (let level = 0; ; level++) {
    const { first, last } = bucketsWithin(level, from, to)
    if (last - first + 1 > budget && level < DAYS) continue
    return { level, first: Math.max(first, last - budget + 1), last }
  }
}

function addCounts(messages: FleetMember['messages'], reader: BucketRowReader): void {
  messages.verified += reader.verified
  messages.pending += reader.pending
  messages.unauthorised += reader.unauthorised
  messages.gaps += reader.gaps
}

function latestIn(reader: BucketRowReader, slot: number, row: Float64Array): FleetLatest | null {
  if (reader.readNumber(slot, row) && (row[COUNT] as number) > 0) {
    return { value: row[LAST] as number, timestamp: row[LAST_TIMESTAMP] as number }
  }
  const states = reader.readStates(slot)
  return states === undefined ? null : { value: states.last, timestamp: states.lastTimestamp }
}

function newerOf(known: FleetLatest | null, found: FleetLatest | null): FleetLatest | null {
  if (found === null) return known
  return known === null || found.timestamp >= known.timestamp ? found : known
}

function summarise(values: WeightedValues) {
  const [p50, p95] = values.quantiles(SHARES)
  if (p50 === undefined || p95 === undefined) return null
  const [min, max] = values.quantiles([0, 1])
  return { count: values.count, min: min as number, p50, p95, max: max as number }
}
