import { BitReader, BitWriter } from './bit-stream.ts'
import type { ShortIds } from './short-ids.ts'

/**
 * Golomb-coded sets, as in BIP 158: each id is scaled to a number below count x 2^bits, the numbers are sorted, and
 * each distance to the one before is written in Golomb-Rice code: its quotient by 2^bits in unary, its rest in
 * `bits` bits. That takes about bits + 1.5 bits an id, and an id that is not in the set passes for one that is with
 * a chance of 2^-bits.
 */
export interface GolombSet {
  readonly count: number
  readonly bits: number
  readonly bytes: Uint8Array
}

/** Rests are written as one word of at most this many bits. */
export const MAX_GOLOMB_BITS = 32

/** Most ids of one set: with 32 bits of rest, numbers stay below 2^52 and exact. */
export const MAX_GOLOMB_COUNT = 1_048_576

const TWO_20 = 1_048_576
const TWO_52 = 4_503_599_627_370_496

/** @throws RangeError for more than `MAX_GOLOMB_COUNT` ids or `bits` not from 1 to 32. */
export function encodeGolombSet(ids: ShortIds, bits: number): GolombSet {
  const count = ids.low.length
  assertBounds(count, bits)
  const writer = new BitWriter(Math.ceil((count * (bits + 2)) / 8))
  const divisor = 2 ** bits
  let previous = 0
  for (const number of scaledIds(ids, count, bits).sort()) {
    const distance = number - previous
    writer.unary(Math.floor(distance / divisor))
    writer.bits(distance % divisor, bits)
    previous = number
  }
  return { count, bits, bytes: writer.finish() }
}

/**
 * The numbers of a set, ascending.
 * @throws RangeError when the bytes are not exactly `count` numbers below count x 2^bits.
 */
export function decodeGolombSet(set: GolombSet): Float64Array {
  const { count, bits, bytes } = set
  assertBounds(count, bits)
  if (count * (bits + 1) > bytes.length * 8) throw new RangeError('A coded set is shorter than its count.')
  const reader = new BitReader(bytes)
  const numbers = new Float64Array(count)
  const divisor = 2 ** bits
  let previous = 0
  for (let index = 0; index < count; index++) {
    const quotient = reader.unary(count - Math.floor(previous / divisor))
    previous += quotient * divisor + reader.bits(bits)
    numbers[index] = previous
  }
  if (previous >= Math.max(count, 1) * divisor || !reader.isAtEnd()) {
    throw new RangeError('A coded set does not end where it should.')
  }
  return numbers
}

/** The numbers that `ids` have in a set of `count` ids, in the order of `ids`. */
export function scaledIds(ids: ShortIds, count: number, bits: number): Float64Array {
  const numbers = new Float64Array(ids.low.length)
  const divisor = 2 ** bits
  for (let row = 0; row < numbers.length; row++) {
    // The id's 52 highest bits as a fraction of 1.
    const fraction = ((ids.high[row] ?? 0) * TWO_20 + ((ids.low[row] ?? 0) >>> 12)) / TWO_52
    numbers[row] = Math.floor(fraction * count * divisor)
  }
  return numbers
}

/** The index of `number` among ascending `numbers`, or -1. */
export function indexOfNumber(numbers: Float64Array, number: number): number {
  let low = 0
  let high = numbers.length - 1
  while (low <= high) {
    const middle = (low + high) >>> 1
    const at = numbers[middle] ?? 0
    if (at === number) return middle
    if (at < number) low = middle + 1
    else high = middle - 1
  }
  return -1
}

function assertBounds(count: number, bits: number): void {
  if (!Number.isInteger(bits) || bits < 1 || bits > MAX_GOLOMB_BITS)
    throw new RangeError(`${bits} bits of rest.`)
  if (!Number.isInteger(count) || count < 0 || count > MAX_GOLOMB_COUNT)
    throw new RangeError(`${count} ids in a set.`)
}
