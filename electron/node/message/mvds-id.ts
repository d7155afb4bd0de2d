import { createHash, hash } from 'node:crypto'
import type { StreamPartId } from '../../../shared/message.ts'

const MESSAGE_ID_TAG = Buffer.from('MESSAGE_ID')
const GROUP_ID_TAG = 'GROUP_ID'

/** The MVDS group of a stream part: SHA-256 of the text `GROUP_ID` followed by `streamId#partition` in UTF-8. */
export function groupIdOf(part: StreamPartId): Uint8Array {
  return hash('sha256', `${GROUP_ID_TAG}${part}`, 'buffer')
}

/** 2/MVDS: SHA-256 of `MESSAGE_ID`, group id, timestamp as 8 bytes little-endian, body. Metadata is not part of it. */
export function mvdsMessageId(message: {
  groupId: Uint8Array
  timestamp: bigint
  body: Uint8Array
}): Uint8Array {
  const timestamp = Buffer.alloc(8)
  timestamp.writeBigInt64LE(message.timestamp)
  return createHash('sha256')
    .update(MESSAGE_ID_TAG)
    .update(message.groupId)
    .update(timestamp)
    .update(message.body)
    .digest()
}
