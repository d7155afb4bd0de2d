// Arithmetic modulo p = 2^256 - 2^32 - 977, the field of secp256k1.
//
// An element is ten limbs of 26 bits, the last of 22, each in 32 bits of memory, least significant first. Between
// operations limbs may be larger: an element of magnitude m has limbs up to 2m(2^26 - 1), the last up to
// 2m(2^22 - 1), and need not be below p. Products have magnitude 1 and take factors whose magnitudes multiply to 64
// or less; sums add magnitudes; the negative of magnitude m has m + 1. Numbers in brackets at the ends of lines are
// magnitudes. This is the representation of libsecp256k1 for 32 bits (field_10x26): WebAssembly multiplies two
// words of 32 bits into one of 64 at a time, and no more.
//
// Nothing here takes the same time for all numbers: signatures and public keys are no secrets.

/** Bytes of an element in memory. */
export const ELEMENT: usize = 40

const M: u64 = 0x3ffffff
const M9: u64 = 0x03fffff
/** 2^260 modulo p is R1 * 2^26 + R0. */
const R0: u64 = 0x3d10
const R1: u64 = 0x400
/** 2^256 modulo p is FOLD_HIGH * 2^26 + FOLD_LOW. */
const FOLD_LOW: u64 = 0x3d1
const FOLD_SHIFT: u64 = 6

/** r = a b. */
export function mul(r: usize, a: usize, b: usize): void {
  const a0 = u64(load<u32>(a, 0))
  const b0 = u64(load<u32>(b, 0))
  const a1 = u64(load<u32>(a, 4))
  const b1 = u64(load<u32>(b, 4))
  const a2 = u64(load<u32>(a, 8))
  const b2 = u64(load<u32>(b, 8))
  const a3 = u64(load<u32>(a, 12))
  const b3 = u64(load<u32>(b, 12))
  const a4 = u64(load<u32>(a, 16))
  const b4 = u64(load<u32>(b, 16))
  const a5 = u64(load<u32>(a, 20))
  const b5 = u64(load<u32>(b, 20))
  const a6 = u64(load<u32>(a, 24))
  const b6 = u64(load<u32>(b, 24))
  const a7 = u64(load<u32>(a, 28))
  const b7 = u64(load<u32>(b, 28))
  const a8 = u64(load<u32>(a, 32))
  const b8 = u64(load<u32>(b, 32))
  const a9 = u64(load<u32>(a, 36))
  const b9 = u64(load<u32>(b, 36))
  // Columns 10 to 18, carried into limbs of 26 bits.
  let c: u64 = a1 * b9 + a2 * b8 + a3 * b7 + a4 * b6 + a5 * b5 + a6 * b4 + a7 * b3 + a8 * b2 + a9 * b1
  const h0 = c & M
  c = a2 * b9 + a3 * b8 + a4 * b7 + a5 * b6 + a6 * b5 + a7 * b4 + a8 * b3 + a9 * b2 + (c >> 26)
  const h1 = c & M
  c = a3 * b9 + a4 * b8 + a5 * b7 + a6 * b6 + a7 * b5 + a8 * b4 + a9 * b3 + (c >> 26)
  const h2 = c & M
  c = a4 * b9 + a5 * b8 + a6 * b7 + a7 * b6 + a8 * b5 + a9 * b4 + (c >> 26)
  const h3 = c & M
  c = a5 * b9 + a6 * b8 + a7 * b7 + a8 * b6 + a9 * b5 + (c >> 26)
  const h4 = c & M
  c = a6 * b9 + a7 * b8 + a8 * b7 + a9 * b6 + (c >> 26)
  const h5 = c & M
  c = a7 * b9 + a8 * b8 + a9 * b7 + (c >> 26)
  const h6 = c & M
  c = a8 * b9 + a9 * b8 + (c >> 26)
  const h7 = c & M
  c = a9 * b9 + (c >> 26)
  const h8 = c & M
  const h9 = c >> 26
  // Columns 0 to 9, with what the upper ones come to.
  c = a0 * b0 + h0 * R0
  const t0 = c & M
  c = a0 * b1 + a1 * b0 + h1 * R0 + h0 * R1 + (c >> 26)
  const t1 = c & M
  c = a0 * b2 + a1 * b1 + a2 * b0 + h2 * R0 + h1 * R1 + (c >> 26)
  const t2 = c & M
  c = a0 * b3 + a1 * b2 + a2 * b1 + a3 * b0 + h3 * R0 + h2 * R1 + (c >> 26)
  store<u32>(r, u32(c & M), 12)
  c = a0 * b4 + a1 * b3 + a2 * b2 + a3 * b1 + a4 * b0 + h4 * R0 + h3 * R1 + (c >> 26)
  store<u32>(r, u32(c & M), 16)
  c = a0 * b5 + a1 * b4 + a2 * b3 + a3 * b2 + a4 * b1 + a5 * b0 + h5 * R0 + h4 * R1 + (c >> 26)
  store<u32>(r, u32(c & M), 20)
  c = a0 * b6 + a1 * b5 + a2 * b4 + a3 * b3 + a4 * b2 + a5 * b1 + a6 * b0 + h6 * R0 + h5 * R1 + (c >> 26)
  store<u32>(r, u32(c & M), 24)
  c =
    a0 * b7 +
    a1 * b6 +
    a2 * b5 +
    a3 * b4 +
    a4 * b3 +
    a5 * b2 +
    a6 * b1 +
    a7 * b0 +
    h7 * R0 +
    h6 * R1 +
    (c >> 26)
  store<u32>(r, u32(c & M), 28)
  c =
    a0 * b8 +
    a1 * b7 +
    a2 * b6 +
    a3 * b5 +
    a4 * b4 +
    a5 * b3 +
    a6 * b2 +
    a7 * b1 +
    a8 * b0 +
    h8 * R0 +
    h7 * R1 +
    (c >> 26)
  store<u32>(r, u32(c & M), 32)
  c =
    a0 * b9 +
    a1 * b8 +
    a2 * b7 +
    a3 * b6 +
    a4 * b5 +
    a5 * b4 +
    a6 * b3 +
    a7 * b2 +
    a8 * b1 +
    a9 * b0 +
    h9 * R0 +
    h8 * R1 +
    (c >> 26)
  store<u32>(r, u32(c & M9), 36)
  // What lies above 2^256: bits 22 and up of limb 9, and the last fold of the upper half.
  c = (c >> 22) + ((h9 * R1) << 4)
  let d = t0 + c * FOLD_LOW
  store<u32>(r, u32(d & M))
  d = t1 + (c << FOLD_SHIFT) + (d >> 26)
  store<u32>(r, u32(d & M), 4)
  store<u32>(r, u32(t2 + (d >> 26)), 8)
}

/** r = a^2. */
export function sqr(r: usize, a: usize): void {
  const a0 = u64(load<u32>(a, 0))
  const a1 = u64(load<u32>(a, 4))
  const a2 = u64(load<u32>(a, 8))
  const a3 = u64(load<u32>(a, 12))
  const a4 = u64(load<u32>(a, 16))
  const a5 = u64(load<u32>(a, 20))
  const a6 = u64(load<u32>(a, 24))
  const a7 = u64(load<u32>(a, 28))
  const a8 = u64(load<u32>(a, 32))
  const a9 = u64(load<u32>(a, 36))
  const d0 = a0 << 1
  const d1 = a1 << 1
  const d2 = a2 << 1
  const d3 = a3 << 1
  const d4 = a4 << 1
  const d5 = a5 << 1
  const d6 = a6 << 1
  const d7 = a7 << 1
  const d8 = a8 << 1
  // Columns 10 to 18, carried into limbs of 26 bits.
  let c: u64 = d1 * a9 + d2 * a8 + d3 * a7 + d4 * a6 + a5 * a5
  const h0 = c & M
  c = d2 * a9 + d3 * a8 + d4 * a7 + d5 * a6 + (c >> 26)
  const h1 = c & M
  c = d3 * a9 + d4 * a8 + d5 * a7 + a6 * a6 + (c >> 26)
  const h2 = c & M
  c = d4 * a9 + d5 * a8 + d6 * a7 + (c >> 26)
  const h3 = c & M
  c = d5 * a9 + d6 * a8 + a7 * a7 + (c >> 26)
  const h4 = c & M
  c = d6 * a9 + d7 * a8 + (c >> 26)
  const h5 = c & M
  c = d7 * a9 + a8 * a8 + (c >> 26)
  const h6 = c & M
  c = d8 * a9 + (c >> 26)
  const h7 = c & M
  c = a9 * a9 + (c >> 26)
  const h8 = c & M
  const h9 = c >> 26
  // Columns 0 to 9, with what the upper ones come to.
  c = a0 * a0 + h0 * R0
  const t0 = c & M
  c = d0 * a1 + h1 * R0 + h0 * R1 + (c >> 26)
  const t1 = c & M
  c = d0 * a2 + a1 * a1 + h2 * R0 + h1 * R1 + (c >> 26)
  const t2 = c & M
  c = d0 * a3 + d1 * a2 + h3 * R0 + h2 * R1 + (c >> 26)
  store<u32>(r, u32(c & M), 12)
  c = d0 * a4 + d1 * a3 + a2 * a2 + h4 * R0 + h3 * R1 + (c >> 26)
  store<u32>(r, u32(c & M), 16)
  c = d0 * a5 + d1 * a4 + d2 * a3 + h5 * R0 + h4 * R1 + (c >> 26)
  store<u32>(r, u32(c & M), 20)
  c = d0 * a6 + d1 * a5 + d2 * a4 + a3 * a3 + h6 * R0 + h5 * R1 + (c >> 26)
  store<u32>(r, u32(c & M), 24)
  c = d0 * a7 + d1 * a6 + d2 * a5 + d3 * a4 + h7 * R0 + h6 * R1 + (c >> 26)
  store<u32>(r, u32(c & M), 28)
  c = d0 * a8 + d1 * a7 + d2 * a6 + d3 * a5 + a4 * a4 + h8 * R0 + h7 * R1 + (c >> 26)
  store<u32>(r, u32(c & M), 32)
  c = d0 * a9 + d1 * a8 + d2 * a7 + d3 * a6 + d4 * a5 + h9 * R0 + h8 * R1 + (c >> 26)
  store<u32>(r, u32(c & M9), 36)
  // What lies above 2^256: bits 22 and up of limb 9, and the last fold of the upper half.
  c = (c >> 22) + ((h9 * R1) << 4)
  let d = t0 + c * FOLD_LOW
  store<u32>(r, u32(d & M))
  d = t1 + (c << FOLD_SHIFT) + (d >> 26)
  store<u32>(r, u32(d & M), 4)
  store<u32>(r, u32(t2 + (d >> 26)), 8)
}

export function copy(r: usize, a: usize): void {
  store<u64>(r, load<u64>(a))
  store<u64>(r, load<u64>(a, 8), 8)
  store<u64>(r, load<u64>(a, 16), 16)
  store<u64>(r, load<u64>(a, 24), 24)
  store<u64>(r, load<u64>(a, 32), 32)
}

// Two limbs at a time: no carry passes between them, since each stays below 2^32.

/** r = a + b. */
export function add(r: usize, a: usize, b: usize): void {
  store<u64>(r, load<u64>(a) + load<u64>(b))
  store<u64>(r, load<u64>(a, 8) + load<u64>(b, 8), 8)
  store<u64>(r, load<u64>(a, 16) + load<u64>(b, 16), 16)
  store<u64>(r, load<u64>(a, 24) + load<u64>(b, 24), 24)
  store<u64>(r, load<u64>(a, 32) + load<u64>(b, 32), 32)
}

/** r = factor * a, for small factors. */
export function scale(r: usize, a: usize, factor: u64): void {
  store<u64>(r, load<u64>(a) * factor)
  store<u64>(r, load<u64>(a, 8) * factor, 8)
  store<u64>(r, load<u64>(a, 16) * factor, 16)
  store<u64>(r, load<u64>(a, 24) * factor, 24)
  store<u64>(r, load<u64>(a, 32) * factor, 32)
}

/** r = -a, for a of the given magnitude or less: a multiple of p that is larger in each limb, less a. */
export function negate(r: usize, a: usize, magnitude: u64): void {
  const times = 2 * (magnitude + 1)
  store<u64>(r, 0x03ffffbf_03fffc2f * times - load<u64>(a))
  store<u64>(r, 0x03ffffff_03ffffff * times - load<u64>(a, 8), 8)
  store<u64>(r, 0x03ffffff_03ffffff * times - load<u64>(a, 16), 16)
  store<u64>(r, 0x03ffffff_03ffffff * times - load<u64>(a, 24), 24)
  store<u64>(r, 0x003fffff_03ffffff * times - load<u64>(a, 32), 32)
}

/** Carries, once: limbs get their size, the last one possibly a bit more. Of magnitude 16 or less becomes 1. */
export function carry(a: usize): void {
  const above = u64(load<u32>(a, 36)) >> 22
  let c: u64 = u64(load<u32>(a)) + above * FOLD_LOW
  store<u32>(a, u32(c & M))
  c = u64(load<u32>(a, 4)) + (above << FOLD_SHIFT) + (c >> 26)
  store<u32>(a, u32(c & M), 4)
  c = u64(load<u32>(a, 8)) + (c >> 26)
  store<u32>(a, u32(c & M), 8)
  c = u64(load<u32>(a, 12)) + (c >> 26)
  store<u32>(a, u32(c & M), 12)
  c = u64(load<u32>(a, 16)) + (c >> 26)
  store<u32>(a, u32(c & M), 16)
  c = u64(load<u32>(a, 20)) + (c >> 26)
  store<u32>(a, u32(c & M), 20)
  c = u64(load<u32>(a, 24)) + (c >> 26)
  store<u32>(a, u32(c & M), 24)
  c = u64(load<u32>(a, 28)) + (c >> 26)
  store<u32>(a, u32(c & M), 28)
  c = u64(load<u32>(a, 32)) + (c >> 26)
  store<u32>(a, u32(c & M), 32)
  store<u32>(a, u32((u64(load<u32>(a, 36)) & M9) + (c >> 26)), 36)
}

/** Brings an element of magnitude 16 or less to its one form below p. */
export function normalize(a: usize): void {
  carry(a)
  carry(a)
  // At most one p is left over. Adding 2^256 - p carries to 2^256 just where a >= p.
  let c: u64 = u64(load<u32>(a)) + FOLD_LOW
  c = u64(load<u32>(a, 4)) + (1 << FOLD_SHIFT) + (c >> 26)
  for (let at: usize = 8; at < ELEMENT; at += 4) c = u64(load<u32>(a + at)) + (c >> 26)
  const above = c >> 22
  c = u64(load<u32>(a)) + above * FOLD_LOW
  store<u32>(a, u32(c & M))
  c = u64(load<u32>(a, 4)) + (above << FOLD_SHIFT) + (c >> 26)
  store<u32>(a, u32(c & M), 4)
  for (let at: usize = 8; at < ELEMENT; at += 4) {
    c = u64(load<u32>(a + at)) + (c >> 26)
    store<u32>(a + at, u32(c & (at === 36 ? M9 : M)))
  }
}

const normal = memory.data(40)

/** Whether an element of magnitude 16 or less is 0. */
export function isZero(a: usize): bool {
  // Once what lies above 2^256 is folded, 0 has the form of 0 or of p, which the lowest limb mostly tells.
  const low = (u64(load<u32>(a)) + (u64(load<u32>(a, 36)) >> 22) * FOLD_LOW) & M
  if (low !== 0 && low !== 0x3fffc2f) return false
  copy(normal, a)
  normalize(normal)
  const some =
    load<u64>(normal) |
    load<u64>(normal, 8) |
    load<u64>(normal, 16) |
    load<u64>(normal, 24) |
    load<u64>(normal, 32)
  return some === 0
}

/** Reads 32 bytes, most significant first. The number is smaller than 2^256 and may be larger than p. */
export function fromBytes(r: usize, bytes: usize): void {
  const w0 = bswap<u64>(load<u64>(bytes, 24))
  const w1 = bswap<u64>(load<u64>(bytes, 16))
  const w2 = bswap<u64>(load<u64>(bytes, 8))
  const w3 = bswap<u64>(load<u64>(bytes))
  store<u32>(r, u32(w0 & M))
  store<u32>(r, u32((w0 >> 26) & M), 4)
  store<u32>(r, u32(((w0 >> 52) | (w1 << 12)) & M), 8)
  store<u32>(r, u32((w1 >> 14) & M), 12)
  store<u32>(r, u32(((w1 >> 40) | (w2 << 24)) & M), 16)
  store<u32>(r, u32((w2 >> 2) & M), 20)
  store<u32>(r, u32((w2 >> 28) & M), 24)
  store<u32>(r, u32(((w2 >> 54) | (w3 << 10)) & M), 28)
  store<u32>(r, u32((w3 >> 16) & M), 32)
  store<u32>(r, u32(w3 >> 42), 36)
}

function sqrTimes(r: usize, a: usize, times: i32): void {
  sqr(r, a)
  for (let i = 1; i < times; i++) sqr(r, r)
}

// Powers of an element whose exponents are so many ones in binary.
const x2 = memory.data(40)
const x3 = memory.data(40)
const x6 = memory.data(40)
const x22 = memory.data(40)
const x44 = memory.data(40)
const x88 = memory.data(40)
const power = memory.data(40)

/** power = a^(2^223 - 1), with which the exponents of both a root and an inverse begin. Leaves x2 and x22. */
function beginPower(a: usize): void {
  sqr(x2, a)
  mul(x2, x2, a)
  sqr(x3, x2)
  mul(x3, x3, a)
  sqrTimes(x6, x3, 3)
  mul(x6, x6, x3)
  sqrTimes(power, x6, 3) // 9
  mul(power, power, x3)
  sqrTimes(power, power, 2) // 11
  mul(power, power, x2)
  sqrTimes(x22, power, 11)
  mul(x22, x22, power)
  sqrTimes(x44, x22, 22)
  mul(x44, x44, x22)
  sqrTimes(power, x44, 44) // 88
  mul(power, power, x44)
  copy(x88, power)
  sqrTimes(power, power, 88) // 176
  mul(power, power, x88)
  sqrTimes(power, power, 44) // 220
  mul(power, power, x44)
  sqrTimes(power, power, 3) // 223
  mul(power, power, x3)
}

const square = memory.data(40)

/** r = a square root of a, of magnitude 8 or less, which is a^((p + 1) / 4); false where a has none. r must not be a. */
export function sqrt(r: usize, a: usize): bool {
  beginPower(a)
  sqrTimes(power, power, 23)
  mul(power, power, x22)
  sqrTimes(power, power, 6)
  mul(power, power, x2)
  sqrTimes(r, power, 2)
  sqr(square, r)
  negate(square, square, 1)
  add(square, square, a)
  return isZero(square)
}

/** r = 1 / a, which is a^(p - 2). r must not be a. */
export function invert(r: usize, a: usize): void {
  beginPower(a)
  sqrTimes(power, power, 23)
  mul(power, power, x22)
  sqrTimes(power, power, 5)
  mul(power, power, a)
  sqrTimes(power, power, 3)
  mul(power, power, x2)
  sqrTimes(power, power, 2)
  mul(r, power, a)
}
