import type { ErrorView } from '../../../shared/errors.ts'
import type { BucketFingerprint, MessageStore, StoredMessage } from '../ports.ts'
import type { BucketSum, CompleteBucket, OpenedSink, SinkMethods, WriteResult } from './sink-methods.ts'

/** What a sink asks of the messages: the same of every engine. */
export interface SinkStore extends Pick<MessageStore, 'query' | 'fingerprints' | 'statistics'> {
  /** Whether they can be read: a database may be away, and new ones wait in a spool where nobody sees them. */
  status(): { problem: ErrorView | null; spool: { awaySince: number | null } | null }
}

export type { BucketFingerprint, BucketSum, CompleteBucket, OpenedSink, StoredMessage, WriteResult }

/** The thread that writes; calls it had not answered are rejected when it ends. */
export interface SinkThread {
  call<Name extends keyof SinkMethods & string>(
    method: Name,
    args: Parameters<SinkMethods[Name]>,
    transfer?: ArrayBuffer[],
  ): Promise<Awaited<ReturnType<SinkMethods[Name]>>>
  close(): Promise<void>
}
