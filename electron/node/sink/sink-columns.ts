import type { ColumnType } from '../../../shared/sink.ts'
import { columnName } from './column-names.ts'
import { type Scalar, typeOfValue } from './fit-value.ts'
import { MAX_COLUMN_PATH_BYTES, MAX_SINK_COLUMNS } from './limits.ts'

export interface SinkColumn {
  path: string
  name: string
  type: ColumnType
}

/** Which column each field of a table has. Columns are added, and never taken away or given another type. */
export class SinkColumns {
  readonly #byPath = new Map<string, SinkColumn>()
  /** Names of all columns of the table, also of those that somebody else has added. */
  readonly #taken: Set<string>
  readonly #chosen: ReadonlyMap<string, ColumnType>

  constructor(
    columns: readonly SinkColumn[],
    taken: Iterable<string>,
    chosen: ReadonlyMap<string, ColumnType>,
  ) {
    this.#taken = new Set(taken)
    this.#chosen = chosen
    for (const column of columns) this.add(column)
  }

  get size(): number {
    return this.#byPath.size
  }

  /** In the order in which they were added. */
  all(): SinkColumn[] {
    return [...this.#byPath.values()]
  }

  of(path: string): SinkColumn | undefined {
    return this.#byPath.get(path)
  }

  add(column: SinkColumn): void {
    this.#byPath.set(column.path, column)
    this.#taken.add(column.name)
  }

  /** The columns that fields without one would get, in their order; none beyond the bound. They are not added yet. */
  missing(fields: Iterable<readonly [path: string, value: Scalar]>): SinkColumn[] {
    const columns = new Map<string, SinkColumn>()
    const names = new Set<string>()
    for (const [path, value] of fields) {
      if (this.#byPath.has(path) || columns.has(path)) continue
      if (Buffer.byteLength(path) > MAX_COLUMN_PATH_BYTES) continue
      if (this.#byPath.size + columns.size >= MAX_SINK_COLUMNS) break
      const name = columnName(path, (candidate) => this.#taken.has(candidate) || names.has(candidate))
      names.add(name)
      columns.set(path, { path, name, type: this.#chosen.get(path) ?? typeOfValue(value) })
    }
    return [...columns.values()]
  }
}
