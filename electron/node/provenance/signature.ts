import { isContentSigned } from '../message/signature-payload.ts'
import { type DecodedMessage, SIGNATURE_TYPE } from '../message/stream-message.ts'
import type { BatchCheck } from './batch-check.ts'
import { MlDsa87Verifier } from './ml-dsa-signature.ts'
import { Secp256k1Verifier, type SignedPayload } from './secp256k1-signature.ts'
import { Secp256r1Verifier } from './secp256r1-signature.ts'

/**
 * What a signature is worth, as far as it tells by itself. `ask-contract` is ERC-1271: the contract at the
 * publisher's address decides about `ethereumMessageHash` of the payload.
 */
export type SignatureCheck =
  | 'valid'
  | 'signature-invalid'
  | 'signature-high-s'
  | 'signature-type-unsupported'
  | 'ask-contract'

/** Length of an Ethereum address in bytes. */
const ADDRESS_BYTES = 20

/**
 * Checks signatures of all types Streamr knows. Keeps parsed keys of publishers, so one verifier serves one thread
 * for long. Never throws for what a message holds.
 */
export class SignatureVerifier {
  readonly #secp256k1: Secp256k1Verifier
  readonly #secp256r1 = new Secp256r1Verifier()
  readonly #mlDsa87 = new MlDsa87Verifier()

  /** @param makeBatchCheck what `checkAll` gains its speed from */
  constructor(makeBatchCheck?: () => BatchCheck) {
    this.#secp256k1 = new Secp256k1Verifier(makeBatchCheck)
  }

  /** @param payload the message's signature payload, which the caller has for the digest already. */
  check(message: DecodedMessage, payload: Uint8Array): SignatureCheck {
    return isEthereumSigned(message)
      ? this.#secp256k1.verify(signedPayload(message, payload))
      : this.#checkOther(message, payload)
  }

  /** As `check`, for many messages, which is much cheaper for each; what comes at an index is of the message there. */
  checkAll(messages: readonly SignedMessage[]): SignatureCheck[] {
    const ethereum = messages.filter(({ decoded }) => isEthereumSigned(decoded))
    const outcomes = this.#secp256k1.verifyAll(
      ethereum.map(({ decoded, payload }) => signedPayload(decoded, payload)),
    )
    let next = 0
    return messages.map(({ decoded, payload }) => {
      if (!isEthereumSigned(decoded)) return this.#checkOther(decoded, payload)
      return outcomes[next++] ?? 'signature-invalid'
    })
  }

  #checkOther(message: DecodedMessage, payload: Uint8Array): SignatureCheck {
    const { publisherId, signature } = message
    const { publisher } = message.id
    switch (message.signatureType) {
      case SIGNATURE_TYPE.secp256k1Legacy:
        return 'signature-invalid'
      case SIGNATURE_TYPE.erc1271:
        return publisherId.length === ADDRESS_BYTES && signature.length > 0
          ? 'ask-contract'
          : 'signature-invalid'
      case SIGNATURE_TYPE.secp256r1:
        return validIf(this.#secp256r1.verify(publisher, publisherId, payload, signature))
      case SIGNATURE_TYPE.mlDsa87:
        return validIf(this.#mlDsa87.verify(publisher, publisherId, payload, signature))
      default:
        return 'signature-type-unsupported'
    }
  }
}

/** A message with its signature payload. */
export interface SignedMessage {
  decoded: DecodedMessage
  payload: Uint8Array
}

function signedPayload({ id, signature }: DecodedMessage, payload: Uint8Array): SignedPayload {
  return { publisher: id.publisher, payload, signature }
}

/** Whether an address's key is to have signed. The legacy type leaves out of its payload what some messages have. */
function isEthereumSigned(message: DecodedMessage): boolean {
  const { signatureType } = message
  if (signatureType === SIGNATURE_TYPE.secp256k1Evm) return true
  return signatureType === SIGNATURE_TYPE.secp256k1Legacy && isContentSigned(message)
}

function validIf(isValid: boolean): SignatureCheck {
  return isValid ? 'valid' : 'signature-invalid'
}
