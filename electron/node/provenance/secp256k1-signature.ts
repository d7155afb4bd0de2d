import secp256k1 from 'secp256k1'
import { ethereumMessageHash, keccak256 } from './keccak256.ts'
import { RecentMap } from './recent-map.ts'

/** r, s and the recovery number v, which Ethereum counts from 27. */
const SIGNATURE_BYTES = 65
const RECOVERY_BASE = 27

/** Public keys kept, so that the key of a known publisher is compared instead of hashed. About 200 bytes each. */
const MAX_KNOWN_KEYS = 8_192

/** Half of the curve's order, big-endian: an s above it is the malleable twin of a canonical signature. */
const HALF_ORDER = Buffer.from('7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0', 'hex')

export type Secp256k1Outcome = 'valid' | 'signature-invalid' | 'signature-high-s'

/**
 * Checks Ethereum-style signatures, remembering the public keys of publishers it has seen.
 *
 * It recovers the signer's key. Checking against the known key would be a sixth faster, but leaves v out: a relay
 * could change it, and the message would count as good here while every reader with Streamr's SDK refuses it.
 */
export class Secp256k1Verifier {
  readonly #keys = new RecentMap<string, Buffer>(MAX_KNOWN_KEYS)
  readonly #recovered = Buffer.alloc(65)

  /**
   * Whether `publisher`, a lower-case 0x address, signed the payload. A signature with a high s is refused although
   * the curve accepts it, as Ethereum does since EIP-2: Streamr's signers make none, and whoever can turn one twin
   * into the other could change the bytes of a message that someone else signed.
   */
  verify(publisher: string, payload: Uint8Array, signature: Uint8Array): Secp256k1Outcome {
    const key = this.#recovered
    if (!recoverKey(ethereumMessageHash(payload), signature, key)) return 'signature-invalid'
    const known = this.#keys.get(publisher)
    if (known === undefined) {
      if (addressOfKey(key) !== publisher) return 'signature-invalid'
      this.#keys.set(publisher, Buffer.from(key))
    } else if (!known.equals(key)) {
      return 'signature-invalid'
    }
    return isHighS(signature) ? 'signature-high-s' : 'valid'
  }
}

/** The address whose key made the signature over the payload; undefined when the signature is none. */
export function recoverSigner(payload: Uint8Array, signature: Uint8Array): string | undefined {
  return recoverAddress(ethereumMessageHash(payload), signature)
}

/** As `recoverSigner`, for a hash that is at hand. */
export function recoverAddress(hash: Uint8Array, signature: Uint8Array): string | undefined {
  const key = Buffer.alloc(65)
  return recoverKey(hash, signature, key) ? addressOfKey(key) : undefined
}

function recoverKey(hash: Uint8Array, signature: Uint8Array, key: Uint8Array): boolean {
  if (signature.length !== SIGNATURE_BYTES) return false
  const recovery = (signature[SIGNATURE_BYTES - 1] ?? 0) - RECOVERY_BASE
  try {
    secp256k1.ecdsaRecover(signature.subarray(0, SIGNATURE_BYTES - 1), recovery, hash, false, key)
    return true
  } catch {
    // The library throws for r, s or v out of range and for an r that is no point of the curve.
    return false
  }
}

function addressOfKey(uncompressedKey: Uint8Array): string {
  const hash = keccak256(uncompressedKey.subarray(1))
  return `0x${Buffer.from(hash.buffer, hash.byteOffset + 12, 20).toString('hex')}`
}

/** Whether s lies above half of the curve's order: the malleable twin of a canonical signature. */
export function isHighS(signature: Uint8Array): boolean {
  // The first byte settles it for all but one in 128.
  const first = signature[32] ?? 0
  return first >= 0x7f && Buffer.compare(signature.subarray(32, 64), HALF_ORDER) > 0
}
