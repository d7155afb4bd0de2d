/** Appends to a buffer that grows and is reused. */
export class ByteWriter {
  #buffer = Buffer.alloc(4_096)
  #view = new DataView(this.#buffer.buffer, this.#buffer.byteOffset)
  #length = 0

  /** What was written since `reset`; valid until the next `reset`. */
  get written(): Buffer {
    return this.#buffer.subarray(0, this.#length)
  }

  reset(): void {
    this.#length = 0
  }

  byte(value: number): void {
    this.#reserve(1)
    this.#buffer[this.#length++] = value
  }

  /** LEB128; `value` is a whole number from 0 to 2^53. */
  varint(value: number): void {
    this.#reserve(8)
    let rest = value
    while (rest >= 0x8000_0000) {
      this.#buffer[this.#length++] = (rest % 128) | 0x80
      rest = Math.floor(rest / 128)
    }
    while (rest > 0x7f) {
      this.#buffer[this.#length++] = (rest & 0x7f) | 0x80
      rest >>>= 7
    }
    this.#buffer[this.#length++] = rest
  }

  double(value: number): void {
    this.#reserve(8)
    this.#view.setFloat64(this.#length, value, true)
    this.#length += 8
  }

  text(value: string): void {
    const length = Buffer.byteLength(value)
    this.varint(length)
    this.#reserve(length)
    this.#length += this.#buffer.write(value, this.#length)
  }

  /** Puts a 24-bit number over bytes that were written before. */
  overwrite24(at: number, value: number): void {
    this.#buffer.writeUIntLE(value, at, 3)
  }

  #reserve(bytes: number): void {
    if (this.#length + bytes <= this.#buffer.length) return
    const wider = Buffer.alloc(Math.max(this.#buffer.length * 2, this.#length + bytes))
    this.#buffer.copy(wider, 0, 0, this.#length)
    this.#buffer = wider
    this.#view = new DataView(wider.buffer, wider.byteOffset)
  }
}
