import type { MessageId, MessageRef } from '../../../shared/message.ts'

/** Order within one message chain: timestamp, then sequence number. Negative when `a` comes first. */
export function compareMessageRefs(a: MessageRef, b: MessageRef): number {
  return a.timestamp - b.timestamp || a.sequence - b.sequence
}

/**
 * Order of messages within a stream part: timestamp, sequence number, publisher, chain. Texts are compared by
 * their UTF-8 bytes, as SQLite and every other engine's binary collation does.
 */
export function compareMessageIds(
  a: Omit<MessageId, 'streamId' | 'partition'>,
  b: Omit<MessageId, 'streamId' | 'partition'>,
): number {
  return compareMessageRefs(a, b) || compareUtf8(a.publisher, b.publisher) || compareUtf8(a.chain, b.chain)
}

/** Total order of messages of a stream part: equivocating contents of one id follow each other by digest. */
export function compareMessages(
  a: { id: MessageId; digest: Uint8Array },
  b: { id: MessageId; digest: Uint8Array },
): number {
  return compareMessageIds(a.id, b.id) || Buffer.compare(a.digest, b.digest)
}

/** Whether two ids name the same message of the same stream part. */
export function isSameMessageId(a: MessageId, b: MessageId): boolean {
  return a.partition === b.partition && a.streamId === b.streamId && compareMessageIds(a, b) === 0
}

function compareUtf8(a: string, b: string): number {
  return a === b ? 0 : Buffer.compare(Buffer.from(a), Buffer.from(b))
}
