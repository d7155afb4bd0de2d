import { type MessageId, type MessageRow, parseStreamPartId, streamPartId } from '../../shared/message.ts'
import type { MessageKey } from '../../shared/view-link.ts'

/** What the address keeps of a message that is open in the inspector. */
export function messageKeyOf({ id, digest }: Pick<MessageRow, 'id'> & { digest: string | null }): MessageKey {
  const { streamId, partition, timestamp, sequence, publisher, chain } = id
  return { part: streamPartId(streamId, partition), timestamp, sequence, publisher, chain, digest }
}

/** The node's name for a message that the address names. */
export function messageIdOf({ part, timestamp, sequence, publisher, chain }: MessageKey): MessageId {
  return { ...parseStreamPartId(part), timestamp, sequence, publisher, chain }
}
