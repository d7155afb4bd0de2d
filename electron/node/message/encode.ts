import { BinaryWriter } from '@bufbuild/protobuf/wire'
import type { MessageId, MessageRef } from '../../../shared/message.ts'
import { publisherBytes } from './publisher-id.ts'
import type { DecodedMessage, EncryptedGroupKey, MessageBody } from './stream-message.ts'
import {
  CONTENT_MESSAGE,
  ENCRYPTED_GROUP_KEY,
  GROUP_KEY_REQUEST,
  GROUP_KEY_RESPONSE,
  MESSAGE_ID,
  MESSAGE_REF,
  STREAM_MESSAGE,
} from './wire-fields.ts'

/** What `encodeStreamMessage` needs; `publisherId` is derived from `id.publisher`. */
export type EncodableMessage = Omit<DecodedMessage, 'publisherId'>

/**
 * Writes Streamr's `StreamMessage` protobuf, fields in the order of their numbers and defaults left out, which
 * is byte for byte what Streamr's SDK writes. Bounds are the decoder's to check.
 * @throws {MessageRefused} when `id.publisher` is not lower-case 0x hex.
 */
export function encodeStreamMessage(message: EncodableMessage): Uint8Array {
  const writer = new BinaryWriter()
  writer.uint32(STREAM_MESSAGE.messageId).fork()
  writeMessageId(writer, message.id)
  writer.join()
  if (message.previous !== undefined) {
    writer.uint32(STREAM_MESSAGE.previousMessageRef).fork()
    writeMessageRef(writer, message.previous)
    writer.join()
  }
  writeBytes(writer, STREAM_MESSAGE.signature, message.signature)
  writeNumber(writer, STREAM_MESSAGE.signatureType, message.signatureType)
  writeBody(writer, message.body)
  return writer.finish()
}

function writeMessageId(writer: BinaryWriter, id: MessageId): void {
  writeText(writer, MESSAGE_ID.streamId, id.streamId)
  writeNumber(writer, MESSAGE_ID.streamPartition, id.partition)
  writeNumber(writer, MESSAGE_ID.timestamp, id.timestamp)
  writeNumber(writer, MESSAGE_ID.sequenceNumber, id.sequence)
  writeBytes(writer, MESSAGE_ID.publisherId, publisherBytes(id.publisher))
  writeText(writer, MESSAGE_ID.messageChainId, id.chain)
}

function writeMessageRef(writer: BinaryWriter, ref: MessageRef): void {
  writeNumber(writer, MESSAGE_REF.timestamp, ref.timestamp)
  writeNumber(writer, MESSAGE_REF.sequenceNumber, ref.sequence)
}

function writeBody(writer: BinaryWriter, body: MessageBody): void {
  switch (body.kind) {
    case 'content':
      writer.uint32(STREAM_MESSAGE.contentMessage).fork()
      writeBytes(writer, CONTENT_MESSAGE.content, body.content)
      writeNumber(writer, CONTENT_MESSAGE.contentType, body.contentType)
      writeNumber(writer, CONTENT_MESSAGE.encryptionType, body.encryptionType)
      // The id is `optional` in the schema: an empty one is written, because it was set.
      if (body.groupKeyId !== undefined) writer.uint32(CONTENT_MESSAGE.groupKeyId).string(body.groupKeyId)
      if (body.newGroupKey !== undefined) writeGroupKey(writer, CONTENT_MESSAGE.newGroupKey, body.newGroupKey)
      break
    case 'group-key-request':
      writer.uint32(STREAM_MESSAGE.groupKeyRequest).fork()
      writeText(writer, GROUP_KEY_REQUEST.requestId, body.requestId)
      writeBytes(writer, GROUP_KEY_REQUEST.recipientId, body.recipientId)
      writeBytes(writer, GROUP_KEY_REQUEST.publicKey, body.publicKey)
      for (const id of body.groupKeyIds) writer.uint32(GROUP_KEY_REQUEST.groupKeyIds).string(id)
      writeNumber(writer, GROUP_KEY_REQUEST.encryptionType, body.encryptionType)
      break
    case 'group-key-response':
      writer.uint32(STREAM_MESSAGE.groupKeyResponse).fork()
      writeText(writer, GROUP_KEY_RESPONSE.requestId, body.requestId)
      writeBytes(writer, GROUP_KEY_RESPONSE.recipientId, body.recipientId)
      for (const key of body.groupKeys) writeGroupKey(writer, GROUP_KEY_RESPONSE.groupKeys, key)
      writeNumber(writer, GROUP_KEY_RESPONSE.encryptionType, body.encryptionType)
      break
  }
  writer.join()
}

function writeGroupKey(writer: BinaryWriter, tag: number, key: EncryptedGroupKey): void {
  writer.uint32(tag).fork()
  writeText(writer, ENCRYPTED_GROUP_KEY.id, key.id)
  writeBytes(writer, ENCRYPTED_GROUP_KEY.data, key.data)
  writer.join()
}

/** int64 writes every number of the schema, int32 and enumerations included: for numbers from 0 up they agree. */
function writeNumber(writer: BinaryWriter, tag: number, value: number): void {
  if (value !== 0) writer.uint32(tag).int64(value)
}

function writeText(writer: BinaryWriter, tag: number, value: string): void {
  if (value !== '') writer.uint32(tag).string(value)
}

function writeBytes(writer: BinaryWriter, tag: number, value: Uint8Array): void {
  if (value.length > 0) writer.uint32(tag).bytes(value)
}
