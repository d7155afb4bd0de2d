import type { MessageQuery, PartStatistics, StoredMessage } from '../../node/ports.ts'

/** What the interface needs of the message store. */
export interface ResendStore {
  query(query: MessageQuery, signal?: AbortSignal): AsyncIterable<StoredMessage[]>
  /** See `MessageStore`. */
  frames?(query: MessageQuery, signal?: AbortSignal): Promise<AsyncIterable<Uint8Array> | undefined>
  statistics(): Promise<PartStatistics[]>
}
