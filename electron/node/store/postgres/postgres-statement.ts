import type { SqlStatement } from '../sql-connection.ts'
import type { PostgresConnection } from './postgres-connection.ts'
import type { Translated } from './translate.ts'
import type { WireRows, WireValue } from './wire-protocol.ts'
import { writeText } from './wire-values.ts'

type Shape = 'object' | 'raw' | 'pluck'

/** A statement over a server in the shape of better-sqlite3. */
export class PostgresStatement<Parameters extends unknown[], Row> implements SqlStatement<Parameters, Row> {
  readonly #connection: PostgresConnection
  readonly #statement: Translated
  readonly #shape: Shape

  constructor(connection: PostgresConnection, statement: Translated, shape: Shape) {
    this.#connection = connection
    this.#statement = statement
    this.#shape = shape
  }

  run(...parameters: Parameters): { changes: number; lastInsertRowid: number } {
    const values = toWire(parameters)
    if (this.#connection.defer(this.#statement, values)) return { changes: 1, lastInsertRowid: 0 }
    const { count, rows } = this.#connection.run(this.#statement, values)
    return { changes: count, lastInsertRowid: this.#statement.returnsId ? Number(rows[0]?.[0]) : 0 }
  }

  get(...parameters: Parameters): Row | undefined {
    const answer = this.#connection.run(this.#statement, toWire(parameters))
    const first = answer.rows[0]
    return first === undefined ? undefined : this.#shaped(first, answer)
  }

  all(...parameters: Parameters): Row[] {
    const answer = this.#connection.run(this.#statement, toWire(parameters))
    return answer.rows.map((row) => this.#shaped(row, answer))
  }

  *iterate(...parameters: Parameters): IterableIterator<Row> {
    // Rows as objects are asked for in few places, and these read all of them.
    if (this.#shape === 'object') yield* this.all(...parameters)
    else {
      for (const row of this.#connection.stream(this.#statement, toWire(parameters))) {
        yield (this.#shape === 'raw' ? row.map(fromWire) : fromWire(row[0] as WireValue)) as Row
      }
    }
  }

  raw(): SqlStatement<Parameters, Row> {
    return new PostgresStatement<Parameters, Row>(this.#connection, this.#statement, 'raw')
  }

  pluck(): SqlStatement<Parameters, Row> {
    return new PostgresStatement<Parameters, Row>(this.#connection, this.#statement, 'pluck')
  }

  #shaped(row: readonly WireValue[], { columns }: WireRows): Row {
    if (this.#shape === 'pluck') return fromWire(row[0] as WireValue) as Row
    if (this.#shape === 'raw') return row.map(fromWire) as Row
    return Object.fromEntries(columns.map((column, at) => [column, fromWire(row[at] as WireValue)])) as Row
  }
}

/** Bytes lose their class between threads. */
function fromWire(value: WireValue): WireValue {
  return value instanceof Uint8Array ? Buffer.from(value.buffer, value.byteOffset, value.byteLength) : value
}

function toWire(parameters: readonly unknown[]): WireValue[] {
  return parameters.map((value) => {
    if (typeof value === 'string') return writeText(value)
    if (typeof value === 'number' || value === null || value instanceof Uint8Array) return value
    throw new TypeError(`A ${typeof value} cannot be sent to a database`)
  })
}
