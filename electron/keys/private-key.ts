import { randomBytes } from 'node:crypto'
import { inspect } from 'node:util'
import { computeAddress, hexlify } from 'ethers'
import secp256k1 from 'secp256k1'

const KEY_BYTES = 32

/**
 * The node's secp256k1 private key. Whatever is done to it by mistake (logged, put into JSON, into a template, sent
 * to another thread), only its address comes out; the one way to the key itself is `reveal`.
 */
export class PrivateKey {
  /** Streamr address, lower-case 0x hex. */
  readonly address: string
  readonly #privateKey: Uint8Array

  /** @throws RangeError when the bytes are no private key of secp256k1; says nothing about them. */
  constructor(privateKey: Uint8Array) {
    if (privateKey.length !== KEY_BYTES || !secp256k1.privateKeyVerify(privateKey)) {
      throw new RangeError('These bytes are no secp256k1 private key.')
    }
    this.#privateKey = Uint8Array.from(privateKey)
    this.address = computeAddress(hexlify(privateKey)).toLowerCase()
  }

  /** A new key from the system's random source. */
  static random(): PrivateKey {
    for (;;) {
      const candidate = randomBytes(KEY_BYTES)
      // One in 2^128 is out of the curve's range.
      if (secp256k1.privateKeyVerify(candidate)) return new PrivateKey(candidate)
    }
  }

  /** The private key as 0x hex, for the signer alone. */
  reveal(): string {
    return hexlify(this.#privateKey)
  }

  /** The private key's bytes, for the sealer alone. The caller overwrites them when done. */
  revealBytes(): Uint8Array {
    return Uint8Array.from(this.#privateKey)
  }

  toString(): string {
    return `PrivateKey(${this.address})`
  }

  toJSON(): { address: string } {
    return { address: this.address }
  }

  [inspect.custom](): string {
    return this.toString()
  }
}
