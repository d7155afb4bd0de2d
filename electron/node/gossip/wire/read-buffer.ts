const FIRST_BYTES = 4_096

/** Bytes that came in chunks of any size, to be taken from the front; holds what is unread and no more. */
export class ReadBuffer {
  #bytes = new Uint8Array(FIRST_BYTES)
  #start = 0
  #end = 0

  get length(): number {
    return this.#end - this.#start
  }

  append(chunk: Uint8Array): void {
    if (this.#end + chunk.length > this.#bytes.length) this.#makeRoom(chunk.length)
    this.#bytes.set(chunk, this.#end)
    this.#end += chunk.length
  }

  /** The unread bytes, valid until the next call. */
  peek(): Uint8Array {
    return this.#bytes.subarray(this.#start, this.#end)
  }

  /** Takes `length` bytes, of which the first `skipped` are left out, as a copy. */
  take(length: number, skipped: number): Uint8Array {
    const taken = this.#bytes.slice(this.#start + skipped, this.#start + length)
    this.#start += length
    if (this.#start === this.#end) {
      this.#start = 0
      this.#end = 0
    }
    return taken
  }

  #makeRoom(bytes: number): void {
    const needed = this.length + bytes
    let size = this.#bytes.length
    while (size < needed) size *= 2
    const into = size === this.#bytes.length ? this.#bytes : new Uint8Array(size)
    into.set(this.peek())
    this.#bytes = into
    this.#end -= this.#start
    this.#start = 0
  }
}
