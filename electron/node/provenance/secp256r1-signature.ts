import { createPublicKey, ECDH, type KeyObject, verify } from 'node:crypto'
import { RecentMap } from './recent-map.ts'

const CURVE = 'prime256v1'
const SIGNATURE_BYTES = 64
const COMPRESSED_KEY_BYTES = 33
const UNCOMPRESSED_KEY_BYTES = 65

/** What comes before the uncompressed point in the DER form of a P-256 public key (RFC 5480). */
const SPKI_PREFIX = Buffer.from('3059301306072a8648ce3d020106082a8648ce3d030107034200', 'hex')

/** Parsed keys kept; each costs about a kilobyte outside the heap. */
const MAX_KNOWN_KEYS = 1_024

/**
 * Checks ECDSA signatures over P-256 and SHA-256, where the publisher id is the public key. Both forms of s are
 * accepted: WebCrypto, which makes these signatures for Streamr, does not choose between them, and the signature
 * is no part of a message's digest, so its twin is the same message.
 */
export class Secp256r1Verifier {
  readonly #keys = new RecentMap<string, KeyObject>(MAX_KNOWN_KEYS)

  verify(publisher: string, publisherId: Uint8Array, payload: Uint8Array, signature: Uint8Array): boolean {
    if (signature.length !== SIGNATURE_BYTES) return false
    const key = this.#keys.get(publisher) ?? parseKey(publisherId)
    if (key === undefined) return false
    this.#keys.set(publisher, key)
    return verify('sha256', payload, { key, dsaEncoding: 'ieee-p1363' }, signature)
  }
}

function parseKey(publicKey: Uint8Array): KeyObject | undefined {
  if (publicKey.length !== COMPRESSED_KEY_BYTES && publicKey.length !== UNCOMPRESSED_KEY_BYTES)
    return undefined
  try {
    const point = ECDH.convertKey(publicKey, CURVE, undefined, undefined, 'uncompressed') as Buffer
    return createPublicKey({ key: Buffer.concat([SPKI_PREFIX, point]), format: 'der', type: 'spki' })
  } catch {
    // Not a point of the curve.
    return undefined
  }
}
