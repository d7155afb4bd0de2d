import { isContentSigned } from '../message/signature-payload.ts'
import { type DecodedMessage, SIGNATURE_TYPE } from '../message/stream-message.ts'
import { ethereumMessageHash } from './keccak256.ts'
import { MlDsa87Verifier } from './ml-dsa-signature.ts'
import { Secp256k1Verifier } from './secp256k1-signature.ts'
import { Secp256r1Verifier } from './secp256r1-signature.ts'

/** What a signature is worth, as far as this thread can tell. */
export type SignatureCheck =
  | { outcome: 'valid' }
  | { outcome: 'invalid'; reason: 'signature-invalid' | 'signature-high-s' }
  /** ERC-1271: the contract at the publisher's address has to be asked about `hash`. */
  | { outcome: 'ask-contract'; hash: Uint8Array }
  | { outcome: 'unsupported' }

const VALID: SignatureCheck = { outcome: 'valid' }
const INVALID: SignatureCheck = { outcome: 'invalid', reason: 'signature-invalid' }
const HIGH_S: SignatureCheck = { outcome: 'invalid', reason: 'signature-high-s' }
const UNSUPPORTED: SignatureCheck = { outcome: 'unsupported' }

/** Length of an Ethereum address in bytes. */
const ADDRESS_BYTES = 20

/**
 * Checks the signatures of all types Streamr knows. Keeps parsed keys of publishers, so one verifier serves one
 * thread for long. Never throws for what a message holds.
 */
export class SignatureVerifier {
  readonly #secp256k1 = new Secp256k1Verifier()
  readonly #secp256r1 = new Secp256r1Verifier()
  readonly #mlDsa87 = new MlDsa87Verifier()

  /** @param payload the message's signature payload, which the caller has for the digest already. */
  check(message: DecodedMessage, payload: Uint8Array): SignatureCheck {
    const { publisherId, signature } = message
    const { publisher } = message.id
    switch (message.signatureType) {
      case SIGNATURE_TYPE.secp256k1Evm:
        return this.#checkSecp256k1(publisher, payload, signature)
      case SIGNATURE_TYPE.secp256k1Legacy:
        return isContentSigned(message) ? this.#checkSecp256k1(publisher, payload, signature) : INVALID
      case SIGNATURE_TYPE.erc1271:
        if (publisherId.length !== ADDRESS_BYTES || signature.length === 0) return INVALID
        return { outcome: 'ask-contract', hash: ethereumMessageHash(payload) }
      case SIGNATURE_TYPE.secp256r1:
        return this.#secp256r1.verify(publisher, publisherId, payload, signature) ? VALID : INVALID
      case SIGNATURE_TYPE.mlDsa87:
        return this.#mlDsa87.verify(publisher, publisherId, payload, signature) ? VALID : INVALID
      default:
        return UNSUPPORTED
    }
  }

  #checkSecp256k1(publisher: string, payload: Uint8Array, signature: Uint8Array): SignatureCheck {
    const outcome = this.#secp256k1.verify(publisher, payload, signature)
    if (outcome === 'valid') return VALID
    return outcome === 'signature-high-s' ? HIGH_S : INVALID
  }
}
