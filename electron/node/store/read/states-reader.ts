import type { StateChange } from '../../../../shared/chart.ts'
import type { ChartQuery } from '../../ports.ts'
import type { ContentKeyLookup } from '../content-keys.ts'
import { MAX_WIDTH_PX, MAX_WINDOW_ROWS } from '../limits.ts'
import { BucketRowReader } from '../pyramid/bucket-row-reader.ts'
import { FIELDS_PER_CHUNK, type StateStatistics } from '../pyramid/field-statistics.ts'
import { childrenOf, FINEST_MS, LEVELS } from '../pyramid/levels.ts'
import { fieldsOfRaw } from '../stored-fields.ts'
import { toState } from '../write/batch-fields.ts'
import { PENDING, VERIFIED } from '../write/message-entry.ts'
import { streamBuckets } from './bucket-stream.ts'
import { bucketsWithin, chooseResolution } from './resolution.ts'
import type { ChartField, ChartPublisher, SeriesChooser } from './series-chooser.ts'
import type { Statements } from './statements.ts'

/** Buckets before the window that are looked at for the state that was in force when it begins. */
const MAX_LOOK_BACK = 64

export interface StateSeries {
  publisher: string
  field: string
  changes: StateChange[]
}

/** What one read of states may still do. */
interface Budget {
  rows: number
  changes: number
}

/** Which series is read, of which window, and where its steps go. */
interface Reading {
  part: number
  publisher: ChartPublisher
  field: ChartField
  from: number
  to: number
  budget: Budget
  step: (at: number, state: string) => void
}

/**
 * Reads the steps of text and boolean fields. A bucket in which only one state occurs has no step inside; one in
 * which several occur is followed down to finer buckets and at last to messages, so that every step is found
 * where it happened. When a window holds more steps than can be drawn or looked for, the buckets that are left say
 * how they begin and how they end.
 */
export class StatesReader {
  readonly #statements: Statements
  readonly #keys: ContentKeyLookup
  readonly #chooser: SeriesChooser

  constructor(statements: Statements, chooser: SeriesChooser, keys: ContentKeyLookup) {
    this.#keys = keys
    this.#statements = statements
    this.#chooser = chooser
  }

  read(query: ChartQuery): StateSeries[] {
    const chosen = this.#chooser.choose(query)
    if (chosen === null || query.to < query.from) return []
    const { part, fields, publishers } = chosen
    return publishers
      .flatMap((publisher) => fields.map((field) => this.#readSeries(part, publisher, field, query)))
      .filter(({ changes }) => changes.length > 0)
  }

  #readSeries(part: number, publisher: ChartPublisher, field: ChartField, query: ChartQuery): StateSeries {
    const { from, to, widthPx } = query
    const width = Math.min(Math.max(1, Math.floor(widthPx)), MAX_WIDTH_PX)
    const budget = { rows: MAX_WINDOW_ROWS, changes: 2 * width }
    const changes: StateChange[] = []
    const step = (at: number, state: string): void => {
      if (at < from || at > to || changes.at(-1)?.state === state) return
      changes.push({ at, state })
      budget.changes -= 1
    }
    const reading = { part, publisher, field, from, to, budget, step }
    const { level } = chooseResolution(from, to, budget.changes, 0)
    const { first, last } = bucketsWithin(level, from, to)
    this.#descend(reading, level, first, last)
    const before = changes[0]?.at === from ? undefined : this.#stateBefore(reading)
    if (before !== undefined) {
      if (changes[0]?.state === before) changes.shift()
      changes.unshift({ at: from, state: before })
    }
    return { publisher: publisher.name, field: field.path, changes }
  }

  #descend(reading: Reading, level: number, first: number, last: number): void {
    const { from, to, budget, step } = reading
    for (const { bucket, states } of this.#rows(reading, level, first, last)) {
      budget.rows -= 1
      const isCut = states.firstTimestamp < from || states.lastTimestamp > to
      if (!states.mixed && !isCut) {
        step(states.firstTimestamp, states.first)
      } else if (budget.rows <= 0 || budget.changes <= 0) {
        step(states.firstTimestamp, states.first)
        step(states.lastTimestamp, states.last)
      } else if (level > 0) {
        const children = childrenOf(level)
        const within = bucketsWithin(level - 1, from, to)
        const firstChild = Math.max(bucket * children, within.first)
        const lastChild = Math.min((bucket + 1) * children - 1, within.last)
        this.#descend(reading, level - 1, firstChild, lastChild)
      } else {
        this.#readMessages(reading, bucket, step)
      }
    }
  }

  #readMessages(
    { part, publisher, field, budget }: Reading,
    bucket: number,
    step: (at: number, state: string) => void,
  ): void {
    const range = [bucket * FINEST_MS, (bucket + 1) * FINEST_MS - 1]
    const messages = this.#statements.rows<[number, number, Buffer]>(
      `SELECT timestamp, sequence, raw FROM messages INDEXED BY messages_by_publisher
         WHERE part = ? AND publisher = ? AND timestamp BETWEEN ? AND ? AND verdict IN (${VERIFIED}, ${PENDING})
       UNION ALL
       SELECT timestamp, sequence, raw FROM unproven INDEXED BY unproven_by_publisher
         WHERE part = ? AND publisher = ? AND timestamp BETWEEN ? AND ? AND verdict = ${PENDING}
       ORDER BY 1, 2`,
    )
    const parameters = [part, publisher.id, ...range, part, publisher.name, ...range]
    for (const [timestamp, , raw] of messages.iterate(...parameters)) {
      budget.rows -= 1
      for (const [path, value] of fieldsOfRaw(raw, this.#keys)) {
        if (path === field.path && typeof value !== 'number') step(timestamp, toState(String(value)))
      }
    }
  }

  /** The state in force when the window begins. */
  #stateBefore(reading: Reading): string | undefined {
    const { part, publisher, field, from } = reading
    let state: string | undefined
    this.#readMessages(reading, Math.floor(from / FINEST_MS), (at, found) => {
      if (at < from) state = found
    })
    if (state !== undefined) return state
    const rows = this.#statements.rows<[Buffer]>(
      `SELECT content FROM publisher_buckets
       WHERE part = ? AND publisher = ? AND level = ? AND chunk = ? AND bucket < ?
       ORDER BY bucket DESC LIMIT ${MAX_LOOK_BACK}`,
    )
    const chunk = Math.floor(field.slot / FIELDS_PER_CHUNK)
    // Whole buckets before the window, from the finest level up: a field that is seldom sent is found further back.
    for (let level = 0; level < LEVELS; level++) {
      const { first } = bucketsWithin(level, from, from)
      for (const [content] of rows.iterate(part, publisher.id, level, chunk, first)) {
        const reader = new BucketRowReader(content, level, chunk)
        const states = reader.next() ? reader.readStates(field.slot) : undefined
        if (states !== undefined) return states.last
      }
    }
    return undefined
  }

  #rows(
    { part, publisher, field }: Reading,
    level: number,
    first: number,
    last: number,
  ): { bucket: number; states: StateStatistics }[] {
    const chunk = Math.floor(field.slot / FIELDS_PER_CHUNK)
    const found: { bucket: number; states: StateStatistics }[] = []
    for (const row of streamBuckets(this.#statements, {
      part,
      publisher: publisher.id,
      level,
      chunk,
      first,
      last,
    })) {
      const states = row.readStates(field.slot)
      if (states !== undefined) found.push({ bucket: row.bucket, states })
    }
    return found
  }
}
