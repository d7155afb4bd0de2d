import type { MessageId, MessageRef } from '../../../shared/message.ts'
import { readGroupKey, readGroupKeyRequest, readGroupKeyResponse } from './decode-key-exchange.ts'
import {
  MAX_CHAIN_ID_BYTES,
  MAX_KEY_ID_BYTES,
  MAX_MESSAGE_BYTES,
  MAX_PARTITION,
  MAX_PUBLISHER_ID_BYTES,
  MAX_SEQUENCE,
  MAX_SIGNATURE_BYTES,
  MAX_STREAM_ID_BYTES,
  MAX_TIMESTAMP_MS,
} from './limits.ts'
import { MessageRefused } from './message-refused.ts'
import { compareMessageRefs } from './order.ts'
import { publisherText } from './publisher-id.ts'
import {
  CONTENT_TYPE,
  type ContentBody,
  type DecodedMessage,
  ENCRYPTION_TYPE,
  type MessageBody,
  SIGNATURE_TYPE,
} from './stream-message.ts'
import {
  CONTENT_MESSAGE,
  CONTENT_MESSAGE_FIELDS,
  MAX_ENUM,
  MESSAGE_ID,
  MESSAGE_ID_FIELDS,
  MESSAGE_REF,
  MESSAGE_REF_FIELDS,
  STREAM_MESSAGE,
  STREAM_MESSAGE_FIELDS,
} from './wire-fields.ts'
import { assertFirst, WireReader } from './wire-reader.ts'

const EMPTY = new Uint8Array(0)

/**
 * Reads Streamr's `StreamMessage` protobuf.
 *
 * Stricter than protobuf where leniency would let two readers see different messages in the same bytes: a field
 * that may occur once and occurs twice, a wire type other than the schema's, and groups are refused. Fields with
 * unknown numbers are skipped, as protobuf demands, up to a bound. What Streamr's SDK refuses when it builds a
 * message (a predecessor that is not before it, encrypted content that names no key) is refused too.
 *
 * @param bytes at most `MAX_MESSAGE_BYTES`; the result holds views of them, so they must not change afterwards.
 * @throws {MessageRefused} for anything that is not one whole message within the bounds of `limits.ts`.
 */
export function decodeStreamMessage(bytes: Uint8Array): DecodedMessage {
  if (bytes.length === 0) throw new MessageRefused('empty', 'The message has no bytes.')
  if (bytes.length > MAX_MESSAGE_BYTES) {
    throw new MessageRefused(
      'too-large',
      `${bytes.length} bytes where at most ${MAX_MESSAGE_BYTES} are allowed.`,
    )
  }
  try {
    return readStreamMessage(new WireReader(bytes))
  } catch (error) {
    if (error instanceof MessageRefused) throw error
    throw new MessageRefused('malformed', 'The bytes are not a protobuf message.', { cause: error })
  }
}

function readStreamMessage(wire: WireReader): DecodedMessage {
  let claimed: ClaimedId | undefined
  let previous: MessageRef | undefined
  let signature: Uint8Array | undefined
  let signatureType: number | undefined
  let body: MessageBody | undefined
  for (let tag = wire.tag(); tag !== 0; tag = wire.tag()) {
    switch (tag) {
      case STREAM_MESSAGE.messageId:
        assertFirst(claimed)
        claimed = readMessageId(wire)
        break
      case STREAM_MESSAGE.previousMessageRef:
        assertFirst(previous)
        previous = readMessageRef(wire)
        break
      case STREAM_MESSAGE.signature:
        assertFirst(signature)
        signature = wire.bytes(MAX_SIGNATURE_BYTES, 'signature-invalid')
        break
      case STREAM_MESSAGE.signatureType:
        assertFirst(signatureType)
        signatureType = wire.count(MAX_ENUM, 'signature-invalid')
        break
      case STREAM_MESSAGE.contentMessage:
        assertFirst(body)
        body = readContent(wire)
        break
      case STREAM_MESSAGE.groupKeyRequest:
        assertFirst(body)
        body = readGroupKeyRequest(wire)
        break
      case STREAM_MESSAGE.groupKeyResponse:
        assertFirst(body)
        body = readGroupKeyResponse(wire)
        break
      default:
        wire.skip(tag, STREAM_MESSAGE_FIELDS)
    }
  }
  if (claimed === undefined) throw new MessageRefused('message-id-missing', 'The message has no id.')
  if (body === undefined) throw new MessageRefused('body-missing', 'The message has no body.')
  const { id, publisherId } = claimed
  if (previous !== undefined && compareMessageRefs(previous, id) >= 0) {
    throw new MessageRefused('previous-not-before', 'The predecessor the message names is not before it.')
  }
  return {
    id,
    publisherId,
    previous,
    signature: signature ?? EMPTY,
    signatureType: signatureType ?? SIGNATURE_TYPE.secp256k1Legacy,
    body,
  }
}

interface ClaimedId {
  id: MessageId
  publisherId: Uint8Array
}

function readMessageId(wire: WireReader): ClaimedId {
  let streamId: string | undefined
  let partition: number | undefined
  let timestamp: number | undefined
  let sequence: number | undefined
  let publisherId: Uint8Array | undefined
  let chain: string | undefined
  const outerEnd = wire.enter()
  for (let tag = wire.tag(); tag !== 0; tag = wire.tag()) {
    switch (tag) {
      case MESSAGE_ID.streamId:
        assertFirst(streamId)
        streamId = wire.text(MAX_STREAM_ID_BYTES, 'stream-id-invalid')
        break
      case MESSAGE_ID.streamPartition:
        assertFirst(partition)
        partition = wire.count(MAX_PARTITION, 'partition-invalid')
        break
      case MESSAGE_ID.timestamp:
        assertFirst(timestamp)
        timestamp = wire.count(MAX_TIMESTAMP_MS, 'timestamp-invalid')
        break
      case MESSAGE_ID.sequenceNumber:
        assertFirst(sequence)
        sequence = wire.count(MAX_SEQUENCE, 'sequence-invalid')
        break
      case MESSAGE_ID.publisherId:
        assertFirst(publisherId)
        publisherId = wire.bytes(MAX_PUBLISHER_ID_BYTES, 'publisher-invalid')
        break
      case MESSAGE_ID.messageChainId:
        assertFirst(chain)
        chain = wire.text(MAX_CHAIN_ID_BYTES, 'chain-id-invalid')
        break
      default:
        wire.skip(tag, MESSAGE_ID_FIELDS)
    }
  }
  wire.leave(outerEnd)
  if (streamId === undefined || streamId === '')
    throw new MessageRefused('stream-id-invalid', 'No stream is named.')
  if (publisherId === undefined || publisherId.length === 0) {
    throw new MessageRefused('publisher-invalid', 'No publisher is named.')
  }
  return {
    id: {
      streamId,
      partition: partition ?? 0,
      timestamp: timestamp ?? 0,
      sequence: sequence ?? 0,
      publisher: publisherText(publisherId),
      chain: chain ?? '',
    },
    publisherId,
  }
}

function readMessageRef(wire: WireReader): MessageRef {
  let timestamp: number | undefined
  let sequence: number | undefined
  const outerEnd = wire.enter()
  for (let tag = wire.tag(); tag !== 0; tag = wire.tag()) {
    switch (tag) {
      case MESSAGE_REF.timestamp:
        assertFirst(timestamp)
        timestamp = wire.count(MAX_TIMESTAMP_MS, 'timestamp-invalid')
        break
      case MESSAGE_REF.sequenceNumber:
        assertFirst(sequence)
        sequence = wire.count(MAX_SEQUENCE, 'sequence-invalid')
        break
      default:
        wire.skip(tag, MESSAGE_REF_FIELDS)
    }
  }
  wire.leave(outerEnd)
  return { timestamp: timestamp ?? 0, sequence: sequence ?? 0 }
}

function readContent(wire: WireReader): ContentBody {
  let content: Uint8Array | undefined
  let contentType: number | undefined
  let encryptionType: number | undefined
  let groupKeyId: string | undefined
  let newGroupKey: ContentBody['newGroupKey']
  const outerEnd = wire.enter()
  for (let tag = wire.tag(); tag !== 0; tag = wire.tag()) {
    switch (tag) {
      case CONTENT_MESSAGE.content:
        assertFirst(content)
        content = wire.bytes(MAX_MESSAGE_BYTES, 'content-invalid')
        break
      case CONTENT_MESSAGE.contentType:
        assertFirst(contentType)
        contentType = wire.count(MAX_ENUM, 'content-invalid')
        break
      case CONTENT_MESSAGE.encryptionType:
        assertFirst(encryptionType)
        encryptionType = wire.count(MAX_ENUM, 'content-invalid')
        break
      case CONTENT_MESSAGE.groupKeyId:
        assertFirst(groupKeyId)
        groupKeyId = wire.text(MAX_KEY_ID_BYTES, 'content-invalid')
        break
      case CONTENT_MESSAGE.newGroupKey:
        assertFirst(newGroupKey)
        newGroupKey = readGroupKey(wire)
        break
      default:
        wire.skip(tag, CONTENT_MESSAGE_FIELDS)
    }
  }
  wire.leave(outerEnd)
  if (encryptionType === ENCRYPTION_TYPE.aes && groupKeyId === undefined) {
    throw new MessageRefused('content-invalid', 'Encrypted content names no group key.')
  }
  return {
    kind: 'content',
    content: content ?? EMPTY,
    contentType: contentType ?? CONTENT_TYPE.json,
    encryptionType: encryptionType ?? ENCRYPTION_TYPE.none,
    groupKeyId,
    newGroupKey,
  }
}
