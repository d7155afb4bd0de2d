/** Head of a binary COPY: its signature, flags, and the length of an extension that is not there. */
const HEAD = Buffer.concat([Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1'), Buffer.alloc(8)])
const TAIL = Buffer.from([0xff, 0xff])
const CHUNK_BYTES = 262_144
const NOTHING = Buffer.alloc(0)
const WORD_RANGE = 4_294_967_296

/** Rows in the binary format of COPY, as PostgreSQL documents it ("COPY", section "Binary Format"). */
export class CopyBuffer {
  #chunks: Buffer[] = []
  #chunk = NOTHING
  #at = 0
  #rows = 0

  get rows(): number {
    return this.#rows
  }

  beginRow(columns: number): void {
    if (this.#rows === 0) {
      this.#room(HEAD.length)
      this.#at += HEAD.copy(this.#chunk, this.#at)
    }
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

  /** A value of a row as statements take it: BIGINT, TEXT, BYTEA or null. */
  value(value: number | string | Uint8Array | null): void {
    if (typeof value === 'string') this.bytes(Buffer.from(value))
    else if (value instanceof Uint8Array) this.bytes(value)
    else this.integer(value)
  }

  bytes(value: Uint8Array): void {
    this.#length(value.length)
    this.#room(value.length)
    this.#chunk.set(value, this.#at)
    this.#at += value.length
  }

  /** Takes what fills whole chunks; what is left goes on where it ended. */
  takeFull(): Uint8Array[] {
    const chunks = this.#chunks
    if (chunks.length > 0) this.#chunks = []
    return chunks
  }

  /** Takes everything that is left, with the tail; the buffer begins anew afterwards. */
  take(): Uint8Array[] {
    this.#room(TAIL.length)
    this.#at += TAIL.copy(this.#chunk, this.#at)
    const chunks = [...this.#chunks, this.#chunk.subarray(0, this.#at)]
    this.clear()
    return chunks
  }

  clear(): void {
    this.#chunks = []
    this.#chunk = NOTHING
    this.#at = 0
    this.#rows = 0
  }

  #length(length: number): void {
    this.#room(4)
    this.#at = this.#chunk.writeInt32BE(length, this.#at)
  }

  #room(bytes: number): void {
    if (this.#at + bytes <= this.#chunk.length) return
    if (this.#at > 0) this.#chunks.push(this.#chunk.subarray(0, this.#at))
    this.#chunk = Buffer.allocUnsafe(Math.max(CHUNK_BYTES, bytes))
    this.#at = 0
  }
}
