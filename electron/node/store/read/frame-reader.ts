import type { MessageRef } from '../../../../shared/message.ts'
import type { Dialect } from '../dialect.ts'
import { FRAMED_ROWS } from '../limits.ts'
import type { FrameWindows } from './frame-windows.ts'
import type { Selection } from './query-plan.ts'
import type { Statements } from './statements.ts'

/** Bytes of the length that stands before each message. */
const PREFIX_BYTES = 4

export interface PageOfFrames {
  /** Whole frames: for each message its length as a big-endian 32-bit word, then its raw bytes. */
  frames: ArrayBuffer
  /** Where the next page begins; null when there is nothing more. A page may be empty and yet not the last. */
  next: MessageRef | null
}

/**
 * Reads raw bytes alone, ready to be sent: SQLite itself puts the messages of a window one behind the other, which
 * is several times as fast as taking rows apart one by one. Messages that share timestamp and sequence number come
 * in the order of their key, and of equivocating contents the one with the lowest digest comes alone.
 */
export class FrameReader {
  readonly #statements: Statements
  readonly #windows: FrameWindows

  constructor(statements: Statements, windows: FrameWindows) {
    this.#statements = statements
    this.#windows = windows
  }

  /** Whether this reader can answer a selection; others need rows. */
  static canRead({ descending, publisher, chain, unproven }: Selection): boolean {
    return !descending && publisher === undefined && chain === undefined && !unproven
  }

  /** @throws {RangeError} when more messages than one page holds share a timestamp */
  read(selection: Selection, from: MessageRef): PageOfFrames {
    const { part, to } = selection
    let end = this.#windows.end(part, from.timestamp, to.timestamp)
    for (;;) {
      const frames = this.#frame(selection, from, end < to.timestamp ? endOf(end) : to)
      const isLast = end >= to.timestamp
      if (frames !== null) return { frames, next: isLast ? null : { timestamp: end + 1, sequence: 0 } }
      if (end === from.timestamp) throw new RangeError('Too many messages share a timestamp')
      end = from.timestamp + Math.floor((end - from.timestamp) / 2)
    }
  }

  /** Null when there are more rows than a page takes. */
  #frame(selection: Selection, from: MessageRef, to: MessageRef): ArrayBuffer | null {
    const bounds = [selection.part, from.timestamp, from.sequence, to.timestamp, to.sequence]
    const [row] = this.#statements
      .rows<[raw: Buffer | null, lengths: string | null]>(
        framedSql(selection.verdicts, this.#statements.dialect),
      )
      .all(...bounds)
    const [raw, lengths] = row ?? [null, null]
    if (raw === null || lengths === null) return new ArrayBuffer(0)
    const sizes = lengths.split(',')
    return sizes.length > FRAMED_ROWS ? null : interleave(raw, sizes)
  }
}

function interleave(raw: Buffer, sizes: readonly string[]): ArrayBuffer {
  const buffer = new ArrayBuffer(raw.length + PREFIX_BYTES * sizes.length)
  const framed = Buffer.from(buffer)
  let at = 0
  let start = 0
  for (const size of sizes) {
    const length = Number(size)
    framed.writeUInt32BE(length, at)
    raw.copy(framed, at + PREFIX_BYTES, start, start + length)
    at += PREFIX_BYTES + length
    start += length
  }
  return buffer
}

function endOf(timestamp: number): MessageRef {
  return { timestamp, sequence: Number.MAX_SAFE_INTEGER }
}

/**
 * SQL for the raw bytes of a window, one behind the other, and their lengths. Flag 2 marks equivocation, and only such rows are compared with others.
 * Parameters: part, first timestamp and sequence, last timestamp and sequence.
 */
function framedSql(verdicts: number, dialect: Dialect): string {
  const order = 'timestamp, sequence, publisher, chain, digest'
  const wanted = [0, 1, 2, 3].filter((verdict) => (verdicts & (1 << verdict)) !== 0).join(', ')
  const sameId = ['part', 'timestamp', 'sequence', 'publisher', 'chain'].map(
    (column) => `e.${column} = m.${column}`,
  )
  return `
    SELECT ${dialect.concatBytes('raw', order)}, ${dialect.listNumbers('length(raw)', order)} FROM (
      SELECT ${order}, raw FROM messages AS m NOT INDEXED
      WHERE part = ? AND (timestamp, sequence) >= (?, ?) AND (timestamp, sequence) <= (?, ?)
        AND verdict IN (${wanted})
        AND ((flags & 2) = 0 OR NOT EXISTS (
          SELECT 1 FROM messages AS e NOT INDEXED
          WHERE ${sameId.join(' AND ')} AND e.digest < m.digest AND e.verdict IN (${wanted})))
      ORDER BY ${order} LIMIT ${FRAMED_ROWS + 1}) AS framed`
}
