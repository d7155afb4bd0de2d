// Checks many ECDSA signatures of known keys at once.
//
// A signature (r, s) over z, whose recovery bit names the point R with x = r, is of the key Q just where
//   (z / s) G + (r / s) Q - R = 0.
// For random b_i, the sum of b_i times the left sides of many is 0 when all hold; when one does not, it is 0 with a
// chance of 2^-126. The sum is one multi-scalar multiplication, cheap for each of its terms because they share their
// doublings. (Bellare, Garay, Rabin, "Fast batch verification for modular exponentiation and digital signatures",
// 1998, small exponents test; Naccache et al. for DSA, 1994. Buckets after Pippenger, 1976.)

import { ELEMENT, fromBytes, mul, negate, normalize, sqr, sqrt } from './field'
import {
  AFFINE,
  addAffine,
  addJacobian,
  double,
  fromAffine,
  isInfinite,
  JACOBIAN,
  setInfinite,
  toAffine,
} from './point'
import {
  addScalar,
  fromMontgomery,
  invertScalar,
  isBelowOrder,
  isZeroScalar,
  mulScalar,
  negateScalar,
  SCALAR,
  scalarFromBytes,
  toMontgomery,
} from './scalar'

/** Most signatures in one batch, and most keys they may be of. */
const MAX_SIGNATURES: usize = 512
const MAX_KEYS: usize = 512

/** Windows of 7 bits: 18 make the 126 bits of a random coefficient, and a third of what a key's coefficient takes. */
const WINDOW_BITS: usize = 7
const WINDOWS: usize = 18
/** Digits are from -64 to 63; a negative one takes the point's negative, which costs nothing. */
const BUCKETS: usize = 64
const DIGIT_MASK: i32 = 127
/** Points of a key: itself, and itself times 2^126 and 2^252, so that no coefficient has more than 18 windows. */
const PARTS: usize = 3
const KEY: usize = 3 * AFFINE

/** A signature as it is handed over: z, r, s, 18 bytes of chance, the recovery bit, a byte unused, the key's number. */
const RECORD: usize = 120
const R: usize = 32
const S: usize = 64
const CHANCE: usize = 96
const PARITY: usize = 114
const KEY_NUMBER: usize = 116

const MAX_TERMS: usize = MAX_SIGNATURES + PARTS * (MAX_KEYS + 1)
const records = heap.alloc(MAX_SIGNATURES * RECORD)
const keys = heap.alloc((MAX_KEYS + 1) * KEY)
const points = heap.alloc(MAX_TERMS * AFFINE)
const digits = heap.alloc(MAX_TERMS * WINDOWS)
const inverses = heap.alloc(MAX_SIGNATURES * SCALAR)
const coefficients = heap.alloc((MAX_KEYS + 1) * SCALAR)
const buckets = heap.alloc(BUCKETS * JACOBIAN)

/** Where the records are to be written. */
export function recordsAt(): usize {
  return records
}

/** Where the tables of the keys are to be written, one after the other from number 1 on; number 0 is G. */
export function keysAt(): usize {
  return keys
}

const GENERATOR = memory.data<u8>([
  0x79, 0xbe, 0x66, 0x7e, 0xf9, 0xdc, 0xbb, 0xac, 0x55, 0xa0, 0x62, 0x95, 0xce, 0x87, 0x0b, 0x07, 0x02, 0x9b,
  0xfc, 0xdb, 0x2d, 0xce, 0x28, 0xd9, 0x59, 0xf2, 0x81, 0x5b, 0x16, 0xf8, 0x17, 0x98, 0x48, 0x3a, 0xda, 0x77,
  0x26, 0xa3, 0xc4, 0x65, 0x5d, 0xa4, 0xfb, 0xfc, 0x0e, 0x11, 0x08, 0xa8, 0xfd, 0x17, 0xb4, 0x48, 0xa6, 0x85,
  0x54, 0x19, 0x9c, 0x47, 0xd0, 0x8f, 0xfb, 0x10, 0xd4, 0xb8,
])

/** 64 times the sum of 2^(7 w) over the windows, negated: what makes digits of -64 to 63 of those of 0 to 127. */
const OFFSET = memory.data<u32>([
  0xc8262101, 0x7f515c88, 0xab40901b, 0x9a6e5be4, 0xfffffffe, 0xffffffff, 0xffffffff, 0xffffffff,
])

const acc = memory.data(128)
const sum = memory.data(128)
const total = memory.data(128)
const offset = memory.data(32)
const scalar = memory.data(32)
const other = memory.data(32)
const running = memory.data(32)
const curve = memory.data(40)

/** Writes the table of a key to `r`: 64 bytes of x and y come from `bytes`. Whether they are a point is not asked. */
export function tableOfKey(r: usize, bytes: usize): void {
  fromBytes(r, bytes)
  fromBytes(r + ELEMENT, bytes + 32)
  fromAffine(acc, r, false)
  for (let part: usize = 1; part < PARTS; part++) {
    for (let bit: usize = 0; bit < WINDOW_BITS * WINDOWS; bit++) double(acc)
    toAffine(r + part * AFFINE, acc)
  }
}

/** To be called once, before all else. */
export function start(): void {
  tableOfKey(keys, GENERATOR)
  toMontgomery(offset, OFFSET)
}

/** The y of the point with this x whose lowest bit is `parity`; false where there is no such point. */
function decompress(r: usize, x: usize, parity: u32): bool {
  fromBytes(r, x)
  const y = r + ELEMENT
  sqr(curve, r)
  mul(curve, curve, r)
  store<u32>(curve, load<u32>(curve) + 7)
  if (!sqrt(y, curve)) return false
  normalize(y)
  if ((load<u32>(y) & 1) !== parity) {
    negate(y, y, 1)
    normalize(y)
  }
  return true
}

/** Whether 32 bytes are a number from 1 to n - 1. */
function readsAsScalar(r: usize, bytes: usize): bool {
  scalarFromBytes(r, bytes)
  return isBelowOrder(r) && !isZeroScalar(r)
}

/** The random coefficient of a record, in Montgomery's form; its digits go to `to`. */
function readChance(r: usize, record: usize, to: usize): void {
  memory.fill(r, 0, SCALAR)
  for (let w: usize = 0; w < WINDOWS; w++) {
    const digit = u32(i32(load<u8>(record + CHANCE + w)) & DIGIT_MASK)
    store<i8>(to + w, i8(i32(digit) - i32(BUCKETS)))
    const bit = w * WINDOW_BITS
    const at = r + ((bit >> 5) << 2)
    const shifted = u64(digit) << u64(bit & 31)
    // The digits do not overlap, so that nothing is carried.
    store<u32>(at, load<u32>(at) | u32(shifted))
    if (shifted >> 32) store<u32>(at + 4, load<u32>(at + 4) | u32(shifted >> 32))
  }
  toMontgomery(r, r)
  addScalar(r, r, offset)
}

/** Digits from -64 to 63 of a scalar that is not in Montgomery's form, 18 for each part of a key. */
function writeDigits(to: usize, a: usize): void {
  let carry = 0
  for (let w: usize = 0; w < PARTS * WINDOWS; w++) {
    const bit = w * WINDOW_BITS
    let digit = carry
    if (bit < 256) {
      const at = a + ((bit >> 5) << 2)
      let word = u64(load<u32>(at))
      if (bit < 224) word |= u64(load<u32>(at + 4)) << 32
      digit += i32((word >> u64(bit & 31)) & DIGIT_MASK)
    }
    carry = digit >= i32(BUCKETS) ? 1 : 0
    store<i8>(to + w, i8(digit - (carry << i32(WINDOW_BITS))))
  }
}

/** 1 / s of all records, in Montgomery's form, by one inversion (Montgomery's trick, 1987). */
function invertAll(count: usize): bool {
  for (let at: usize = 0; at < count; at++) {
    const inverse = inverses + at * SCALAR
    if (!readsAsScalar(scalar, records + at * RECORD + S)) return false
    toMontgomery(scalar, scalar)
    if (at === 0) {
      memory.copy(running, scalar, SCALAR)
    } else {
      // Until the way back, the product of all before stands here.
      memory.copy(inverse, running, SCALAR)
      mulScalar(running, running, scalar)
    }
  }
  invertScalar(other, running)
  for (let at = count - 1; at > 0; at--) {
    const inverse = inverses + at * SCALAR
    scalarFromBytes(scalar, records + at * RECORD + S)
    toMontgomery(scalar, scalar)
    mulScalar(inverse, inverse, other)
    mulScalar(other, other, scalar)
  }
  memory.copy(inverses, other, SCALAR)
  return true
}

/**
 * Whether all of the first `count` records are signatures of their keys, of which there are `keyCount` besides G.
 * One that has no form of a signature makes the whole batch false, as one that does not hold does.
 */
export function check(count: usize, keyCount: usize): bool {
  if (count < 1 || count > MAX_SIGNATURES || keyCount < 1 || keyCount > MAX_KEYS) return false
  memory.fill(coefficients, 0, (keyCount + 1) * SCALAR)
  if (!invertAll(count)) return false
  for (let at: usize = 0; at < count; at++) {
    const record = records + at * RECORD
    if (!readsAsScalar(scalar, record + R)) return false
    if (!decompress(points + at * AFFINE, record + R, u32(load<u8>(record, PARITY)))) return false
    readChance(other, record, digits + at * WINDOWS)
    mulScalar(other, other, inverses + at * SCALAR) // b / s
    toMontgomery(scalar, scalar)
    mulScalar(scalar, scalar, other) // b r / s
    const number = usize(load<u32>(record, KEY_NUMBER))
    if (number < 1 || number > keyCount) return false
    const key = coefficients + number * SCALAR
    addScalar(key, key, scalar)
    scalarFromBytes(scalar, record)
    toMontgomery(scalar, scalar)
    mulScalar(scalar, scalar, other) // b z / s
    addScalar(coefficients, coefficients, scalar)
  }
  let terms = count
  for (let key: usize = 0; key <= keyCount; key++) {
    memory.copy(points + terms * AFFINE, keys + key * KEY, KEY)
    negateScalar(scalar, coefficients + key * SCALAR)
    fromMontgomery(scalar, scalar)
    writeDigits(digits + terms * WINDOWS, scalar)
    terms += PARTS
  }
  return isSumZero(terms)
}

/** Whether the points times their digits add up to the point at infinity. */
function isSumZero(terms: usize): bool {
  setInfinite(acc)
  for (let w = WINDOWS; w-- > 0; ) {
    if (w !== WINDOWS - 1) for (let bit: usize = 0; bit < WINDOW_BITS; bit++) double(acc)
    for (let bucket: usize = 0; bucket < BUCKETS; bucket++) setInfinite(buckets + bucket * JACOBIAN)
    for (let term: usize = 0; term < terms; term++) {
      const digit = i32(load<i8>(digits + term * WINDOWS + w))
      if (digit === 0) continue
      const bucket = buckets + usize(abs(digit) - 1) * JACOBIAN
      addAffine(bucket, points + term * AFFINE, digit < 0)
    }
    // 64 b64 + 63 b63 + ... + b1, by adding up what has been added up so far, from above.
    setInfinite(sum)
    setInfinite(total)
    for (let bucket = BUCKETS; bucket-- > 0; ) {
      addJacobian(sum, buckets + bucket * JACOBIAN)
      addJacobian(total, sum)
    }
    addJacobian(acc, total)
  }
  return isInfinite(acc)
}
