const SUM_BYTES = 32
const WORDS = 8
const WORD_RANGE = 2 ** 32

/**
 * Number and sum of digests: modulo 2^256, each read as a little-endian number, as the store's fingerprints are.
 * Two sets of messages with the same count and sum are the same set.
 */
export class DigestSum {
  count = 0
  readonly sum: Uint8Array

  constructor(count = 0, sum: Uint8Array = new Uint8Array(SUM_BYTES)) {
    this.count = count
    this.sum = Uint8Array.from(sum)
  }

  add(digest: Uint8Array): void {
    this.count += 1
    this.#addSum(digest)
  }

  addAll(other: DigestSum): void {
    this.count += other.count
    this.#addSum(other.sum)
  }

  remove(digest: Uint8Array): void {
    this.count -= 1
    this.#subtractSum(digest)
  }

  removeAll(other: DigestSum): void {
    this.count -= other.count
    this.#subtractSum(other.sum)
  }

  equals(count: number, sum: Uint8Array): boolean {
    return this.count === count && Buffer.compare(this.sum, sum) === 0
  }

  #addSum(bytes: Uint8Array): void {
    const mine = new DataView(this.sum.buffer)
    const theirs = new DataView(bytes.buffer, bytes.byteOffset, SUM_BYTES)
    let carry = 0
    for (let word = 0; word < WORDS; word += 1) {
      const total = mine.getUint32(word * 4, true) + theirs.getUint32(word * 4, true) + carry
      carry = total >= WORD_RANGE ? 1 : 0
      mine.setUint32(word * 4, total % WORD_RANGE, true)
    }
  }

  #subtractSum(bytes: Uint8Array): void {
    const mine = new DataView(this.sum.buffer)
    const theirs = new DataView(bytes.buffer, bytes.byteOffset, SUM_BYTES)
    let borrow = 0
    for (let word = 0; word < WORDS; word += 1) {
      const total = mine.getUint32(word * 4, true) - theirs.getUint32(word * 4, true) - borrow
      borrow = total < 0 ? 1 : 0
      mine.setUint32(word * 4, total + borrow * WORD_RANGE, true)
    }
  }
}
