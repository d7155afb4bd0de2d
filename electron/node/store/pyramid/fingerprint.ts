/**
 * Order-independent fingerprint of a set of digests: their sum modulo 2^256, each digest read as a little-endian
 * number. Compared together with the count of the set; XOR alone would be weak against chosen items.
 */
export const FINGERPRINT_BYTES = 32
const WORDS = 8
const WORD_RANGE = 2 ** 32

/**
 * A sum of digests whose carries are put off: a word is a double and holds the sum of up to 2^20 32-bit words
 * (added or taken away) exactly. `normalise` before that many.
 */
export class DigestSum {
  readonly #words = new Float64Array(WORDS)

  /** Adds digest `index` of a column of digests given as 32-bit words. */
  addWords(column: Uint32Array, index: number): void {
    const words = this.#words
    const from = index * WORDS
    for (let word = 0; word < WORDS; word++) {
      words[word] = (words[word] as number) + (column[from + word] as number)
    }
  }

  /** Adds (`sign` 1) or takes away (`sign` -1) one digest. */
  addDigest(digest: Uint8Array, sign: 1 | -1): void {
    const view = new DataView(digest.buffer, digest.byteOffset, FINGERPRINT_BYTES)
    for (let word = 0; word < WORDS; word++) {
      this.#words[word] = (this.#words[word] as number) + sign * view.getUint32(word * 4, true)
    }
  }

  addSum(other: DigestSum): void {
    for (let word = 0; word < WORDS; word++) {
      this.#words[word] = (this.#words[word] as number) + (other.#words[word] as number)
    }
  }

  /** Carries over, modulo 2^256. */
  normalise(): void {
    let carry = 0
    for (let word = 0; word < WORDS; word++) {
      const sum = (this.#words[word] as number) + carry
      carry = Math.floor(sum / WORD_RANGE)
      this.#words[word] = sum - carry * WORD_RANGE
    }
  }

  /** The sum as 32 little-endian bytes. */
  toBytes(): Buffer {
    this.normalise()
    const bytes = Buffer.allocUnsafe(FINGERPRINT_BYTES)
    for (let word = 0; word < WORDS; word++) bytes.writeUInt32LE(this.#words[word] as number, word * 4)
    return bytes
  }

  static fromBytes(bytes: Uint8Array): DigestSum {
    const sum = new DigestSum()
    sum.addDigest(bytes, 1)
    return sum
  }
}
