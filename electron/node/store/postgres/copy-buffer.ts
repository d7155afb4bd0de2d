/** Head of a binary COPY: its signature, flags, and the length of an extension that is not there. */
const HEAD = Buffer.concat([Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1'), Buffer.alloc(8)])
const TAIL = Buffer.from([0xff, 0xff])
const CHUNK_BYTES = 262_144
const WORD_RANGE = 4_294_967_296

/** Rows in the binary format of COPY, as PostgreSQL documents it ("COPY", section "Binary Format"). */
export class CopyBuffer {
  #chunks: Buffer[] = []
  #chunk = Buffer.allocUnsafe(CHUNK_BYTES)
  #at = HEAD.copy(this.#chunk)
  #rows = 0

  get rows(): number {
    return this.#rows
  }

  beginRow(columns: number): void {
    this.#room(2)
    this.#at = this.#chunk.writeInt16BE(columns, this.#at)
    this.#rows += 1
  }

  /** A BIGINT; whole numbers up to 2^53 alone. */
  integer(value: number | null): void {
    if (value === null) {
      this.#length(-1)
      return
    }
    this.#room(12)
    const at = this.#chunk.writeInt32BE(8, this.#at)
    const high = Math.floor(value / WORD_RANGE)
    this.#chunk.writeInt32BE(high, at)
    this.#at = this.#chunk.writeUInt32BE(value - high * WORD_RANGE, at + 4)
  }

  bytes(value: Uint8Array): void {
    this.#length(value.length)
    this.#room(value.length)
    this.#chunk.set(value, this.#at)
    this.#at += value.length
  }

  /** Everything so far, with head and tail; the buffer is empty afterwards. */
  take(): Uint8Array[] {
    this.#room(TAIL.length)
    this.#at += TAIL.copy(this.#chunk, this.#at)
    const chunks = [...this.#chunks, this.#chunk.subarray(0, this.#at)]
    this.clear()
    return chunks
  }

  clear(): void {
    this.#chunks = []
    this.#chunk = Buffer.allocUnsafe(CHUNK_BYTES)
    this.#at = HEAD.copy(this.#chunk)
    this.#rows = 0
  }

  #length(length: number): void {
    this.#room(4)
    this.#at = this.#chunk.writeInt32BE(length, this.#at)
  }

  #room(bytes: number): void {
    if (this.#at + bytes <= this.#chunk.length) return
    this.#chunks.push(this.#chunk.subarray(0, this.#at))
    this.#chunk = Buffer.allocUnsafe(Math.max(CHUNK_BYTES, bytes))
    this.#at = 0
  }
}
