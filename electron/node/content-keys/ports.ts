import type { StreamPartId } from '../../../shared/message.ts'
import type { ContentKeyRecord, MessageQuery, OpenedMessage, StoredMessage } from '../ports.ts'

/** What opening content needs of the message store. */
export interface EncryptedStore {
  query(
    query: MessageQuery,
    signal?: AbortSignal,
  ): AsyncIterable<Pick<StoredMessage, 'id' | 'encrypted' | 'raw'>[]>
  contentKeys(): Promise<ContentKeyRecord[]>
  openContents(keys: readonly ContentKeyRecord[], opened: readonly OpenedMessage[]): Promise<unknown>
}

/** Where keys come from. */
export interface KeySource {
  /** Whether this node's identity may subscribe to the stream: publishers answer nobody else. */
  maySubscribe(streamId: string): Promise<boolean>
  /** Null when the publisher does not answer in time. */
  fetchGroupKey(part: StreamPartId, publisher: string, keyId: string): Promise<Uint8Array | null>
  /** Called with a stream id when the answer of `maySubscribe` may have changed. */
  onPermissionChange(listener: (streamId: string) => void): () => void
}
