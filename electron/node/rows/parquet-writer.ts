import { ByteWriter, ParquetWriter, type SchemaElement } from 'hyparquet-writer'
import { fieldValue } from '../../../shared/field-path.ts'
import type { ExportColumn } from '../../../shared/message-export.ts'
import { ROW_GROUP_CHARACTERS, ROW_GROUP_ROWS } from './limits.ts'
import type { ReadRow } from './read-row.ts'
import type { RowWriter } from './row-writer.ts'

type ColumnType = Pick<SchemaElement, 'type' | 'converted_type'>

interface FileColumn {
  name: string
  type: ColumnType
  isOptional: boolean
  /** Undefined is no value. */
  value(row: ReadRow): unknown
}

const TEXT: ColumnType = { type: 'BYTE_ARRAY', converted_type: 'UTF8' }
const TIME: ColumnType = { type: 'INT64', converted_type: 'TIMESTAMP_MILLIS' }
const WHOLE: ColumnType = { type: 'INT32' }
const TRUTH: ColumnType = { type: 'BOOLEAN' }
const REAL: ColumnType = { type: 'DOUBLE' }

const required = (name: string, type: ColumnType, value: (row: ReadRow) => unknown): FileColumn => ({
  name,
  type,
  isOptional: false,
  value,
})

const FIRST_COLUMNS: readonly FileColumn[] = [
  // Whole milliseconds as they are: a `Date` would cost an object a row.
  required('time', TIME, ({ id }) => BigInt(id.timestamp)),
  required('sequence', WHOLE, ({ id }) => id.sequence),
  required('publisher', TEXT, ({ id }) => id.publisher),
  required('chain', TEXT, ({ id }) => id.chain),
  required('verdict', TEXT, ({ message }) => message.verdict),
  required('reason', TEXT, ({ message }) => message.reason),
]

const LAST_COLUMNS: readonly FileColumn[] = [
  required('equivocation', TRUTH, ({ message }) => message.equivocation),
  required('encrypted', TRUTH, ({ message }) => message.encrypted),
  required('size_bytes', WHOLE, ({ message }) => message.raw.length),
  required('received', TIME, ({ message }) => BigInt(Math.round(message.receivedAt))),
  required('source', TEXT, ({ message }) => message.source),
  required('digest', TEXT, (row) => row.digest),
]

const TYPE_OF_KIND = { number: REAL, boolean: TRUTH, text: TEXT } as const

function typed(row: ReadRow, { path, kind }: ExportColumn): unknown {
  const value = fieldValue(row.value, path)
  return typeof value === (kind === 'text' ? 'string' : kind) ? value : undefined
}

/** Values that do not have the type of their column, as JSON by path: nothing of a chosen field is lost. */
function unfitOf(row: ReadRow, columns: readonly ExportColumn[]): [string, number] | null {
  const unfit: [string, unknown][] = []
  for (const column of columns) {
    const value = fieldValue(row.value, column.path)
    if (value !== undefined && typed(row, column) === undefined) unfit.push([column.path, value])
  }
  return unfit.length === 0 ? null : [JSON.stringify(Object.fromEntries(unfit)), unfit.length]
}

/** Bytes written since they were last taken; the writer itself never sees them again. */
class TakenBytes extends ByteWriter {
  take(): Uint8Array {
    const bytes = new Uint8Array(this.getBuffer())
    this.index = 0
    return bytes
  }
}

class ParquetRows implements RowWriter {
  readonly #out = new TakenBytes()
  readonly #columns: readonly FileColumn[]
  readonly #data: unknown[][]
  readonly #writer: ParquetWriter
  readonly #facts: Readonly<Record<string, string>>
  #rows = 0
  #characters = 0
  unfit = 0

  constructor(chosen: readonly ExportColumn[] | null, facts: Readonly<Record<string, string>>) {
    this.#facts = facts
    const content =
      chosen === null
        ? [
            { name: 'content', type: TEXT, isOptional: true, value: (row: ReadRow) => row.text ?? undefined },
            required('content_kind', TEXT, (row) => row.contentKind),
          ]
        : [
            ...chosen.map((column) => ({
              name: `content.${column.path}`,
              type: TYPE_OF_KIND[column.kind],
              isOptional: true,
              value: (row: ReadRow) => typed(row, column),
            })),
            {
              name: 'unfit',
              type: TEXT,
              isOptional: true,
              value: (row: ReadRow) => {
                const unfit = unfitOf(row, chosen)
                this.unfit += unfit?.[1] ?? 0
                return unfit?.[0]
              },
            },
          ]
    this.#columns = [...FIRST_COLUMNS, ...content, ...LAST_COLUMNS]
    this.#data = this.#columns.map(() => [])
    this.#writer = new ParquetWriter({
      writer: this.#out,
      schema: [
        { name: 'messages', num_children: this.#columns.length },
        ...this.#columns.map(
          ({ name, type, isOptional }): SchemaElement => ({
            name,
            ...type,
            repetition_type: isOptional ? 'OPTIONAL' : 'REQUIRED',
          }),
        ),
      ],
      createdBy: 'Tidemark',
    })
  }

  begin(): Uint8Array {
    return this.#out.take()
  }

  write(rows: readonly ReadRow[]): Uint8Array {
    for (const row of rows) {
      for (const [index, column] of this.#columns.entries()) {
        const value = column.value(row)
        if (typeof value === 'string') this.#characters += value.length
        this.#data[index]?.push(value)
      }
      this.#rows += 1
      if (this.#rows >= ROW_GROUP_ROWS || this.#characters >= ROW_GROUP_CHARACTERS) this.#closeGroup()
    }
    return this.#out.take()
  }

  end(facts: Readonly<Record<string, string>>): Uint8Array {
    this.#closeGroup()
    this.#writer.kvMetadata = Object.entries({ ...this.#facts, ...facts }).map(([key, value]) => ({
      key,
      value,
    }))
    void this.#writer.finish()
    return this.#out.take()
  }

  #closeGroup(): void {
    if (this.#rows === 0) return
    const columnData = this.#columns.map(({ name }, index) => ({
      name,
      data: this.#data[index] ?? [],
      // Their offsets would have to be kept in memory until the end.
      offsetIndex: false,
    }))
    void this.#writer.write({ columnData, rowGroupSize: ROW_GROUP_ROWS })
    for (const values of this.#data) values.length = 0
    this.#rows = 0
    this.#characters = 0
  }
}

/** Apache Parquet with typed columns: Snappy, one row group after the other, the citation in the footer. */
export function createParquetWriter(
  columns: readonly ExportColumn[] | null,
  facts: Readonly<Record<string, string>>,
): RowWriter {
  return new ParquetRows(columns, facts)
}
