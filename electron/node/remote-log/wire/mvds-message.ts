import { create, fromBinary, toBinary } from '@bufbuild/protobuf'
import { type StreamPartId, streamPartId } from '../../../../shared/message.ts'
import { decodeStreamMessage } from '../../message/decode.ts'
import { groupIdOf } from '../../message/mvds-id.ts'
import type { DecodedMessage } from '../../message/stream-message.ts'
import { MAX_BLOCK_BYTES } from '../bounds.ts'
import { RemoteLogError } from '../errors.ts'
import { type Message, MessageSchema } from './generated/vac/mvds_pb.ts'

export { groupIdOf, mvdsMessageId } from '../../message/mvds-id.ts'

export type MvdsMessage = Message

/** Length of an MVDS message id and of a group id, bytes. */
export const HASH_BYTES = 32
/** Parents a message may name; 4/MVDS-META bounds them by the nodes of a conversation. */
const MAX_PARENTS = 256

/**
 * Wraps a stream message for MVDS and remote logs: the group of its stream part, its own timestamp in ms, its
 * bytes as body. The same stream message always gives the same bytes and the same id, whoever wraps it.
 */
export function wrapStreamMessage(part: StreamPartId, timestampMs: number, raw: Uint8Array): MvdsMessage {
  return create(MessageSchema, { groupId: groupIdOf(part), timestamp: BigInt(timestampMs), body: raw })
}

export function encodeMvdsMessage(message: MvdsMessage): Uint8Array {
  return toBinary(MessageSchema, message)
}

/** @throws {RemoteLogError} `message-unreadable`, `content-too-large` */
export function decodeMvdsMessage(bytes: Uint8Array): MvdsMessage {
  if (bytes.length > MAX_BLOCK_BYTES) {
    throw new RemoteLogError(
      'content-too-large',
      `A message of ${bytes.length} bytes; at most ${MAX_BLOCK_BYTES} are read.`,
    )
  }
  let message: MvdsMessage
  try {
    message = fromBinary(MessageSchema, bytes, { readUnknownFields: false })
  } catch (cause) {
    throw new RemoteLogError('message-unreadable', 'The content is not an MVDS message.', { cause })
  }
  assertWellFormed(message)
  return message
}

/** @throws {RemoteLogError} `message-unreadable` when group id, timestamp or parents cannot be an MVDS message's. */
export function assertWellFormed(message: MvdsMessage): void {
  if (message.groupId.length !== HASH_BYTES)
    throw unreadable(`Its group id has ${message.groupId.length} bytes, not 32.`)
  const parents = message.metadata?.parents ?? []
  if (parents.length > MAX_PARENTS)
    throw unreadable(`It names ${parents.length} parents; at most ${MAX_PARENTS} are read.`)
  if (parents.some((parent) => parent.length !== HASH_BYTES))
    throw unreadable('A parent it names is not an MVDS message id.')
}

/**
 * The stream message inside, after checking that the wrapping tells the truth about it.
 * @throws {RemoteLogError} `message-unreadable` when the body is no stream message; `message-out-of-place` when
 * group or timestamp are not those of the stream message.
 */
export function unwrapStreamMessage(message: MvdsMessage): DecodedMessage {
  let decoded: DecodedMessage
  try {
    decoded = decodeStreamMessage(message.body)
  } catch (cause) {
    throw new RemoteLogError('message-unreadable', 'The MVDS message does not carry a stream message.', {
      cause,
    })
  }
  const part = streamPartId(decoded.id.streamId, decoded.id.partition)
  if (Buffer.compare(groupIdOf(part), message.groupId) !== 0) {
    throw new RemoteLogError('message-out-of-place', `A message of ${part} is wrapped for another group.`)
  }
  if (message.timestamp !== BigInt(decoded.id.timestamp)) {
    throw new RemoteLogError(
      'message-out-of-place',
      'The wrapping names another time than the stream message.',
    )
  }
  return decoded
}

function unreadable(sentence: string): RemoteLogError {
  return new RemoteLogError(
    'message-unreadable',
    `The content is not an MVDS message of Tidemark. ${sentence}`,
  )
}
