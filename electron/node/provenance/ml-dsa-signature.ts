import { createPublicKey, type KeyObject, verify } from 'node:crypto'
import { ml_dsa87 } from '@noble/post-quantum/ml-dsa.js'
import { RecentMap } from './recent-map.ts'

export const ML_DSA_87_KEY_BYTES = 2_592
const SIGNATURE_BYTES = 4_627

/** What comes before the key in the DER form of an ML-DSA-87 public key (RFC 9881). */
const SPKI_PREFIX = Buffer.from('30820a32300b060960864801650304031303820a2100', 'hex')

/** Parsed keys kept, of about 70 kB each once the library has expanded the matrix. */
const MAX_KNOWN_KEYS = 64

/**
 * Checks ML-DSA-87 signatures (FIPS 204, empty context), where the publisher id is the public key. The runtime's
 * own implementation is twelve times as fast as the portable one, which serves where the runtime has none.
 */
export class MlDsa87Verifier {
  readonly #keys = new RecentMap<string, KeyObject>(MAX_KNOWN_KEYS)
  readonly #isNative: boolean

  constructor(isNative: boolean = runtimeKnowsMlDsa87()) {
    this.#isNative = isNative
  }

  verify(publisher: string, publicKey: Uint8Array, payload: Uint8Array, signature: Uint8Array): boolean {
    if (publicKey.length !== ML_DSA_87_KEY_BYTES || signature.length !== SIGNATURE_BYTES) return false
    if (!this.#isNative) return ml_dsa87.verify(signature, payload, publicKey)
    const key = this.#keys.get(publisher) ?? parseKey(publicKey)
    this.#keys.set(publisher, key)
    return verify(null, payload, key, signature)
  }
}

function parseKey(publicKey: Uint8Array): KeyObject {
  return createPublicKey({ key: Buffer.concat([SPKI_PREFIX, publicKey]), format: 'der', type: 'spki' })
}

function runtimeKnowsMlDsa87(): boolean {
  try {
    parseKey(ml_dsa87.keygen(new Uint8Array(32)).publicKey)
    return true
  } catch {
    // Electron's BoringSSL, and OpenSSL before 3.5.
    return false
  }
}
