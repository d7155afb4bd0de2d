import type { ChartBucket, ChartSeries } from '../../../../shared/chart.ts'
import { type Verdict, verdictOf } from '../../../../shared/verdict.ts'
import type { ContentKeyLookup } from '../content-keys.ts'
import { fieldsOfRaw } from '../stored-fields.ts'
import { FORGED, PENDING, VERIFIED } from '../write/message-entry.ts'
import type { ChartField } from './series-chooser.ts'
import type { Statements } from './statements.ts'

interface Point {
  timestamp: number
  sequence: number
  value: number
  worst: Verdict
  gapBefore: boolean
}

/** The order the pyramid has too: of values at the same instant the smaller comes first. */
function inOrder(a: Point, b: Point): number {
  return a.timestamp - b.timestamp || a.sequence - b.sequence || a.value - b.value
}

function toBucket({ timestamp, value, worst, gapBefore }: Point): ChartBucket {
  return {
    from: timestamp,
    to: timestamp,
    count: 1,
    first: value,
    min: value,
    max: value,
    last: value,
    sum: value,
    worst,
    gapBefore,
  }
}

/** Reads single messages as points of a chart. */
export class RawPoints {
  readonly #statements: Statements
  readonly #keys: ContentKeyLookup

  constructor(statements: Statements, keys: ContentKeyLookup) {
    this.#keys = keys
    this.#statements = statements
  }

  /** Points of the given fields of one publisher, both ends of the window inclusive. */
  read(
    part: number,
    publisher: number,
    name: string,
    fields: readonly ChartField[],
    window: { from: number; to: number },
  ): ChartSeries[] {
    const points = new Map<string, Point[]>()
    for (const { path } of fields) points.set(path, [])
    const afterGap = this.#namersOfGaps(part, publisher, window)
    const forged = this.#forged(part, name, window)
    const { from, to } = window
    const within = 'timestamp BETWEEN ? AND ?'
    const messages = this.#statements.rows<[number, number, number, Buffer]>(
      `SELECT timestamp, sequence, verdict, raw FROM messages INDEXED BY messages_by_publisher
         WHERE part = ? AND publisher = ? AND ${within} AND verdict IN (${VERIFIED}, ${PENDING})
       UNION ALL
       SELECT timestamp, sequence, verdict, raw FROM unproven INDEXED BY unproven_by_publisher
         WHERE part = ? AND publisher = ? AND ${within} AND verdict = ${PENDING}
       ORDER BY 1, 2`,
    )
    const parameters = [part, publisher, from, to, part, name, from, to]
    for (const [timestamp, sequence, verdict, raw] of messages.iterate(...parameters)) {
      const worst = forged.has(timestamp) ? 'forged' : verdictOf(verdict)
      const gapBefore = afterGap.has(`${timestamp}:${sequence}`)
      for (const [path, value] of fieldsOfRaw(raw, this.#keys)) {
        if (typeof value === 'number')
          points.get(path)?.push({ timestamp, sequence, value, worst, gapBefore })
      }
    }
    return [...points]
      .filter(([, ofField]) => ofField.length > 0)
      .map(([field, ofField]) => ({ publisher: name, field, buckets: ofField.sort(inOrder).map(toBucket) }))
  }

  #namersOfGaps(part: number, publisher: number, { from, to }: { from: number; to: number }): Set<string> {
    const rows = this.#statements.rows<[number, number]>(
      `SELECT named_by_timestamp, named_by_sequence FROM gaps g INDEXED BY gaps_by_namer
       JOIN chain_states s ON s.part = g.part AND s.publisher = g.publisher AND s.chain = g.chain
       WHERE g.part = ? AND g.publisher = ? AND named_by_timestamp BETWEEN ? AND ?
         AND (missing_timestamp, missing_sequence) >= (first_timestamp, first_sequence)`,
    )
    return new Set(
      rows.all(part, publisher, from, to).map(([timestamp, sequence]) => `${timestamp}:${sequence}`),
    )
  }

  #forged(part: number, publisher: string, { from, to }: { from: number; to: number }): Set<number> {
    const rows = this.#statements.rows<[number]>(
      `SELECT timestamp FROM unproven INDEXED BY unproven_by_publisher
       WHERE part = ? AND publisher = ? AND timestamp BETWEEN ? AND ? AND verdict = ${FORGED}`,
    )
    return new Set(rows.all(part, publisher, from, to).map(([timestamp]) => timestamp))
  }
}
