import { isUtf8 } from 'node:buffer'
import type {
  InspectedPermission,
  InspectedSignature,
  MessageInspection,
} from '../../../shared/inspection.ts'
import { type MessageId, type MessageRef, SIGNATURE_TYPES, streamPartId } from '../../../shared/message.ts'
import { parseJsonContent } from '../message/json-content.ts'
import { type FindKey, plainContent } from '../message/open-content.ts'
import { toMessageRow } from '../message/row.ts'
import type { DecodedMessage } from '../message/stream-message.ts'
import type { MessageStore, PermissionAnswer, PermissionOracle, StoredMessage } from '../ports.ts'
import { type Examination, examineMessage } from './examine.ts'
import { evidenceLines, verdictSentence } from './inspection-words.ts'
import { isOtherSigned } from './other-signed.ts'
import { PUBLIC_GRANTEE } from './public-grantee.ts'
import { schemaStanding } from './schema-standing.ts'

export interface InspectionParts {
  store: Pick<MessageStore, 'get' | 'neighbours'>
  permissions: Pick<PermissionOracle, 'publishPermission'>
  /** What was learnt about who else holds the message. Default: nobody was asked. */
  knownHolders?: ((message: StoredMessage) => OtherHolders) | undefined
  /** Opens encrypted content for the eye. Default: it stays closed. */
  findKey?: FindKey | undefined
  /** The schema in the stream's metadata. Default: there is none. */
  schemaOf?: ((streamId: string) => Promise<unknown>) | undefined
}

/** Other nodes of which it is known whether they hold a message. */
export interface OtherHolders {
  /** Nodes that handed it out. */
  holding: number
  /** Nodes that answered, these included. */
  asked: number
}

/** Most bytes of content and of the raw message that an inspection shows; a proof carries all of them. */
const MAX_CONTENT_TEXT_LENGTH = 65_536
const MAX_RAW_BYTES = 32_768

/**
 * Puts together all that is known about one stored message. Digest, signature and signer are computed again from
 * the raw bytes; verdict and reason are the store's.
 * @throws {MessageRefused} when the stored bytes are no message, which means the store is damaged.
 */
export async function inspectMessage(
  message: StoredMessage,
  parts: InspectionParts,
): Promise<MessageInspection> {
  const { id } = message
  const examination = examineMessage(message.raw)
  const [answer, neighbours, contents, schema] = await Promise.all([
    parts.permissions.publishPermission(id.streamId, id.publisher, id.timestamp),
    parts.store.neighbours(id),
    parts.store.get(id),
    parts.schemaOf?.(id.streamId),
  ])
  const siblings = contents
    .filter((other) => isOtherSigned(message, other))
    .map(({ digest, verdict, reason, source, receivedAt }) => ({
      digest: hex(digest),
      verdict,
      reason,
      source,
      receivedAt,
    }))
  const { decoded } = examination
  const others = parts.knownHolders?.(message) ?? { holding: 0, asked: 0 }
  const facts = {
    ...toMessageRow(message, parts.findKey),
    streamPart: streamPartId(id.streamId, id.partition),
    previous: decoded.previous ?? null,
    ...viewContent(decoded, message.encrypted, parts.findKey),
    groupKeyId: decoded.body.kind === 'content' ? (decoded.body.groupKeyId ?? null) : null,
    rawHex: hex(message.raw.subarray(0, MAX_RAW_BYTES)),
    rawTruncated: message.raw.length > MAX_RAW_BYTES,
    signature: inspectSignature(examination, message),
    payloadDigest: hex(examination.digest),
    payloadBytes: examination.payload.length,
    permission: inspectPermission(answer),
    chain: {
      previous: neighbours.previous && {
        id: atRef(id, neighbours.previous.ref),
        stored: neighbours.previous.stored,
      },
      next: neighbours.next && atRef(id, neighbours.next),
    },
    siblings,
    schema: schemaStanding(schema, openedContent(decoded, message.encrypted, parts.findKey)),
    holders: 1 + others.holding,
    holdersAsked: others.asked,
  }
  return { ...facts, sentence: verdictSentence(facts), evidence: evidenceLines(facts) }
}

function inspectSignature(
  { decoded, signature, signer }: Examination,
  message: StoredMessage,
): InspectedSignature {
  return {
    type: SIGNATURE_TYPES[decoded.signatureType] ?? null,
    typeNumber: decoded.signatureType,
    hex: hex(decoded.signature),
    valid: isValid(signature, message),
    signer,
  }
}

/** For contract signatures the verdict on disk says what the contract answered. */
function isValid(check: Examination['signature'], { reason }: StoredMessage): boolean | null {
  if (check === 'valid') return true
  if (check === 'signature-type-unsupported') return null
  if (check !== 'ask-contract') return false
  if (reason === 'rpc-unavailable') return null
  return reason !== 'contract-refused-signature'
}

/** Without one, the right is the contract's state at the block, whatever made it so. */
function isTransaction(hash: string | undefined): boolean {
  return hash !== undefined && !/^0x0+$/.test(hash)
}

function inspectPermission({ state, evidence }: PermissionAnswer): InspectedPermission {
  return {
    state,
    isPublic: evidence?.grantee === PUBLIC_GRANTEE,
    chainId: evidence?.chainId ?? null,
    contract: evidence?.contract ?? null,
    block: evidence?.block ?? null,
    blockTimestamp: evidence?.blockTimestamp ?? null,
    transaction: isTransaction(evidence?.transaction) ? (evidence?.transaction ?? null) : null,
    publishExpiration: evidence?.publishExpiration ?? null,
  }
}

type ContentView = Pick<MessageInspection, 'contentText' | 'contentTextTruncated'>

/** The plain content; undefined while it is encrypted and no key is known. */
function openedContent(
  { id, body }: DecodedMessage,
  encrypted: boolean,
  findKey: FindKey = () => undefined,
): Uint8Array | undefined {
  if (body.kind !== 'content') return undefined
  return plainContent(id.publisher, body, findKey) ?? (encrypted ? undefined : body.content)
}

function viewContent(decoded: DecodedMessage, encrypted: boolean, findKey: FindKey | undefined): ContentView {
  const { body } = decoded
  const plain = openedContent(decoded, encrypted, findKey)
  const text = body.kind === 'content' ? contentText(plain ?? body.content, plain === undefined) : ''
  return {
    contentText: text.slice(0, MAX_CONTENT_TEXT_LENGTH),
    contentTextTruncated: text.length > MAX_CONTENT_TEXT_LENGTH,
  }
}

function contentText(content: Uint8Array, encrypted: boolean): string {
  if (encrypted) return hex(content)
  const { value, opaque } = parseJsonContent(content)
  if (opaque === undefined) return JSON.stringify(value, undefined, 2)
  return isUtf8(content) ? Buffer.from(content).toString('utf8') : hex(content)
}

function atRef(id: MessageId, { timestamp, sequence }: MessageRef): MessageId {
  return { ...id, timestamp, sequence }
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex')
}
