import type { MessageRef } from '../../../../shared/message.ts'
import { PAGE_BYTES, PAGE_SCANNED_ROWS } from '../limits.ts'
import { copyOf } from '../write/unproven-table.ts'
import type { Names } from './name-lookup.ts'
import { boundsOf, groupSql, isSparse, positionBehind, rangeSql, type Selection } from './query-plan.ts'
import type { MessageColumns } from './row-columns.ts'
import type { SparseStretches } from './sparse-stretches.ts'
import type { Statements } from './statements.ts'

/** Where the next page begins: at a position, behind a key among the messages that share it. */
export interface PageCursor extends MessageRef {
  key: GroupKey | null
  /** Matching messages to leave out from there on. */
  skip: number
}

type GroupKey = readonly [publisher: string, chain: string, digest: Uint8Array, copy: Uint8Array]

export interface PageOfRows {
  rows: MessageColumns[]
  /** Null when there is nothing more. A page may be empty and yet not the last. */
  next: PageCursor | null
}

/**
 * Reads a selection page by page in the total order of `message/order.ts`. Each page is a read of its own that
 * begins where the last one ended, so no transaction stays open between pages and any reader can serve the next.
 *
 * The key of the table gives the order of (timestamp, sequence); among messages that share both, names decide, not
 * the numbers they are interned by. Such groups are small, except where somebody means harm: a group that does not
 * fit a page is read by a statement of its own that sorts it.
 */
export class PageReader {
  readonly #statements: Statements
  readonly #names: Names
  readonly #sparse: SparseStretches

  constructor(statements: Statements, names: Names, sparse: SparseStretches) {
    this.#statements = statements
    this.#names = names
    this.#sparse = sparse
  }

  /** @param limit most rows of the page */
  read(selection: Selection, cursor: PageCursor, limit: number): PageOfRows {
    const page = cursor.key === null ? this.#readRange(selection, cursor, limit) : cursor
    const read = 'rows' in page ? page : this.#readGroup(selection, page, limit)
    const skipped = Math.min(cursor.skip, read.rows.length)
    if (skipped > 0) read.rows.splice(0, skipped)
    if (read.next !== null) read.next.skip = cursor.skip - skipped
    return read
  }

  /** A page, or the position of the first group when that alone does not fit a page. */
  #readRange(selection: Selection, cursor: PageCursor, limit: number): PageOfRows | PageCursor {
    const { descending } = selection
    const stretch = isSparse(selection)
      ? this.#sparse.next(selection, cursor)
      : { from: descending ? selection.from : cursor, to: descending ? cursor : selection.to }
    if (stretch === null) return { rows: [], next: null }
    const statement = this.#statements.rows<MessageColumns>(rangeSql(selection, this.#statements.dialect))
    const rows: MessageColumns[] = []
    let scanned = 0
    let bytes = 0
    let timestamp = -1
    let sequence = -1
    /** Rows before the group that the scan is in. */
    let complete = 0
    let hasTies = false
    let groups = 0
    let isCut = false
    for (const row of statement.iterate(
      ...boundsOf(selection, stretch.from, stretch.to),
      PAGE_SCANNED_ROWS,
    )) {
      if (row[0] !== timestamp || row[1] !== sequence) {
        timestamp = row[0]
        sequence = row[1]
        complete = rows.length
        groups += 1
        if (complete >= limit || bytes >= PAGE_BYTES) {
          isCut = true
          break
        }
      } else {
        hasTies = true
      }
      scanned += 1
      if (!matches(selection, row)) continue
      rows.push(row)
      bytes += row[10].length
      const isTooLong = bytes >= PAGE_BYTES && rows.length > complete + 1
      if (rows.length > limit || isTooLong) {
        isCut = true
        break
      }
    }
    isCut ||= scanned === PAGE_SCANNED_ROWS
    if (isCut) {
      if (groups === 1) return { timestamp, sequence, key: null, skip: 0 }
      rows.length = complete
    }
    if (hasTies) this.#sortTies(rows, descending)
    if (isCut) return { rows, next: { timestamp, sequence, key: null, skip: 0 } }
    return { rows, next: cursorBehind(selection, descending ? stretch.from : stretch.to) }
  }

  #readGroup(selection: Selection, cursor: PageCursor, limit: number): PageOfRows {
    const { timestamp, sequence, key } = cursor
    const at = [selection.part, timestamp, sequence]
    const parameters = [...at, ...(selection.unproven ? at : []), ...(key ?? []), PAGE_SCANNED_ROWS]
    const statement = this.#statements.rows<[...MessageColumns, string, string, Buffer]>(
      groupSql(selection, key !== null, this.#statements.dialect),
    )
    const rows: MessageColumns[] = []
    let bytes = 0
    let scanned = 0
    for (const row of statement.iterate(...parameters)) {
      scanned += 1
      const columns = row.slice(0, -3) as MessageColumns
      if (matches(selection, columns) && matchesPublisher(selection, columns)) {
        rows.push(columns)
        bytes += columns[10].length
      }
      if (rows.length >= limit || bytes >= PAGE_BYTES || scanned === PAGE_SCANNED_ROWS) {
        return { rows, next: { timestamp, sequence, key: [row[11], row[12], row[4], row[13]], skip: 0 } }
      }
    }
    return { rows, next: cursorBehind(selection, cursor) }
  }

  #sortTies(rows: MessageColumns[], descending: boolean): void {
    const sign = descending ? -1 : 1
    for (let start = 0; start < rows.length; ) {
      let end = start + 1
      while (end < rows.length && isSamePosition(rows[start] as MessageColumns, rows[end] as MessageColumns))
        end++
      if (end - start > 1) {
        const group = rows.slice(start, end).sort((a, b) => sign * this.#compareInGroup(a, b))
        rows.splice(start, group.length, ...group)
      }
      start = end
    }
  }

  #compareInGroup(a: MessageColumns, b: MessageColumns): number {
    return (
      compareUtf8(this.#names.publishers.nameOf(a[2]), this.#names.publishers.nameOf(b[2])) ||
      compareUtf8(this.#names.chains.nameOf(a[3]), this.#names.chains.nameOf(b[3])) ||
      Buffer.compare(a[4], b[4]) ||
      Buffer.compare(copyKey(a), copyKey(b))
    )
  }
}

/** Rows of `messages` have no copies and come before those of `unproven`. */
function copyKey(row: MessageColumns): Buffer {
  return typeof row[2] === 'number' ? Buffer.alloc(0) : copyOf(row[10])
}

function matches(selection: Selection, row: MessageColumns): boolean {
  if ((selection.verdicts & (1 << row[5])) === 0) return false
  if (selection.marks !== 0 && (row[7] & selection.marks) === 0) return false
  const { chain } = selection
  return chain === undefined || row[3] === chain.id || row[3] === chain.name
}

function matchesPublisher({ publisher }: Selection, row: MessageColumns): boolean {
  return publisher === undefined || row[2] === publisher.id || row[2] === publisher.name
}

function isSamePosition(a: MessageColumns, b: MessageColumns): boolean {
  return a[0] === b[0] && a[1] === b[1]
}

function compareUtf8(a: string, b: string): number {
  return a === b ? 0 : Buffer.compare(Buffer.from(a), Buffer.from(b))
}

function cursorBehind(selection: Selection, at: MessageRef): PageCursor | null {
  const position = positionBehind(selection, at)
  return position === null ? null : { ...position, key: null, skip: 0 }
}
