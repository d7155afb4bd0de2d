import { DIGEST_BYTES } from '../../message/content-digest.ts'
import type { DigestColumns } from '../ports.ts'
import { DIGEST_PREFIX_BYTES, type SessionKey, type ShortIds, shortIds } from '../riblt/short-ids.ts'

/** Timestamps and digest prefixes of messages in ascending order of time: 24 bytes a message. */
export interface PrefixColumns {
  readonly timestamps: Float64Array
  readonly prefixes: Uint8Array
}

/** The first 16 bytes of each digest, of all batches together. */
export function joinPrefixes(batches: readonly DigestColumns[]): PrefixColumns {
  const rows = batches.reduce((sum, batch) => sum + batch.timestamps.length, 0)
  const timestamps = new Float64Array(rows)
  const prefixes = new Uint8Array(rows * DIGEST_PREFIX_BYTES)
  let row = 0
  for (const batch of batches) {
    timestamps.set(batch.timestamps, row)
    for (let at = 0; at < batch.digests.length; at += DIGEST_BYTES) {
      prefixes.set(batch.digests.subarray(at, at + DIGEST_PREFIX_BYTES), row * DIGEST_PREFIX_BYTES)
      row += 1
    }
  }
  return { timestamps, prefixes }
}

/** Short ids of several columns, one after the other. */
export function shortIdsOf(key: SessionKey, columns: readonly PrefixColumns[]): ShortIds {
  const rows = columns.reduce((sum, { timestamps }) => sum + timestamps.length, 0)
  const ids = { low: new Uint32Array(rows), high: new Uint32Array(rows) }
  let row = 0
  for (const { timestamps, prefixes } of columns) {
    shortIds(key, prefixes, ids, row)
    row += timestamps.length
  }
  return ids
}

/** The rows that `isChosen` picks, numbered through all columns. */
export function pickRows(columns: readonly PrefixColumns[], rows: Uint32Array): PrefixColumns {
  const timestamps = new Float64Array(rows.length)
  const prefixes = new Uint8Array(rows.length * DIGEST_PREFIX_BYTES)
  let column = 0
  let before = 0
  for (const [index, row] of rows.entries()) {
    let current = columns[column]
    while (current !== undefined && row - before >= current.timestamps.length) {
      before += current.timestamps.length
      column += 1
      current = columns[column]
    }
    if (current === undefined) throw new RangeError(`There is no row ${row}.`)
    const at = row - before
    timestamps[index] = current.timestamps[at] ?? 0
    const from = at * DIGEST_PREFIX_BYTES
    prefixes.set(current.prefixes.subarray(from, from + DIGEST_PREFIX_BYTES), index * DIGEST_PREFIX_BYTES)
  }
  return { timestamps, prefixes }
}
