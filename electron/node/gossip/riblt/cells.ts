/** The cells of a rateless sketch, as columns and on the wire. */

/** 8 bytes XOR of ids, 4 bytes XOR of checks, 1 byte count. */
export const CELL_BYTES = 13

/**
 * A stretch of cells. `count` is kept modulo 256: what decoding needs is whether the difference of two counts is
 * +1 or -1, and the check tells apart the rare cell whose difference is that plus a multiple of 256.
 */
export interface Cells {
  readonly idLow: Uint32Array
  readonly idHigh: Uint32Array
  readonly check: Uint32Array
  readonly count: Uint8Array
}

export function emptyCells(length: number): Cells {
  return {
    idLow: new Uint32Array(length),
    idHigh: new Uint32Array(length),
    check: new Uint32Array(length),
    count: new Uint8Array(length),
  }
}

/** A copy of `cells` with room for `length` of them; the new ones are empty. */
export function widenedCells(cells: Cells, length: number): Cells {
  const wider = emptyCells(length)
  wider.idLow.set(cells.idLow)
  wider.idHigh.set(cells.idHigh)
  wider.check.set(cells.check)
  wider.count.set(cells.count)
  return wider
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

/** Cells back to back, each id XOR (8 bytes), check XOR (4), count (1), little-endian. */
export function encodeCells(cells: Cells): Uint8Array {
  const { length } = cells.count
  const bytes = new Uint8Array(length * CELL_BYTES)
  const view = new DataView(bytes.buffer)
  for (let cell = 0; cell < length; cell++) {
    const at = cell * CELL_BYTES
    view.setUint32(at, cells.idLow[cell] ?? 0, true)
    view.setUint32(at + 4, cells.idHigh[cell] ?? 0, true)
    view.setUint32(at + 8, cells.check[cell] ?? 0, true)
    view.setUint8(at + 12, cells.count[cell] ?? 0)
  }
  return bytes
}

/** @throws RangeError when `bytes` is not a whole number of cells. */
export function decodeCells(bytes: Uint8Array): Cells {
  const length = bytes.length / CELL_BYTES
  if (!Number.isInteger(length))
    throw new RangeError(`${bytes.length} bytes are not a whole number of cells.`)
  const cells = emptyCells(length)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (let cell = 0; cell < length; cell++) {
    const at = cell * CELL_BYTES
    cells.idLow[cell] = view.getUint32(at, true)
    cells.idHigh[cell] = view.getUint32(at + 4, true)
    cells.check[cell] = view.getUint32(at + 8, true)
    cells.count[cell] = view.getUint8(at + 12)
  }
  return cells
}
