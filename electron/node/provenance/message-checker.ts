import type { Verdict } from '../../../shared/verdict.ts'
import { payloadDigest } from '../message/content-digest.ts'
import { decodeStreamMessage } from '../message/decode.ts'
import { findFields } from '../message/find-fields.ts'
import { signaturePayload } from '../message/signature-payload.ts'
import { type ContentBody, type DecodedMessage, ENCRYPTION_TYPE } from '../message/stream-message.ts'
import type { FieldValue, RawMessage, VerifiedMessage } from '../ports.ts'
import type { Decision } from './decide.ts'
import { ethereumMessageHash } from './keccak256.ts'
import { type SignatureCheck, SignatureVerifier } from './signature.ts'
import type { ContractQuestion } from './verifier-protocol.ts'

/** A message with content, read, hashed, and its signature checked as far as that goes without asking anyone. */
export interface CheckedMessage {
  decoded: DecodedMessage
  body: ContentBody
  digest: Uint8Array
  signature: SignatureCheck
  /** Set when `signature` is `ask-contract`. */
  contractQuestion: ContractQuestion | undefined
}

const NO_FIELDS: readonly FieldValue[] = []

/** The part of verification that needs nothing but the bytes. One checker serves one thread. */
export class MessageChecker {
  readonly #signatures = new SignatureVerifier()

  /**
   * @returns undefined for key exchange between publishers and subscribers, which is no data of the stream.
   * @throws {MessageRefused} when the bytes are not a message within bounds.
   */
  check(bytes: Uint8Array): CheckedMessage | undefined {
    const decoded = decodeStreamMessage(bytes)
    const { body } = decoded
    if (body.kind !== 'content') return undefined
    const payload = signaturePayload(decoded)
    const signature = this.#signatures.check(decoded, payload)
    return {
      decoded,
      body,
      digest: payloadDigest(payload),
      signature,
      contractQuestion: signature === 'ask-contract' ? contractQuestion(decoded, payload) : undefined,
    }
  }
}

function contractQuestion({ id, signature }: DecodedMessage, payload: Uint8Array): ContractQuestion {
  return {
    kind: 'contract',
    contract: id.publisher,
    hash: ethereumMessageHash(payload),
    signature: signature.slice(),
  }
}

/** A checked message in the form the store takes, with the verdict on it. */
export function toVerifiedMessage(
  checked: CheckedMessage,
  raw: RawMessage,
  decision: Decision,
): VerifiedMessage {
  const { decoded, body, digest } = checked
  const { fields, encrypted } = examineContent(body, decision.verdict)
  return {
    id: decoded.id,
    previous: decoded.previous,
    digest,
    verdict: decision.verdict,
    reason: decision.reason,
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
