import { TidemarkError } from '../../../../shared/errors.ts'
import { abortedError } from '../aborted.ts'
import { type MoveProgress, readProgress, writeProgress } from './move-progress.ts'
import type { MovedRow, MoveSide } from './move-side.ts'
import { MOVED_TABLES, type MovedTable } from './moved-tables.ts'

/** Rows read at once: a message has up to 1 MiB, and they are held in memory. */
const PAGE_ROWS = 256
/** Rows and bytes of one transaction: enough that its sync does not count, little enough to do again. */
const TRANSACTION_ROWS = 16_384
const TRANSACTION_BYTES = 8_388_608

export interface CopyReport {
  table: string
  /** Rows copied so far, in all, and of how many. */
  rows: number
  totalRows: number
}

export interface CopyOptions {
  source: MoveSide
  target: MoveSide
  /** Where from, so that a move that goes on is the same one. */
  from: string
  totalRows: number
  onProgress(report: CopyReport): void
  signal: AbortSignal
}

/**
 * Copies all rows of all tables, as they are, in the order of their keys. How far it has come is written with them: a
 * move that was interrupted goes on behind the last row that is there.
 * @throws {TidemarkError} `database-unsuitable` when the target holds something already, `aborted`
 */
export async function copyTables({
  source,
  target,
  from,
  totalRows,
  onProgress,
  signal,
}: CopyOptions): Promise<void> {
  let progress = begin(target, from)
  for (let at = progress.table; at < MOVED_TABLES.length; at++) {
    const table = MOVED_TABLES[at] as MovedTable
    for (let isDone = false; !isDone; ) {
      if (signal.aborted) throw abortedError()
      target.execute(target.connection.dialect.begin)
      try {
        const slice = copySlice(source, target, table, progress.after)
        isDone = slice.isDone
        const rows = progress.rows + slice.rows
        progress = isDone
          ? { ...progress, table: at + 1, after: null, rows }
          : { ...progress, table: at, after: slice.after, rows }
        if (isDone && table.isNumbered) target.numberBehind(table)
        writeProgress(target, progress)
        target.execute('COMMIT')
      } catch (error) {
        if (target.connection.inTransaction) target.execute('ROLLBACK')
        throw error
      }
      onProgress({ table: table.name, rows: progress.rows, totalRows })
      // Lets a signal in: everything above blocks this thread.
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
}

function begin(target: MoveSide, from: string): MoveProgress {
  const progress = readProgress(target)
  if (progress !== null && progress.from === from) return progress
  if (progress !== null || target.count('parts') > 0) {
    throw new TidemarkError(
      'database-unsuitable',
      progress === null
        ? 'There are messages where the store is to be moved. They were left as they are.'
        : 'Another move was begun there and is not done.',
      'Name another schema, or empty this one if nobody needs it.',
    )
  }
  const first = { from, table: 0, after: null, rows: 0 }
  writeProgress(target, first)
  return first
}

function copySlice(
  source: MoveSide,
  target: MoveSide,
  table: MovedTable,
  from: MovedRow | null,
): { rows: number; after: MovedRow | null; isDone: boolean } {
  let rows = 0
  let bytes = 0
  let after = from
  while (rows < TRANSACTION_ROWS && bytes < TRANSACTION_BYTES) {
    const page = source.read(table, after, PAGE_ROWS)
    if (page.length > 0) target.insert(table, page)
    for (const row of page) for (const value of row) bytes += value instanceof Uint8Array ? value.length : 8
    rows += page.length
    // The key stands first among the columns.
    after = page.at(-1)?.slice(0, table.key.length) ?? after
    if (page.length < PAGE_ROWS) return { rows, after, isDone: true }
  }
  return { rows, after, isDone: false }
}
