/** The cells of a rateless sketch, as columns and on the wire. */

/** 8 bytes XOR of ids, 4 bytes XOR of checks. */
const CELL_BYTES = 12

/**
 * The first cells have a count of one byte beside it. Counts tell how large a difference is whose cells do not
 * decode yet; 4,096 of them tell it to 2.2 %, and what more would save in cells they would cost in bytes.
 */
export const COUNTED_CELLS = 4_096

/**
 * A stretch of cells. `count` has a value for those below `COUNTED_CELLS` and is kept modulo 256: what decoding
 * needs is whether the difference of two counts is +1 or -1, and the check tells apart the rare cell whose
 * difference is that plus a multiple of 256.
 */
export interface Cells {
  readonly idLow: Uint32Array
  readonly idHigh: Uint32Array
  readonly check: Uint32Array
  readonly count: Uint8Array
}

/** How many of the cells `from <= cell < to` are counted. */
export function countedBetween(from: number, to: number): number {
  return Math.max(0, Math.min(to, COUNTED_CELLS) - from)
}

/** Empty cells `from <= cell < to`. */
export function emptyCells(from: number, to: number): Cells {
  return {
    idLow: new Uint32Array(to - from),
    idHigh: new Uint32Array(to - from),
    check: new Uint32Array(to - from),
    count: new Uint8Array(countedBetween(from, to)),
  }
}

/**
 * 32 bits that depend on every bit of an id and are not linear under XOR (two rounds of MurmurHash3's finaliser),
 * so that the XOR of several ids passes for one id with a chance of 2^-32. Ids are keyed already.
 */
export function idCheck(low: number, high: number): number {
  let hash = Math.imul(low ^ (low >>> 16), 0x85eb_ca6b)
  hash = Math.imul(hash ^ (hash >>> 13) ^ high, 0xc2b2_ae35)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

/** Bytes on the wire of the cells `from <= cell < to`. */
export function cellsSizeBytes(from: number, to: number): number {
  return (to - from) * CELL_BYTES + countedBetween(from, to)
}

/** Cells back to back, each id XOR (8 bytes), check XOR (4), all little-endian, then the counts, a byte each. */
export function encodeCells(cells: Cells): Uint8Array {
  const { length } = cells.idLow
  const bytes = new Uint8Array(length * CELL_BYTES + cells.count.length)
  const view = new DataView(bytes.buffer)
  for (let cell = 0; cell < length; cell++) {
    const at = cell * CELL_BYTES
    view.setUint32(at, cells.idLow[cell] ?? 0, true)
    view.setUint32(at + 4, cells.idHigh[cell] ?? 0, true)
    view.setUint32(at + 8, cells.check[cell] ?? 0, true)
  }
  bytes.set(cells.count, length * CELL_BYTES)
  return bytes
}

/**
 * The cells `from <= cell < to`.
 * @throws RangeError when `bytes` is not as long as they are.
 */
export function decodeCells(bytes: Uint8Array, from: number, to: number): Cells {
  if (bytes.length !== cellsSizeBytes(from, to))
    throw new RangeError(`${bytes.length} bytes are not ${to - from} cells.`)
  const cells = emptyCells(from, to)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (let cell = 0; cell < to - from; cell++) {
    const at = cell * CELL_BYTES
    cells.idLow[cell] = view.getUint32(at, true)
    cells.idHigh[cell] = view.getUint32(at + 4, true)
    cells.check[cell] = view.getUint32(at + 8, true)
  }
  cells.count.set(bytes.subarray((to - from) * CELL_BYTES))
  return cells
}
