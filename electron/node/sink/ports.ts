import type { BucketFingerprint, MessageStore, StoredMessage } from '../ports.ts'
import type { BucketSum, CompleteBucket, OpenedSink, SinkMethods, WriteResult } from './sink-methods.ts'

/** What a sink asks of the messages: the same of every engine. */
export type SinkStore = Pick<MessageStore, 'query' | 'fingerprints' | 'statistics'>

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
