import { payloadDigest } from '../message/content-digest.ts'
import { decodeStreamMessage } from '../message/decode.ts'
import { signaturePayload } from '../message/signature-payload.ts'
import { type DecodedMessage, SIGNATURE_TYPE } from '../message/stream-message.ts'
import { ethereumMessageHash } from './keccak256.ts'
import { recoverAddress } from './secp256k1-signature.ts'
import { type SignatureCheck, SignatureVerifier } from './signature.ts'

/** One message looked at by itself, with everything that its bytes alone say. */
export interface Examination {
  decoded: DecodedMessage
  payload: Uint8Array
  /** SHA-256 of the payload. */
  digest: Uint8Array
  signature: SignatureCheck
  /**
   * Who made the signature: the recovered address for Ethereum-style signatures, of contracts too; for the other
   * types the publisher's key when it checks the signature. Null when the signature names nobody.
   */
  signer: string | null
}

const verifier = new SignatureVerifier()

/** @throws {MessageRefused} when the bytes are not a message within bounds. */
export function examineMessage(bytes: Uint8Array): Examination {
  const decoded = decodeStreamMessage(bytes)
  const payload = signaturePayload(decoded)
  const signature = verifier.check(decoded, payload)
  return {
    decoded,
    payload,
    digest: payloadDigest(payload),
    signature,
    signer: signerOf(decoded, payload, signature),
  }
}

function signerOf(message: DecodedMessage, payload: Uint8Array, check: SignatureCheck): string | null {
  switch (message.signatureType) {
    case SIGNATURE_TYPE.secp256k1Legacy:
    case SIGNATURE_TYPE.secp256k1Evm:
    case SIGNATURE_TYPE.erc1271:
      return recoverAddress(ethereumMessageHash(payload), message.signature) ?? null
    default:
      return check === 'valid' ? message.id.publisher : null
  }
}
