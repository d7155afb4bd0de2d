/** A set of small numbers as bits, the lowest number in the lowest bit of the first byte. */
export function bitmapOf(length: number, isSet: (index: number) => boolean): Uint8Array {
  const bytes = new Uint8Array(Math.ceil(length / 8))
  for (let index = 0; index < length; index++) {
    if (isSet(index)) bytes[index >>> 3] = (bytes[index >>> 3] ?? 0) | (1 << (index & 7))
  }
  return bytes
}

/** Whether `index` is set; beyond the bitmap nothing is. */
export function isInBitmap(bytes: Uint8Array, index: number): boolean {
  return (((bytes[index >>> 3] ?? 0) >>> (index & 7)) & 1) === 1
}
