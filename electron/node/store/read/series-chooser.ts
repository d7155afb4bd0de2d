import type { ChartQuery } from '../../ports.ts'
import { MAX_CHART_SERIES } from '../limits.ts'
import type { Names } from './name-lookup.ts'
import type { Statements } from './statements.ts'

/** A field asked for, and where its statistics are. */
export interface ChartField {
  path: string
  slot: number
}

export interface ChartPublisher {
  id: number
  name: string
}

export interface ChosenSeries {
  part: number
  fields: ChartField[]
  publishers: ChartPublisher[]
}

/** Finds what a chart query names: indexed fields, and publishers, no more than a chart may have series. */
export class SeriesChooser {
  readonly #statements: Statements
  readonly #names: Names

  constructor(statements: Statements, names: Names) {
    this.#statements = statements
    this.#names = names
  }

  /** Null when the part is not known. */
  choose(query: ChartQuery): ChosenSeries | null {
    const part = this.#names.parts.idOf(query.part)
    if (part === undefined) return null
    const fields = this.#fields(part, query.fields)
    const limit = fields.length === 0 ? 0 : Math.max(1, Math.floor(MAX_CHART_SERIES / fields.length))
    return { part, fields, publishers: this.#publishers(part, query.publishers, limit) }
  }

  #fields(part: number, paths: readonly string[]): ChartField[] {
    const slot = this.#statements.rows<[number]>(
      'SELECT slot FROM fields WHERE part = ? AND path = ? AND slot IS NOT NULL',
    )
    return [...new Set(paths)].slice(0, MAX_CHART_SERIES).flatMap((path) => {
      const row = slot.get(part, path)
      return row === undefined ? [] : [{ path, slot: row[0] }]
    })
  }

  #publishers(part: number, names: readonly string[] | undefined, limit: number): ChartPublisher[] {
    if (names === undefined) {
      return this.#statements
        .rows<[number, string]>(
          `SELECT id, name FROM part_publishers JOIN publishers ON id = publisher WHERE part = ?
           ORDER BY publisher LIMIT ?`,
        )
        .all(part, limit)
        .map(([id, name]) => ({ id, name }))
    }
    return [...new Set(names)].slice(0, limit).flatMap((name) => {
      const id = this.#names.publishers.idOf(name)
      return id === undefined ? [] : [{ id, name }]
    })
  }
}
