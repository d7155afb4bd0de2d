import { createHash } from 'node:crypto'

/**
 * Short ids: 8 bytes that stand for a 32-byte content digest during one session.
 *
 * They are SipHash-2-4 of the digest's first 16 bytes under a key made of both sides' nonces, so that nobody can
 * prepare messages whose short ids collide: without the key that takes a collision of 128 bits of SHA-256.
 */

/** Bytes of a digest that the store's columns keep in memory and short ids are made of. */
export const DIGEST_PREFIX_BYTES = 16

/** Bytes that each side contributes to the key of a session. */
export const SESSION_NONCE_BYTES = 16

const KEY_CONTEXT = 'tidemark/reconcile/1 short ids'

/** Columns of short ids, each in two 32-bit halves. */
export interface ShortIds {
  readonly low: Uint32Array
  readonly high: Uint32Array
}

/** The 128-bit key as four little-endian words. */
export type SessionKey = Uint32Array

/** First 16 bytes of SHA-256(context, asker's nonce, answerer's nonce), as four little-endian words. */
export function sessionKey(askerNonce: Uint8Array, answererNonce: Uint8Array): SessionKey {
  if (askerNonce.length !== SESSION_NONCE_BYTES || answererNonce.length !== SESSION_NONCE_BYTES) {
    throw new RangeError(`A session nonce has ${SESSION_NONCE_BYTES} bytes.`)
  }
  const hash = createHash('sha256').update(KEY_CONTEXT).update(askerNonce).update(answererNonce).digest()
  return Uint32Array.of(
    hash.readUInt32LE(0),
    hash.readUInt32LE(4),
    hash.readUInt32LE(8),
    hash.readUInt32LE(12),
  )
}

/**
 * Short ids of the digest prefixes that lie back to back in `prefixes`.
 *
 * The 64-bit arithmetic of SipHash is written out on 32-bit halves in local variables: this runs over every id of
 * a session, and objects or BigInts would make it some twenty times slower.
 */
export function shortIds(key: SessionKey, prefixes: Uint8Array, out?: ShortIds, at = 0): ShortIds {
  const count = prefixes.length / DIGEST_PREFIX_BYTES
  if (!Number.isInteger(count))
    throw new RangeError(`Digest prefixes have ${DIGEST_PREFIX_BYTES} bytes each.`)
  const ids = out ?? { low: new Uint32Array(count), high: new Uint32Array(count) }
  const view = new DataView(prefixes.buffer, prefixes.byteOffset, prefixes.byteLength)
  const [key0 = 0, key1 = 0, key2 = 0, key3 = 0] = key
  for (let item = 0; item < count; item++) {
    const offset = item * DIGEST_PREFIX_BYTES
    let v0 = key0 ^ 0x7073_6575
    let v0h = key1 ^ 0x736f_6d65
    let v1 = key2 ^ 0x6e64_6f6d
    let v1h = key3 ^ 0x646f_7261
    let v2 = key0 ^ 0x6e65_7261
    let v2h = key1 ^ 0x6c79_6765
    let v3 = key2 ^ 0x7974_6573
    let v3h = key3 ^ 0x7465_6462
    // Two words of input, the length word, then the finish: 2 + 2 + 2 + 4 rounds.
    for (let round = 0; round < 10; round++) {
      let word = 0
      let wordHigh = 0
      if (round < 4) {
        const at = offset + (round & 2) * 4
        word = view.getInt32(at, true)
        wordHigh = view.getInt32(at + 4, true)
      } else if (round < 6) {
        wordHigh = DIGEST_PREFIX_BYTES << 24
      }
      if (round < 6 && (round & 1) === 0) {
        v3 ^= word
        v3h ^= wordHigh
      }
      if (round === 6) v2 ^= 0xff
      let sum = (v0 >>> 0) + (v1 >>> 0)
      v0h = (v0h + v1h + (sum > 0xffff_ffff ? 1 : 0)) | 0
      v0 = sum | 0
      let turned = (v1 << 13) | (v1h >>> 19)
      v1h = ((v1h << 13) | (v1 >>> 19)) ^ v0h
      v1 = turned ^ v0
      turned = v0
      v0 = v0h
      v0h = turned
      sum = (v2 >>> 0) + (v3 >>> 0)
      v2h = (v2h + v3h + (sum > 0xffff_ffff ? 1 : 0)) | 0
      v2 = sum | 0
      turned = (v3 << 16) | (v3h >>> 16)
      v3h = ((v3h << 16) | (v3 >>> 16)) ^ v2h
      v3 = turned ^ v2
      sum = (v0 >>> 0) + (v3 >>> 0)
      v0h = (v0h + v3h + (sum > 0xffff_ffff ? 1 : 0)) | 0
      v0 = sum | 0
      turned = (v3 << 21) | (v3h >>> 11)
      v3h = ((v3h << 21) | (v3 >>> 11)) ^ v0h
      v3 = turned ^ v0
      sum = (v2 >>> 0) + (v1 >>> 0)
      v2h = (v2h + v1h + (sum > 0xffff_ffff ? 1 : 0)) | 0
      v2 = sum | 0
      turned = (v1 << 17) | (v1h >>> 15)
      v1h = ((v1h << 17) | (v1 >>> 15)) ^ v2h
      v1 = turned ^ v2
      turned = v2
      v2 = v2h
      v2h = turned
      if (round < 6 && (round & 1) === 1) {
        v0 ^= word
        v0h ^= wordHigh
      }
    }
    ids.low[at + item] = v0 ^ v1 ^ v2 ^ v3
    ids.high[at + item] = v0h ^ v1h ^ v2h ^ v3h
  }
  return ids
}
