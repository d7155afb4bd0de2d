import type { Verdict } from '../../../shared/verdict.ts'
import { payloadDigest } from '../message/content-digest.ts'
import { decodeStreamMessage } from '../message/decode.ts'
import { findFields } from '../message/find-fields.ts'
import { signaturePayload } from '../message/signature-payload.ts'
import { type ContentBody, type DecodedMessage, ENCRYPTION_TYPE } from '../message/stream-message.ts'
import type { FieldValue, RawMessage, VerifiedMessage } from '../ports.ts'
import type { Decision } from './decide.ts'
import { ethereumMessageHash } from './keccak256.ts'
import type { ContractQuestion } from './verifier-protocol.ts'

/** A message with content, read and hashed. */
export interface ReadMessage {
  raw: RawMessage
  decoded: DecodedMessage
  body: ContentBody
  payload: Uint8Array
  digest: Uint8Array
}

const NO_FIELDS: readonly FieldValue[] = []

/**
 * Decodes and hashes one message.
 * @returns undefined for key exchange between publishers and subscribers, which is no data of the stream.
 * @throws {MessageRefused} when the bytes are not a message within bounds.
 */
export function readMessage(raw: RawMessage): ReadMessage | undefined {
  const decoded = decodeStreamMessage(raw.bytes)
  const { body } = decoded
  if (body.kind !== 'content') return undefined
  const payload = signaturePayload(decoded)
  return { raw, decoded, body, payload, digest: payloadDigest(payload) }
}

/** What is to be asked of the contract that a message names as its publisher. */
export function contractQuestion({ decoded, payload }: ReadMessage): ContractQuestion {
  const { id, signature } = decoded
  // A copy: a view would take the whole batch with it to the other thread.
  const copy = signature.slice()
  return { kind: 'contract', contract: id.publisher, hash: ethereumMessageHash(payload), signature: copy }
}

/** A message in the form the store takes, with the verdict on it. */
export function toVerifiedMessage(message: ReadMessage, { verdict, reason }: Decision): VerifiedMessage {
  const { raw, decoded, body, digest } = message
  const { fields, encrypted } = examineContent(body, verdict)
  return {
    id: decoded.id,
    previous: decoded.previous,
    digest,
    verdict,
    reason,
    source: raw.source,
    receivedAt: raw.receivedAt,
    encrypted,
    fields,
    raw: raw.bytes,
  }
}

/**
 * Fields, and whether the content is hidden. The flag for encryption is not signed, so that a relay could raise it
 * over plain content to hide it: content that reads as JSON is plain, whatever the flag says. Forged messages have
 * no fields, because what nobody measured must not reach a chart.
 */
function examineContent(body: ContentBody, verdict: Verdict): Pick<VerifiedMessage, 'fields' | 'encrypted'> {
  const isDeclaredEncrypted = body.encryptionType !== ENCRYPTION_TYPE.none
  if (verdict === 'forged') return { fields: NO_FIELDS, encrypted: isDeclaredEncrypted }
  const { fields, opaque } = findFields(body.content)
  return { fields, encrypted: isDeclaredEncrypted && opaque !== undefined }
}
