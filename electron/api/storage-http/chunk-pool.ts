/** Buffers of one size that go round among answers, so that a busy server does not allocate what it sends. */
export class ChunkPool {
  readonly #chunkBytes: number
  readonly #maxSpare: number
  readonly #spare: Buffer[] = []

  constructor(chunkBytes: number, maxSpare: number) {
    this.#chunkBytes = chunkBytes
    this.#maxSpare = maxSpare
  }

  /** A buffer with whatever bytes were left in it. */
  take(): Buffer {
    return this.#spare.pop() ?? Buffer.allocUnsafeSlow(this.#chunkBytes)
  }

  /** Takes a buffer that nothing reads or writes any more. */
  giveBack(chunk: Buffer): void {
    if (this.#spare.length < this.#maxSpare) this.#spare.push(chunk)
  }
}
