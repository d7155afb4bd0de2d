import { p256 } from '@noble/curves/nist.js'
import { sha256 } from '@noble/hashes/sha2.js'

/** What the verifier uses of `node:crypto`, in a browser: SHA-256 and ECDSA over P-256. */
export function hash(
  _algorithm: 'sha256',
  data: string | Uint8Array,
  encoding: BufferEncoding | 'buffer',
): string | Buffer {
  const bytes = typeof data === 'string' ? new TextEncoder().encode(data) : data
  const digest = Buffer.from(sha256(bytes))
  return encoding === 'buffer' ? digest : digest.toString(encoding)
}

/** The same, part by part. */
export function createHash(_algorithm: 'sha256') {
  const state = sha256.create()
  const parts = {
    update(data: Uint8Array) {
      state.update(data)
      return parts
    },
    digest: () => Buffer.from(state.digest()),
  }
  return parts
}

export interface KeyObject {
  point: Uint8Array
}

/** DER of a P-256 public key: 26 bytes, then the uncompressed point. */
const P256_DER_BYTES = 91
const POINT_AT = 26

/** @throws Error for any other key; ML-DSA-87 is checked by its portable implementation then. */
export function createPublicKey({ key }: { key: Uint8Array }): KeyObject {
  if (key.length !== P256_DER_BYTES) throw new Error('This kind of key is not known here')
  return { point: key.subarray(POINT_AT) }
}

export const ECDH = {
  convertKey: (key: Uint8Array): Uint8Array => Buffer.from(p256.Point.fromBytes(key).toBytes(false)),
}

export function verify(
  _algorithm: string | null,
  payload: Uint8Array,
  { key }: { key: KeyObject },
  signature: Uint8Array,
): boolean {
  return p256.verify(signature, payload, key.point, { lowS: false })
}
