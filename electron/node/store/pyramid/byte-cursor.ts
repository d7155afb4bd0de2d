/** Appends to a buffer that grows and is reused. */
export class ByteWriter {
  #buffer = Buffer.alloc(4_096)
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

  /** LEB128; `value` is an integer below 2^32. */
  varint(value: number): void {
    this.#reserve(5)
    let rest = value
    while (rest > 0x7f) {
      this.#buffer[this.#length++] = (rest & 0x7f) | 0x80
      rest >>>= 7
    }
    this.#buffer[this.#length++] = rest
  }

  double(value: number): void {
    this.#reserve(8)
    this.#length = this.#buffer.writeDoubleLE(value, this.#length)
  }

  text(value: string): void {
    const length = Buffer.byteLength(value)
    this.varint(length)
    this.#reserve(length)
    this.#length += this.#buffer.write(value, this.#length)
  }

  #reserve(bytes: number): void {
    if (this.#length + bytes <= this.#buffer.length) return
    const wider = Buffer.alloc(Math.max(this.#buffer.length * 2, this.#length + bytes))
    this.#buffer.copy(wider, 0, 0, this.#length)
    this.#buffer = wider
  }
}

/** Reads what `ByteWriter` wrote. @throws RangeError past the end. */
export class ByteReader {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  byte(): number {
    const value = this.#bytes[this.#at++]
    if (value === undefined) throw new RangeError('The bytes end too early')
    return value
  }

  varint(): number {
    let value = 0
    let scale = 1
    for (let bytes = 0; bytes < 5; bytes++) {
      const byte = this.byte()
      value += (byte & 0x7f) * scale
      if (byte < 0x80) return value
      scale *= 128
    }
    throw new RangeError('A number is longer than 32 bits')
  }

  double(): number {
    const value = this.#bytes.readDoubleLE(this.#at)
    this.#at += 8
    return value
  }

  text(): string {
    const length = this.varint()
    if (this.#at + length > this.#bytes.length) throw new RangeError('The bytes end too early')
    this.#at += length
    return this.#bytes.toString('utf8', this.#at - length, this.#at)
  }

  skip(bytes: number): void {
    this.#at += bytes
  }
}
