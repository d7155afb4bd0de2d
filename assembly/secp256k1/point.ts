// Points of secp256k1, y^2 = x^3 + 7. An affine point is x, y; a Jacobian one X, Y, Z for x = X / Z^2, y = Y / Z^3,
// and a word that is not 0 for the point at infinity. Formulas after libsecp256k1's group, which follow
// https://hyperelliptic.org/EFD/g1p/auto-shortw-jacobian-0.html.

import { add, carry, copy, ELEMENT, invert, isZero, mul, negate, normalize, scale, sqr } from './field'

/** Bytes of a point in memory. */
export const AFFINE: usize = 80
export const JACOBIAN: usize = 128

const Y: usize = ELEMENT
const Z: usize = 2 * ELEMENT
const INFINITY: usize = 3 * ELEMENT

const zz = memory.data(40)
const u1 = memory.data(40)
const u2 = memory.data(40)
const s1 = memory.data(40)
const s2 = memory.data(40)
const h = memory.data(40)
const h2 = memory.data(40)
const h3 = memory.data(40)
const dy = memory.data(40)
const part = memory.data(40)

export function isInfinite(a: usize): bool {
  return load<u32>(a, INFINITY) !== 0
}

export function setInfinite(a: usize): void {
  store<u32>(a, 1, INFINITY)
}

export function copyPoint(r: usize, a: usize): void {
  memory.copy(r, a, JACOBIAN)
}

/** r = (x, y), with -y where `isNegative`. */
export function fromAffine(r: usize, a: usize, isNegative: bool): void {
  copy(r, a)
  if (isNegative) negate(r + Y, a + Y, 1)
  else copy(r + Y, a + Y)
  memory.fill(r + Z, 0, ELEMENT)
  store<u32>(r + Z, 1)
  store<u32>(r, 0, INFINITY)
}

/** r = 2 r. */
export function double(r: usize): void {
  if (isInfinite(r)) return
  // No point of this curve has y = 0.
  mul(r + Z, r + Z, r + Y)
  scale(r + Z, r + Z, 2) // Z3 = 2YZ
  sqr(part, r) // X^2
  scale(part, part, 3) // 3X^2 (3)
  sqr(h, part) // 9X^4
  sqr(s1, r + Y) // Y^2
  mul(s2, r, s1) // XY^2
  scale(u1, s2, 8)
  negate(u1, u1, 8)
  add(r, h, u1) // X3 = 9X^4 - 8XY^2 (10)
  scale(s2, s2, 4) // 4XY^2 (4)
  negate(u2, r, 10)
  add(s2, s2, u2) // (15)
  carry(r)
  carry(s2)
  mul(h, part, s2)
  sqr(s1, s1)
  scale(s1, s1, 8)
  negate(s1, s1, 8)
  add(r + Y, h, s1) // Y3 = 3X^2 (4XY^2 - X3) - 8Y^4 (10)
  carry(r + Y)
}

/** The end of an addition, once u1 (5), h = u2 - u1 (7), s1 (3) and dy = s2 - s1 (6) are known. */
function finishAdd(r: usize): void {
  sqr(h2, h)
  mul(h3, h2, h)
  mul(part, u1, h2) // u1 h^2
  sqr(r, dy)
  scale(u2, part, 2)
  add(u2, u2, h3) // h^3 + 2 u1 h^2 (3)
  negate(u2, u2, 3)
  add(r, r, u2) // X3 = dy^2 - h^3 - 2 u1 h^2 (5)
  negate(u2, r, 5)
  add(part, part, u2) // (7)
  mul(part, part, dy)
  mul(h3, h3, s1)
  negate(h3, h3, 1)
  add(r + Y, part, h3) // Y3 = (u1 h^2 - X3) dy - s1 h^3 (3)
}

/** r = r + b, b affine and taken with -y where `isNegative`. */
export function addAffine(r: usize, b: usize, isNegative: bool): void {
  if (isInfinite(r)) {
    fromAffine(r, b, isNegative)
    return
  }
  sqr(zz, r + Z)
  copy(u1, r) // (5)
  copy(s1, r + Y) // (3)
  mul(u2, b, zz)
  mul(s2, b + Y, zz)
  mul(s2, s2, r + Z)
  if (isNegative) negate(s2, s2, 1)
  negate(h, u1, 5)
  add(h, h, u2) // (7)
  negate(dy, s1, 3)
  add(dy, dy, s2) // (6)
  if (isZero(h)) {
    if (isZero(dy)) double(r)
    else setInfinite(r)
    return
  }
  mul(r + Z, r + Z, h)
  finishAdd(r)
}

/** r = r + b. */
export function addJacobian(r: usize, b: usize): void {
  if (isInfinite(b)) return
  if (isInfinite(r)) {
    copyPoint(r, b)
    return
  }
  sqr(zz, b + Z)
  mul(u1, r, zz)
  mul(s1, r + Y, zz)
  mul(s1, s1, b + Z)
  sqr(zz, r + Z)
  mul(u2, b, zz)
  mul(s2, b + Y, zz)
  mul(s2, s2, r + Z)
  negate(h, u1, 1)
  add(h, h, u2)
  negate(dy, s1, 1)
  add(dy, dy, s2)
  if (isZero(h)) {
    if (isZero(dy)) double(r)
    else setInfinite(r)
    return
  }
  mul(r + Z, r + Z, b + Z)
  mul(r + Z, r + Z, h)
  finishAdd(r)
}

/** r = a, affine and in its one form. a is not infinite. */
export function toAffine(r: usize, a: usize): void {
  copy(part, a + Z)
  normalize(part)
  copy(u1, part)
  invert(zz, u1)
  sqr(h2, zz)
  mul(h3, h2, zz)
  mul(r, a, h2)
  mul(r + Y, a + Y, h3)
  normalize(r)
  normalize(r + Y)
}
