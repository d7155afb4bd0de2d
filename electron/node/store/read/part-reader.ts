import type { FieldKind, FieldSummary } from '../../../../shared/chart.ts'
import type { BucketFingerprint, PartStatistics } from '../../ports.ts'
import { MAX_COUNTED_CLOCKS } from '../limits.ts'
import { bucketStart } from '../pyramid/bucket-levels.ts'
import { BucketRowReader } from '../pyramid/bucket-row-reader.ts'
import {
  FIELDS_PER_CHUNK,
  FieldStatistics,
  LAST,
  LAST_TIMESTAMP,
  STRIDE,
} from '../pyramid/field-statistics.ts'
import { bucketOf, LEVELS, levelMs } from '../pyramid/levels.ts'
import { PublisherBucket } from '../pyramid/publisher-bucket.ts'
import { FLAG_CLOCK } from '../write/message-entry.ts'
import type { Names } from './name-lookup.ts'
import type { Statements } from './statements.ts'

const KINDS: readonly FieldKind[] = ['number', 'boolean', 'text']
const DAYS = LEVELS - 1

/** Publishers whose newest values are looked at to say what a field's last value is. */
const MAX_PUBLISHERS_ASKED = 256

type StatisticsRow = [
  id: number,
  part: string,
  verified: number,
  pending: number,
  unauthorised: number,
  forged: number,
  bytes: number,
  equivocations: number,
  gaps: number,
  lastReceivedAt: number | null,
  dropped: number,
  publishers: number,
]

/** Reads what is known of stream parts as a whole. */
export class PartReader {
  readonly #statements: Statements
  readonly #names: Names

  constructor(statements: Statements, names: Names) {
    this.#statements = statements
    this.#names = names
  }

  statistics(): PartStatistics[] {
    const rows = this.#statements.rows<StatisticsRow>(
      `SELECT id, name, verified, pending, unauthorised, forged, bytes, equivocations, gaps, last_received_at, dropped,
         (SELECT count(*) FROM part_publishers WHERE part = id)
       FROM parts ORDER BY name`,
    )
    return rows.all().map((row) => {
      const [id, part, verified, pending, unauthorised, forged, sizeBytes, equivocations, gaps] = row
      return {
        part,
        messages: verified + pending + unauthorised + forged,
        sizeBytes,
        verdicts: { verified, pending, unauthorised, forged },
        equivocations,
        clocksOff: this.#clocksOff(id),
        gaps,
        dropped: row[10],
        firstTimestamp: this.#edge(id, 'ASC'),
        lastTimestamp: this.#edge(id, 'DESC'),
        lastReceivedAt: row[9],
        publishers: row[11],
      }
    })
  }

  publishers(part: string): string[] {
    const id = this.#names.parts.idOf(part)
    if (id === undefined) return []
    return this.#statements
      .rows<[string]>(
        `SELECT name FROM part_publishers JOIN publishers ON id = publisher WHERE part = ? ORDER BY name`,
      )
      .all(id)
      .map(([name]) => name)
  }

  fields(part: string): FieldSummary[] {
    const id = this.#names.parts.idOf(part)
    if (id === undefined) return []
    const newest = this.#newestValues(id)
    return this.#statements
      .rows<[string, number | null, number]>(
        'SELECT path, slot, kind FROM fields WHERE part = ? ORDER BY slot IS NULL, slot, path',
      )
      .all(id)
      .map(([path, slot, kindCode]) => {
        const kind = KINDS[kindCode] as FieldKind
        const value = slot === null ? undefined : lastValueOf(newest, slot, kind)
        return {
          path,
          kind,
          indexed: slot !== null,
          lastValue: value?.lastValue ?? null,
          lastTimestamp: value?.lastTimestamp ?? 0,
        }
      })
  }

  fingerprints(part: string, bucketMs: number, from: number, to: number): BucketFingerprint[] {
    const id = this.#names.parts.idOf(part)
    const level = Array.from({ length: LEVELS }, (_, at) => at).find((at) => levelMs(at) === bucketMs)
    if (level === undefined) throw new RangeError(`The pyramid has no level of ${bucketMs} ms`)
    if (id === undefined) return []
    return this.#statements
      .rows<[number, number, Buffer]>(
        `SELECT bucket, verified, fingerprint FROM part_buckets
         WHERE part = ? AND level = ? AND bucket BETWEEN ? AND ? AND verified > 0 ORDER BY bucket`,
      )
      .all(id, level, bucketOf(from, level), bucketOf(to, level))
      .map(([bucket, count, sum]) => ({ from: bucketStart(level, bucket), count, sum: new Uint8Array(sum) }))
  }

  /** Counted in the index of marked messages, and no further than a number that says enough; with those held back. */
  #clocksOff(part: number): number {
    const held = this.#statements.value<number>('SELECT count(*) FROM held WHERE part = ?', part) ?? 0
    return (
      held +
      (this.#statements.value<number>(
        `SELECT count(*) FROM (SELECT 1 FROM messages INDEXED BY marked_messages
           WHERE part = ? AND (flags & 6) <> 0
           AND (flags & ${FLAG_CLOCK}) <> 0 LIMIT ${MAX_COUNTED_CLOCKS}) AS off`,
        part,
      ) ?? 0)
    )
  }

  /** Timestamp of the first or last message of a part whose publisher signed it. */
  #edge(part: number, direction: 'ASC' | 'DESC'): number | null {
    const sql = `SELECT timestamp FROM messages WHERE part = ? ORDER BY timestamp ${direction} LIMIT 1`
    return this.#statements.value<number>(sql, part) ?? null
  }

  /** Statistics of the newest day of each publisher, which hold the last value of every field. */
  #newestValues(part: number): FieldStatistics {
    const newest = new FieldStatistics()
    const publishers = this.#statements.rows<[number]>(
      `SELECT publisher FROM part_publishers WHERE part = ? LIMIT ${MAX_PUBLISHERS_ASKED}`,
    )
    const day = this.#statements.rows<[Buffer]>(
      `SELECT content FROM publisher_buckets
       WHERE part = ? AND publisher = ? AND level = ${DAYS} AND chunk = ? ORDER BY bucket DESC LIMIT 1`,
    )
    const slots =
      this.#statements.value<number>(
        'SELECT count(*) FROM fields WHERE part = ? AND slot IS NOT NULL',
        part,
      ) ?? 0
    for (const [publisher] of publishers.all(part)) {
      for (let chunk = 0; chunk * FIELDS_PER_CHUNK < slots; chunk++) {
        const row = day.get(part, publisher, chunk)
        if (row === undefined) continue
        const reader = new BucketRowReader(row[0], DAYS, chunk)
        if (!reader.next()) continue
        const bucket = new PublisherBucket(reader.bucket)
        reader.putInto(bucket)
        newest.add(bucket.fields)
      }
    }
    return newest
  }
}

function lastValueOf(
  newest: FieldStatistics,
  slot: number,
  kind: FieldKind,
): Pick<FieldSummary, 'lastValue' | 'lastTimestamp'> | undefined {
  const at = slot * STRIDE
  if (kind === 'number') {
    if (!((newest.numbers[at] ?? 0) > 0)) return undefined
    return {
      lastValue: newest.numbers[at + LAST] as number,
      lastTimestamp: newest.numbers[at + LAST_TIMESTAMP] as number,
    }
  }
  const state = newest.states.get(slot)
  if (state === undefined) return undefined
  return {
    lastValue: kind === 'boolean' ? state.last === 'true' : state.last,
    lastTimestamp: state.lastTimestamp,
  }
}
