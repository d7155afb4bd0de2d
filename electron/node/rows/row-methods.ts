import { createHash, type Hash } from 'node:crypto'
import type { UnindexedValues } from '../../../shared/chart.ts'
import type { ExportOutcome } from '../../../shared/message-export.ts'
import { countUnindexed } from './count-unindexed.ts'
import { type MessageOfBatch, ReadRow } from './read-row.ts'
import { createRowFilter, type RowFilter } from './row-filter.ts'
import { createRowWriter, type RowWriter, type RowWriterOptions } from './row-writer.ts'

export interface ExportPiece {
  bytes: Uint8Array
  /** Rows written with this piece. */
  rows: number
}

export interface OpenExportOptions extends RowWriterOptions {
  filter: RowFilter
}

interface OpenExport {
  writer: RowWriter
  isWanted: (row: ReadRow) => boolean
  hash: Hash
  rows: number
  scanned: number
  sizeBytes: number
}

/** Methods of the thread that reads contents: it searches batches, and writes files of them. */
export type RowMethods = {
  match(filter: RowFilter, batch: readonly MessageOfBatch[]): number[]
  unindexed(batch: readonly MessageOfBatch[]): UnindexedValues
  open(id: string, options: OpenExportOptions): ExportPiece
  write(id: string, batch: readonly MessageOfBatch[], most: number): ExportPiece
  end(id: string): { bytes: Uint8Array; outcome: ExportOutcome }
  drop(id: string): void
}

export function createRowMethods(): RowMethods {
  const exports = new Map<string, OpenExport>()

  const openOne = (id: string): OpenExport => {
    const found = exports.get(id)
    if (found === undefined) throw new Error(`No export ${id} is open on this thread`)
    return found
  }

  const out = (open: OpenExport, bytes: Uint8Array): Uint8Array => {
    open.hash.update(bytes)
    open.sizeBytes += bytes.length
    return bytes
  }

  return {
    match(filter, batch) {
      const isWanted = createRowFilter(filter)
      const found: number[] = []
      for (const [index, message] of batch.entries()) if (isWanted(new ReadRow(message))) found.push(index)
      return found
    },
    unindexed: (batch) => countUnindexed(batch.map((message) => new ReadRow(message))),
    open(id, { filter, ...options }) {
      const writer = createRowWriter(options)
      const open = {
        writer,
        isWanted: createRowFilter(filter),
        hash: createHash('sha256'),
        rows: 0,
        scanned: 0,
        sizeBytes: 0,
      }
      exports.set(id, open)
      return { bytes: out(open, writer.begin()), rows: 0 }
    },
    write(id, batch, most) {
      const open = openOne(id)
      const rows = batch.map((message) => new ReadRow(message)).filter(open.isWanted)
      const kept = rows.slice(0, most)
      open.rows += kept.length
      open.scanned += batch.length
      return { bytes: out(open, open.writer.write(kept)), rows: kept.length }
    },
    end(id) {
      const open = openOne(id)
      const { rows, scanned, writer } = open
      const bytes = out(open, writer.end({ rows: String(rows), unfit: String(writer.unfit) }))
      exports.delete(id)
      const { sizeBytes, hash } = open
      return { bytes, outcome: { rows, scanned, sizeBytes, sha256: hash.digest('hex'), unfit: writer.unfit } }
    },
    drop(id) {
      exports.delete(id)
    },
  }
}
