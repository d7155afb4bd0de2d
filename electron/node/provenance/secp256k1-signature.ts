import secp256k1 from 'secp256k1'
import type { BatchCheck, CheckedSignature, KeyTable } from './batch-check.ts'
import { ethereumMessageHash, keccak256 } from './keccak256.ts'
import { RecentMap } from './recent-map.ts'
import { MAX_CHECKED_TOGETHER } from './verifier-limits.ts'

/** r, s and the recovery number v, which Ethereum counts from 27. */
const SIGNATURE_BYTES = 65
const RECOVERY_BASE = 27

/** Public keys kept, so that the key of a known publisher is compared instead of hashed. About 500 bytes each. */
const MAX_KNOWN_KEYS = 8_192

/** Signatures of a key after which it is made ready for checks of many at once, which costs as much as one recovery. */
const USES_BEFORE_TABLE = 4

/** Fewest signatures checked at once: what such a check costs at least is shared among too few below that. */
const MIN_CHECKED_TOGETHER = 64

/** Most runs of signatures, one after the other, that are not checked at once because an earlier check failed. */
const MAX_RUNS_APART = 64

/** Half of the curve's order, big-endian: an s above it is the malleable twin of a canonical signature. */
const HALF_ORDER = Buffer.from('7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0', 'hex')

export type Secp256k1Outcome = 'valid' | 'signature-invalid' | 'signature-high-s'

/** A signature to check: `publisher` is a lower-case 0x address. */
export interface SignedPayload {
  publisher: string
  payload: Uint8Array
  signature: Uint8Array
}

interface KnownKey {
  key: Buffer
  uses: number
  table: KeyTable | undefined
}

/**
 * Checks Ethereum-style signatures, remembering the public keys of publishers it has seen.
 *
 * One alone is checked by recovering its signer's key. Checking it against the known key would be a sixth faster,
 * but leaves v out: a relay could change it, and the message would count as good here while every reader with
 * Streamr's SDK refuses it. Many of known publishers are checked at once, which minds v and costs a third.
 */
export class Secp256k1Verifier {
  readonly #keys = new RecentMap<string, KnownKey>(MAX_KNOWN_KEYS)
  readonly #recovered = Buffer.alloc(65)
  readonly #makeBatchCheck: (() => BatchCheck) | undefined
  #batchCheck: BatchCheck | undefined
  /** Whoever sends one forged message with each hundred good ones shall not have us check them all twice. */
  #runsApart = 0
  #runsApartNext = 1

  /** @param makeBatchCheck called when it is first of use; without it, each signature is checked by itself. */
  constructor(makeBatchCheck?: () => BatchCheck) {
    this.#makeBatchCheck = makeBatchCheck
  }

  /**
   * Whether `publisher` signed the payload. A signature with a high s is refused although the curve accepts it, as
   * Ethereum does since EIP-2: Streamr's signers make none, and whoever can turn one twin into the other could
   * change the bytes of a message that someone else signed.
   */
  verify({ publisher, payload, signature }: SignedPayload): Secp256k1Outcome {
    return this.#verifyHash(publisher, ethereumMessageHash(payload), signature)
  }

  /** As `verify`, for many; what comes at an index is of the payload at that index. */
  verifyAll(signed: readonly SignedPayload[]): Secp256k1Outcome[] {
    const hashes = signed.map(({ payload }) => ethereumMessageHash(payload))
    const outcomes: Secp256k1Outcome[] = []
    let together: { at: number; checked: CheckedSignature }[] = []
    const settle = () => {
      if (this.#holdTogether(together.map(({ checked }) => checked))) {
        for (const { at } of together) outcomes[at] = 'valid'
      } else {
        for (const { at } of together) outcomes[at] = apart(at)
      }
      together = []
    }
    const apart = (at: number): Secp256k1Outcome => {
      const { publisher = '', signature = NO_SIGNATURE } = signed[at] ?? {}
      return this.#verifyHash(publisher, hashes[at] ?? NO_HASH, signature)
    }
    signed.forEach(({ publisher, signature }, at) => {
      const checked = this.#readied(publisher, hashes[at] ?? NO_HASH, signature)
      if (checked === undefined) outcomes[at] = apart(at)
      else if (together.push({ at, checked }) === MAX_CHECKED_TOGETHER) settle()
    })
    settle()
    return outcomes
  }

  #verifyHash(publisher: string, hash: Uint8Array, signature: Uint8Array): Secp256k1Outcome {
    const key = this.#recovered
    if (!recoverKey(hash, signature, key)) return 'signature-invalid'
    const known = this.#keys.get(publisher)
    if (known === undefined) {
      if (addressOfKey(key) !== publisher) return 'signature-invalid'
      this.#keys.set(publisher, { key: Buffer.from(key), uses: 1, table: undefined })
    } else if (known.key.equals(key)) {
      known.uses += 1
    } else {
      return 'signature-invalid'
    }
    return isHighS(signature) ? 'signature-high-s' : 'valid'
  }

  /** The signature in the form for a check of many; undefined for one that has to be checked by itself. */
  #readied(publisher: string, hash: Uint8Array, signature: Uint8Array): CheckedSignature | undefined {
    const known = this.#keys.get(publisher)
    if (known === undefined || known.uses < USES_BEFORE_TABLE) return undefined
    if (signature.length !== SIGNATURE_BYTES || isHighS(signature)) return undefined
    const recovery = (signature[SIGNATURE_BYTES - 1] ?? 0) - RECOVERY_BASE
    // 2 and 3 stand for an r beyond the curve's order, which nobody has ever come upon.
    if (recovery !== 0 && recovery !== 1) return undefined
    this.#batchCheck ??= this.#makeBatchCheck?.()
    if (this.#batchCheck === undefined) return undefined
    known.table ??= this.#batchCheck.tableOf(known.key)
    const rs = signature.subarray(0, SIGNATURE_BYTES - 1)
    return { hash, signature: rs, isOdd: recovery === 1, key: known.table }
  }

  /** Whether all hold. False also where it was not tried. */
  #holdTogether(checked: readonly CheckedSignature[]): boolean {
    if (checked.length < MIN_CHECKED_TOGETHER || this.#batchCheck === undefined) return false
    if (this.#runsApart > 0) {
      this.#runsApart -= 1
      return false
    }
    const hold = this.#batchCheck.holdAll(checked)
    this.#runsApart = hold ? 0 : this.#runsApartNext
    this.#runsApartNext = hold ? 1 : Math.min(MAX_RUNS_APART, this.#runsApartNext * 2)
    return hold
  }
}

const NO_SIGNATURE = new Uint8Array(0)
const NO_HASH = new Uint8Array(32)

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
