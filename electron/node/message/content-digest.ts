import { hash } from 'node:crypto'
import { signaturePayload } from './signature-payload.ts'
import type { DecodedMessage } from './stream-message.ts'

/** Length of a content digest in bytes. */
export const DIGEST_BYTES = 32

/** SHA-256 of the signature payload: what was signed, whoever signed it. */
export function contentDigest(message: DecodedMessage): Uint8Array {
  return payloadDigest(signaturePayload(message))
}

/** SHA-256 of a payload that is at hand already. */
export function payloadDigest(payload: Uint8Array): Uint8Array {
  // Through a string, because a buffer of its own for every digest costs three times as much as the hash.
  return Buffer.from(hash('sha256', payload, 'binary'), 'binary')
}
