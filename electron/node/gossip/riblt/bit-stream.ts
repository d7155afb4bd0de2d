/** Bits packed from the most significant of each byte on. */
export class BitWriter {
  #bytes: Uint8Array
  #position = 0

  /** @param expectedBytes first allocation; it grows when more is written. */
  constructor(expectedBytes: number) {
    this.#bytes = new Uint8Array(Math.max(expectedBytes, 8))
  }

  /** `value` ones and a zero. */
  unary(value: number): void {
    for (let left = value; left > 0; left--) this.#put(1)
    this.#put(0)
  }

  /** The lowest `width` bits of `value`, the highest of them first; `width` is at most 32. */
  bits(value: number, width: number): void {
    for (let bit = width - 1; bit >= 0; bit--) this.#put((value >>> bit) & 1)
  }

  /** What was written, the last byte filled up with zeros. */
  finish(): Uint8Array {
    return this.#bytes.slice(0, Math.ceil(this.#position / 8))
  }

  #put(bit: number): void {
    const byte = this.#position >>> 3
    if (byte === this.#bytes.length) {
      const wider = new Uint8Array(this.#bytes.length * 2)
      wider.set(this.#bytes)
      this.#bytes = wider
    }
    this.#bytes[byte] = (this.#bytes[byte] ?? 0) | (bit << (7 - (this.#position & 7)))
    this.#position += 1
  }
}

/** Reads what `BitWriter` wrote, or anything else, without reading past its end. */
export class BitReader {
  readonly #bytes: Uint8Array
  #position = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  /** @throws RangeError at the end of the bytes or beyond `max`. */
  unary(max: number): number {
    let value = 0
    while (this.#take() === 1) {
      value += 1
      if (value > max) throw new RangeError(`A unary number is above ${max}.`)
    }
    return value
  }

  /** @throws RangeError at the end of the bytes. */
  bits(width: number): number {
    let value = 0
    for (let bit = 0; bit < width; bit++) value = value * 2 + this.#take()
    return value
  }

  /** Whether only the filling of the last byte is left, and is zero. */
  isAtEnd(): boolean {
    const left = this.#bytes.length * 8 - this.#position
    if (left >= 8) return false
    return left === 0 || ((this.#bytes[this.#bytes.length - 1] ?? 0) & ((1 << left) - 1)) === 0
  }

  #take(): number {
    const byte = this.#bytes[this.#position >>> 3]
    if (byte === undefined) throw new RangeError('The bits end too early.')
    const bit = (byte >>> (7 - (this.#position & 7))) & 1
    this.#position += 1
    return bit
  }
}
