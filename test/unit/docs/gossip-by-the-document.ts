import { createHash } from 'node:crypto'

/** A second implementation of the gossip chapter of docs/PROTOCOL.md: slow, plain, from that page alone. */

const MASK = (1n << 64n) - 1n
const rotl = (value: bigint, by: bigint) => ((value << by) | (value >> (64n - by))) & MASK

/** SipHash-2-4 as its paper has it, of 16 bytes, under a key of 16 bytes. */
function sipHash(key: Buffer, message: Buffer): bigint {
  const [k0, k1] = [key.readBigUInt64LE(0), key.readBigUInt64LE(8)]
  let v0 = k0 ^ 0x736f6d6570736575n
  let v1 = k1 ^ 0x646f72616e646f6dn
  let v2 = k0 ^ 0x6c7967656e657261n
  let v3 = k1 ^ 0x7465646279746573n
  const round = () => {
    v0 = (v0 + v1) & MASK
    v1 = rotl(v1, 13n) ^ v0
    v0 = rotl(v0, 32n)
    v2 = (v2 + v3) & MASK
    v3 = rotl(v3, 16n) ^ v2
    v0 = (v0 + v3) & MASK
    v3 = rotl(v3, 21n) ^ v0
    v2 = (v2 + v1) & MASK
    v1 = rotl(v1, 17n) ^ v2
    v2 = rotl(v2, 32n)
  }
  for (const word of [message.readBigUInt64LE(0), message.readBigUInt64LE(8), 16n << 56n]) {
    v3 ^= word
    round()
    round()
    v0 ^= word
  }
  v2 ^= 0xffn
  for (let times = 0; times < 4; times++) round()
  return v0 ^ v1 ^ v2 ^ v3
}

export function shortId(askerNonce: Buffer, answererNonce: Buffer, digest: Buffer): bigint {
  const hash = createHash('sha256')
    .update('tidemark/reconcile/1 short ids')
    .update(askerNonce)
    .update(answererNonce)
    .digest()
  return sipHash(hash.subarray(0, 16), digest.subarray(0, 16))
}

/** The cells below `end` that an id lies in. */
export function cellsOf(id: bigint, end: number): number[] {
  const cells: number[] = []
  let state = id
  for (let at = 0; at < end; ) {
    cells.push(at)
    state = (state * 0xda942042e4dd58b5n) & MASK
    at += Math.max(1, Math.ceil((at + 1.5) * (2 ** 32 / Math.sqrt(Number(state) + 1) - 1)))
  }
  return cells
}

function check(id: bigint): number {
  const [low, high] = [Number(id & 0xffff_ffffn), Number(id >> 32n)]
  let hash = Math.imul(low ^ (low >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13) ^ high, 0xc2b2ae35)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

/** The first `count` cells of a sketch, as they go over the wire in one frame. */
export function sketch(ids: readonly bigint[], count: number): Buffer {
  const bytes = Buffer.alloc(count * 13)
  for (const id of ids) {
    for (const cell of cellsOf(id, count)) {
      bytes.writeBigUInt64LE(bytes.readBigUInt64LE(cell * 12) ^ id, cell * 12)
      bytes.writeUInt32LE((bytes.readUInt32LE(cell * 12 + 8) ^ check(id)) >>> 0, cell * 12 + 8)
      bytes[count * 12 + cell] = ((bytes[count * 12 + cell] ?? 0) + 1) % 256
    }
  }
  return bytes
}

export function codedSet(ids: readonly bigint[], bits: number): Buffer {
  const scaled = ids
    .map((id) => ((id >> 12n) * BigInt(ids.length) * 2n ** BigInt(bits)) >> 52n)
    .sort((a, b) => (a < b ? -1 : 1))
  let text = ''
  scaled.forEach((number, at) => {
    const distance = number - (scaled[at - 1] ?? 0n)
    text += '1'.repeat(Number(distance >> BigInt(bits)))
    text += `0${(distance % 2n ** BigInt(bits)).toString(2).padStart(bits, '0')}`
  })
  const octets = text.padEnd(Math.ceil(text.length / 8) * 8, '0').match(/.{8}/g) ?? []
  return Buffer.from(octets.map((octet) => Number.parseInt(octet, 2)))
}

const LEVELS_MS = [1_000, 10_000, 60_000, 600_000, 3_600_000, 86_400_000]

export function grid(from: number, to: number, target: number) {
  const least = Math.max(1_000, Math.ceil((to - from) / (target - 1)))
  const step = LEVELS_MS.findLast((level) => 2 * level <= least) ?? 1_000
  const widthMs = Math.ceil(least / step) * step
  const start = Math.floor(from / widthMs) * widthMs
  return { start, widthMs, buckets: Math.max(1, Math.ceil((to - start) / widthMs)) }
}
