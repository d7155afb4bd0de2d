// Arithmetic modulo n, the order of secp256k1, in Montgomery's form: a number a stands as a * 2^256 modulo n.
// A scalar is eight limbs of 32 bits, least significant first.

/** Bytes of a scalar in memory. */
export const SCALAR: usize = 32

const N = memory.data<u32>([
  0xd0364141, 0xbfd25e8c, 0xaf48a03b, 0xbaaedce6, 0xfffffffe, 0xffffffff, 0xffffffff, 0xffffffff,
])
/** -1 / n modulo 2^32. */
const N_INVERSE: u64 = 0x5588b13f
/** 2^512 modulo n, which takes numbers into Montgomery's form. */
const R2 = memory.data<u32>([
  0x67d7d140, 0x896cf214, 0x0e7cf878, 0x741496c2, 0x5bcd07c6, 0xe697f5e4, 0x81c69bc5, 0x9d671cd5,
])
const ONE = memory.data<u32>([1, 0, 0, 0, 0, 0, 0, 0])
const product = memory.data(40)

/** r = a * b / 2^256 modulo n, below n where one factor is. Montgomery, "Modular multiplication", 1985. */
export function mulScalar(r: usize, a: usize, b: usize): void {
  memory.fill(product, 0, 40)
  for (let i: usize = 0; i < 32; i += 4) {
    const ai = u64(load<u32>(a + i))
    let c: u64 = 0
    for (let j: usize = 0; j < 32; j += 4) {
      c = ai * u64(load<u32>(b + j)) + u64(load<u32>(product + j)) + (c >> 32)
      store<u32>(product + j, u32(c))
    }
    let top = u64(load<u32>(product, 32)) + (c >> 32)
    const m = u64(u32(u64(load<u32>(product)) * N_INVERSE))
    c = m * u64(load<u32>(N)) + u64(load<u32>(product))
    for (let j: usize = 4; j < 32; j += 4) {
      c = m * u64(load<u32>(N + j)) + u64(load<u32>(product + j)) + (c >> 32)
      store<u32>(product + j - 4, u32(c))
    }
    top += c >> 32
    store<u32>(product, u32(top), 28)
    store<u32>(product, u32(top >> 32), 32)
  }
  reduce(r, product, load<u32>(product, 32))
}

/** r = a modulo n, for a below 2n, whose bit 256 is given apart. */
function reduce(r: usize, a: usize, above: u32): void {
  if (above === 0 && isBelowOrder(a)) {
    memory.copy(r, a, SCALAR)
    return
  }
  let borrow: i64 = 0
  for (let j: usize = 0; j < 32; j += 4) {
    borrow = i64(load<u32>(a + j)) - i64(load<u32>(N + j)) + (borrow >> 32)
    store<u32>(r + j, u32(borrow))
  }
}

export function isBelowOrder(a: usize): bool {
  for (let j: i32 = 28; j >= 0; j -= 4) {
    const ours = load<u32>(a + j)
    const order = load<u32>(N + j)
    if (ours !== order) return ours < order
  }
  return false
}

export function isZeroScalar(a: usize): bool {
  return (load<u64>(a) | load<u64>(a, 8) | load<u64>(a, 16) | load<u64>(a, 24)) === 0
}

/** r = a + b modulo n. */
export function addScalar(r: usize, a: usize, b: usize): void {
  let c: u64 = 0
  for (let j: usize = 0; j < 32; j += 4) {
    c = u64(load<u32>(a + j)) + u64(load<u32>(b + j)) + (c >> 32)
    store<u32>(product + j, u32(c))
  }
  reduce(r, product, u32(c >> 32))
}

/** r = -a modulo n. */
export function negateScalar(r: usize, a: usize): void {
  if (isZeroScalar(a)) {
    memory.fill(r, 0, SCALAR)
    return
  }
  let borrow: i64 = 0
  for (let j: usize = 0; j < 32; j += 4) {
    borrow = i64(load<u32>(N + j)) - i64(load<u32>(a + j)) + (borrow >> 32)
    store<u32>(r + j, u32(borrow))
  }
}

/** Reads 32 bytes, most significant first, as they are: the number may be n or larger. */
export function scalarFromBytes(r: usize, bytes: usize): void {
  store<u64>(r, bswap<u64>(load<u64>(bytes, 24)))
  store<u64>(r, bswap<u64>(load<u64>(bytes, 16)), 8)
  store<u64>(r, bswap<u64>(load<u64>(bytes, 8)), 16)
  store<u64>(r, bswap<u64>(load<u64>(bytes)), 24)
}

export function toMontgomery(r: usize, a: usize): void {
  mulScalar(r, a, R2)
}

export function fromMontgomery(r: usize, a: usize): void {
  mulScalar(r, a, ONE)
}

const base = memory.data(32)

/** r = 1 / a, both in Montgomery's form: a^(n - 2). */
export function invertScalar(r: usize, a: usize): void {
  memory.copy(base, a, SCALAR)
  memory.copy(r, a, SCALAR)
  // From the second bit of n - 2 downwards; its highest one is set.
  for (let bit: i32 = 254; bit >= 0; bit--) {
    mulScalar(r, r, r)
    const word = load<u32>(N + ((bit >> 5) << 2)) - (bit < 32 ? 2 : 0)
    if ((word >> (bit & 31)) & 1) mulScalar(r, r, base)
  }
}
